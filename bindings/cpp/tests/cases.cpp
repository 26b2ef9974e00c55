// The other half of every program here. It includes ropc.hpp a second time, so that each is made of two files that do.

#include "cases.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include <dirent.h>
#include <unistd.h>

namespace {

struct one_case {
    const char *name;
    void (*function)();
};

// In a function: cases are listed before the variables of this file exist.
std::vector<one_case> &listed() {
    static std::vector<one_case> all;
    return all;
}

std::mutex lock;
std::string why;

void fail(const std::string &text) {
    const std::lock_guard<std::mutex> held(lock);
    why += (why.empty() ? "" : "; ") + text;
}

std::string place(const char *file, int line) {
    const std::string path = file;
    return path.substr(path.rfind('/') + 1) + ":" + std::to_string(line) + ": ";
}

}  // namespace

bool list(const char *name, void (*function)()) {
    listed().push_back({name, function});
    return true;
}

bool check(bool holds, const char *what, const char *file, int line) {
    if (!holds) fail(place(file, line) + what + " does not hold");
    return holds;
}

bool ended(const ropc::error &error, ropc::status status, ropc::reason reason, const char *what, const char *file,
           int line) {
    const bool so = error.status() == status && error.reason() == reason;
    if (!so) {
        fail(place(file, line) + what + " ended " + std::string(ropc::name(error.status())) + ", " +
             std::string(ropc::name(error.reason())) + " (" + std::string(error.message()) + "), wanted " +
             std::string(ropc::name(status)) + ", " + std::string(ropc::name(reason)));
    }
    return so;
}

std::string where(const char *name) {
    const char *value = std::getenv(name);
    if (value == nullptr) {
        std::printf("FAIL start: %s is not set: start this program with bindings/cpp/tests/run.py\n", name);
        std::exit(2);
    }
    return value;
}

std::string at_standin(std::string_view path) { return where("STANDIN_HTTPS").append(path); }

std::string in_folder(std::string_view name) {
    return where("STANDIN_FOLDER") + "/" + where("ROPC_WAY") + "-" + std::string(name);
}

std::string ask_standin(std::string_view command) {
    const int line = std::atoi(where("STANDIN_LINE").c_str());
    const std::string asked = std::string(command) + "\n";
    std::string answer;
    char letter = '\0';
    CHECK(write(line, asked.data(), asked.size()) == static_cast<ssize_t>(asked.size()));
    while (read(line, &letter, 1) == 1 && letter != '\n') answer += letter;
    CHECK(letter == '\n' && !holds(answer, "{\"error\""));
    return answer;
}

long granted(std::string_view what) {
    const std::string counts = ask_standin("counts"), name = "\"" + std::string(what) + "\": ";
    const auto place = counts.find(name);
    return CHECK(place != counts.npos) ? std::atol(counts.c_str() + place + name.size()) : -1;
}

void trust_standin(ropc::options &options) {
    std::ostringstream pem;
    pem << std::ifstream(where("STANDIN_CA"), std::ios::binary).rdbuf();
    CHECK(options.set_ca_pem(pem.str()) == ropc::status::ok);
    CHECK(options.set_proxy("") == ropc::status::ok);
}

ropc::options options_for(std::string_view app) {
    auto options = ropc::options::loginradius(where("STANDIN_HTTPS"), app, "demo-client");
    OK(options);
    trust_standin(*options);
    CHECK(options->set_app_kind(ropc::app_kind::oidc) == ropc::status::ok);
    CHECK(options->set_endpoint(ropc::endpoint::identity, at_standin("")) == ropc::status::ok);
    CHECK(options->set_api_key("standin-api-key") == ropc::status::ok);
    return *std::move(options);
}

ropc::client client_of(const ropc::options &options) {
    auto client = ropc::client::create(options);
    if (!OK(client)) {
        std::printf("FAIL start: %s\n", why.c_str());
        std::exit(1);
    }
    return *std::move(client);
}

static int threads() {
    DIR *folder = opendir("/proc/self/task");
    int count = 0;
    while (const dirent *entry = readdir(folder)) {
        std::string name;
        std::getline(std::ifstream(std::string("/proc/self/task/") + entry->d_name + "/comm"), name);
        count += name.rfind("ropc-", 0) == 0;
    }
    closedir(folder);
    return count;
}

bool no_threads() {
    const auto end = std::chrono::steady_clock::now() + long_time;
    while (threads() != 0) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

// All cases, or the one that is named: then the end of this process is what is tested.
int main(int count, char **arguments) {
    int failed = 0;
    for (const one_case &one : listed()) {
        if (count > 1 && std::string_view(arguments[1]) != one.name) continue;
        why.clear();
        one.function();
        std::printf(why.empty() ? "ok   %s\n" : "FAIL %s: %s\n", one.name, why.c_str());
        std::fflush(stdout);
        failed += !why.empty();
    }
    // What a checker sees at the end must not depend on how far a thread of the library had come.
    if (count == 1 && ropc::shutdown(long_time) != 0) {
        std::puts("FAIL end: threads of the library are left");
        failed++;
    }
    return failed == 0 ? 0 : 1;
}
