// A native library for Godot 3 (GDNative), with entry points declared by hand: Godot 3's headers are in no package. It
// gives whole numbers only, for more would need them. sign_in.gd calls it, every frame.

#include "ropc.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace std::chrono_literals;

// A Variant of Godot 3 on a 64-bit system, holding an int.
struct variant {
    std::int64_t type = 2;
    std::int64_t value = 0;
    void *rest = nullptr;
};

static ropc::client client;
static ropc::session session;
static ropc::request<ropc::session> login;

static variant number(std::int64_t value) {
    variant made;
    made.value = value;
    return made;
}

static variant number(ropc::status status) { return number(static_cast<std::int64_t>(status)); }

static ropc::status begin(std::string_view user, std::string_view password) {
    auto prepared = client.request_session_login(user, password);
    if (!prepared) return prepared.status();
    login = *std::move(prepared);
    return login.start().status();
}

extern "C" {

void godot_gdnative_init(void *) {
    auto options = ropc::options::loginradius(std::getenv("STANDIN_HTTPS"), "demo", "demo-client");
    std::ifstream file(std::getenv("STANDIN_CA"), std::ios::binary);
    const std::string pem((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    options->set_ca_pem(pem);
    options->set_proxy("");
    client = *ropc::client::create(*options);
}

// Before Godot unloads this code: somebody signs in still.
void godot_gdnative_terminate(void *) {
    const auto running = login.poll();
    const auto left = ropc::shutdown(10s);
    const auto ended = login.poll();
    std::printf("terminated: %s, %u threads left, %s\n", ropc::name(running).data(), left, ropc::name(ended).data());
    std::fflush(stdout);
    login = {};
    session = {};
    client = {};
}

variant sign_in(void *) { return number(begin("ada", "correct horse")); }
variant sign_in_wrongly(void *) { return number(begin("ada", "wrong")); }
variant sign_in_for_ever(void *) { return number(begin("fault:never", "correct horse")); }

// The status of the sign-in; once it has ended, it is taken.
variant poll(void *) {
    const auto status = login.poll();
    if (status == ropc::status::pending) return number(status);
    auto ended = login.take();
    if (ended) session = *std::move(ended);
    return number(status);
}

variant token_length(void *) {
    const auto token = session.poll(30s);
    return number(token ? static_cast<std::int64_t>(token->access_token().size()) : 0);
}
}
