// Runs the extension as Godot would, frame by frame, against the stand-in for LoginRadius.

#include "../godot/ropc_user.cpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

static int failures = 0;

static void want(bool holds, const char *what) {
    if (!holds) std::printf("does not hold: %s\n", what);
    failures += !holds;
}

#define WANT(condition) want((condition), #condition)

// Frames, until the next signal; its name and arguments.
static std::vector<std::string> next_signal(RopcUser &node) {
    while (node.emitted.empty()) node._process(0.016);
    const auto first = node.emitted.front();
    node.emitted.erase(node.emitted.begin());
    return first;
}

// Has the stand-in end every refresh token, as an administrator does who ends a session.
static void kill_refresh() {
    const int line = std::atoi(std::getenv("STANDIN_LINE"));
    char letter = '\0';
    WANT(write(line, "kill_refresh\n", 13) == 13);
    while (letter != '\n' && read(line, &letter, 1) == 1) continue;
}

// At a stand-in whose tokens live for 20 s only, so that each wants another one.
static void ended(const char *site) {
    RopcUser node;
    node.open(site, "demo", "demo-client", "ada");
    node.sign_in("ada", "correct horse");
    WANT(next_signal(node) == std::vector<std::string>{"signed_in"});
    kill_refresh();
    while (node.emitted.empty()) WANT(node.access_token().seen().empty());
    WANT(next_signal(node)[1] == "ROPC_REASON_REFRESH_ENDED");
    WANT(node.access_token().seen().empty() && node.emitted.empty());
}

int main(int count, char **) {
    const char *site = std::getenv("STANDIN_HTTP");
    GDExtensionInitialization initialization = {};
    WANT(ropc_godot_begin(nullptr, nullptr, &initialization) == 1);
    WANT(initialization.minimum_initialization_level == GDEXTENSION_INITIALIZATION_SCENE);
    GDExtensionBinding::initializer(MODULE_INITIALIZATION_LEVEL_CORE);
    WANT(ClassDB::bound == 0);
    GDExtensionBinding::initializer(MODULE_INITIALIZATION_LEVEL_SCENE);
    WANT(ClassDB::bound == 3);
    if (count > 1) {
        ended(site);
        return failures == 0 ? 0 : 1;
    }
    {
        RopcUser node;
        WANT(!node.open("not a site", "demo", "demo-client", "ada"));
        WANT(next_signal(node)[1] == "ROPC_REASON_ARGUMENT");
        WANT(!node.open(site, "demo", "demo-client", "ada") && node.emitted.empty());
        WANT(node.access_token().seen().empty());
        node.sign_in("ada", "wrong");
        const auto wrong = next_signal(node);
        WANT(wrong.size() == 3 && wrong[0] == "failed" && wrong[1] == "ROPC_REASON_WRONG_CREDENTIALS");
        node.sign_in("ada", "correct horse");
        WANT(next_signal(node) == std::vector<std::string>{"signed_in"});
        WANT(!node.access_token().seen().empty());
    }
    // The next start of the game; then it ends while somebody signs in.
    RopcUser node;
    WANT(node.open(site, "demo", "demo-client", "ada"));
    WANT(!node.access_token().seen().empty());
    node.sign_in("fault:never", "correct horse");
    GDExtensionBinding::terminator(MODULE_INITIALIZATION_LEVEL_SCENE);
    WANT(ropc::shutdown(0ms) == 0);
    WANT(next_signal(node)[1] == "ROPC_REASON_CANCELLED");
    return failures == 0 ? 0 : 1;
}
