// login.cpp - signs a user in once, finds her signed in the next time, and calls an API.
//
//   login [--password-fd N] [--sign-out] USER STORE [SITE APP CLIENT_ID [API_URL]]
//
// STORE is the file that keeps her signed in. What is not given is taken from the environment: ROPC_SITE, ROPC_APP,
// ROPC_CLIENT_ID, ROPC_API, and ROPC_CA, a PEM file with the only authorities to trust.

#include "ropc.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

// read_password(), read_file(). The last, for on Windows it has macros for read() and the like.
#include "../../examples-c/helper.h"

struct arguments {
    std::string user, store, site, app, client_id, api, ca;
    int password_fd = -1;
    bool sign_out = false;
};

static int length(std::string_view text) { return static_cast<int>(text.size()); }

static std::string variable(const char *name) {
    const char *value = std::getenv(name);
    return value == nullptr ? "" : value;
}

static bool understood(int count, char **words, arguments &given) {
    std::vector<std::string> rest;
    for (int i = 1; i < count; i++) {
        const std::string word = words[i];
        if (word == "--sign-out") given.sign_out = true;
        else if (word == "--password-fd" && i + 1 < count) given.password_fd = std::atoi(words[++i]);
        else if (word.rfind("--", 0) == 0) return false;
        else rest.push_back(word);
    }
    const auto take = [&rest](std::size_t at, const char *name) {
        return at < rest.size() ? rest[at] : variable(name);
    };
    given.user = take(0, "");
    given.store = take(1, "");
    given.site = take(2, "ROPC_SITE");
    given.app = take(3, "ROPC_APP");
    given.client_id = take(4, "ROPC_CLIENT_ID");
    given.api = take(5, "ROPC_API");
    given.ca = variable("ROPC_CA");
    return rest.size() >= 2 && rest.size() <= 6 && !given.client_id.empty();
}

static ropc::client client_for(const arguments &given) {
    auto options = ropc::options::loginradius(given.site, given.app, given.client_id).value();
    if (!given.ca.empty()) {
        std::vector<char> pem(ROPC_MAX_PEM);
        options.set_ca_pem({pem.data(), read_file(given.ca.c_str(), pem.data(), pem.size())});
    }
    return ropc::client::create(options).value();
}

// Her session: the one in the store, or a new one for her password. Another site is another record of the store.
static ropc::session session_for(const arguments &given, const ropc::client &client, const ropc::store &store) {
    const auto user_key = given.user + " at " + given.site;
    auto session = client.session_resume(store, user_key);
    if (session.status() == ropc::status::signed_out) {
        char password[ROPC_MAX_SECRET + 2];
        read_password(given.password_fd, password, sizeof password);
        session = client.session_login(given.user, password, store, user_key);
        ropc::wipe(password, sizeof password);
        if (session) std::puts("Signed in with the password.");
    } else if (session) {
        std::puts("Still signed in, without the password.");
    }
    return std::move(session).value();
}

// Who, and until when: a line for a screen.
static void show(const std::string &user, const ropc::session &session) {
    const auto info = session.status();
    if (info->state() == ropc::session_state::signed_out) {
        std::printf("%s is signed out.\n", user.c_str());
    } else if (const auto end = info->expires_at()) {
        char when[64] = "";
        const auto time = static_cast<std::time_t>(end->time_since_epoch().count());
        std::strftime(when, sizeof when, "%H:%M:%S", std::localtime(&time));
        std::printf("%s is signed in; the access token ends %s.\n", user.c_str(), when);
    } else {
        std::printf("%s is signed in.\n", user.c_str());
    }
}

static void run(const arguments &given) {
    const auto client = client_for(given);
    const auto store = ropc::store::file(given.store).value();
    const auto session = session_for(given, client, store);
    show(given.user, session);
    if (!given.api.empty()) {
        const auto answer = session.call("GET", given.api).value();
        std::printf("The API answers %d, %d bytes.\n", answer.http_status(), length(answer.body()));
    }
    if (given.sign_out) {
        const auto out = session.sign_out();
        // Here it is done in any case; the server may not have been told.
        if (!out) std::printf("%s\n", std::string(out.error().message()).c_str());
        show(given.user, session);
    }
}

int main(int count, char **words) {
    arguments given;
    if (!understood(count, words, given)) {
        std::fputs("usage: login [--password-fd N] [--sign-out] USER STORE [SITE APP CLIENT_ID [API_URL]]\n", stderr);
        return 2;
    }
    try {
        run(given);
        return 0;
    } catch (const ropc::failure &failure) {
        std::fprintf(stderr, "%s\n(%s)\n", failure.what(), std::string(ropc::name(failure.error().reason())).c_str());
        return 1;
    }
}
