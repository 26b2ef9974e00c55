/* A host that knows nothing of the library loads a plug-in that is linked with
 * it, and unloads it, twenty times: nothing is left behind. */

#include "footprint.h"

#include <dlfcn.h>

static int (*plugin_run)(void);

static void *run(void *argument)
{
    CHECK_NUMBER(plugin_run(), 0);
    return argument;
}

static void round_trip(int on_a_thread)
{
    void *plugin = dlopen(where("ROPC_PLUGIN"), RTLD_NOW | RTLD_LOCAL), *symbol;
    pthread_t thread;
    if (plugin == NULL) {
        check_fail(__FILE__, __LINE__, "dlopen", dlerror());
        exit(1);
    }
    symbol = dlsym(plugin, "plugin_run");
    if (!CHECK(symbol != NULL)) {
        exit(1);
    }
    memcpy(&plugin_run, &symbol, sizeof plugin_run);
    if (on_a_thread) {
        CHECK_NUMBER(pthread_create(&thread, NULL, run, NULL), 0);
        pthread_join(thread, NULL);
    } else {
        run(NULL);
    }
    CHECK_NUMBER(dlclose(plugin), 0);
    NO_THREADS_LEFT();
    if (on_a_thread || !way_is("static")) {
        /* It is gone, code and all. With the library in it, the thread that
         * used it must have ended first: its thread-locals are there. */
        CHECK(dlopen(where("ROPC_PLUGIN"), RTLD_NOW | RTLD_NOLOAD) == NULL);
    }
}

int main(void)
{
    struct footprint before = {0, 0};
    int descriptors_before = descriptors();
    for (int i = 1; i <= 20; i++) {
        check_about("on threads that end");
        round_trip(1);
        if (i == 5) {
            before = footprint_now();
        }
    }
    check_about("round 5 and round 20");
    /* With the library in it, what the library keeps for the process goes with
     * the plug-in, and is made again. */
    footprint_same(before, way_is("static") ? 15 * 2048 : 4096, 1024);
    check_about("on the main thread");
    for (int i = 0; i < 5; i++) {
        round_trip(0);
    }
    CHECK_NUMBER(descriptors(), descriptors_before);
    return checks_failed();
}
