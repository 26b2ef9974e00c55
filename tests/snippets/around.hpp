// Around the parts of C++ programs that a page shows: what they take for granted.

#ifndef AROUND_HPP
#define AROUND_HPP

#include "around.h"

#include <chrono>
#include <iostream>
#include <ropc.hpp>
#include <string>
#include <string_view>

using namespace std::chrono_literals;

inline void show(std::string_view text) { std::cout << text << "\n"; }

#define AROUND_PARAMETERS                                                                                       \
    [[maybe_unused]] ropc::options &options, [[maybe_unused]] ropc::client &client,                              \
        [[maybe_unused]] ropc::result<ropc::tokens> &tokens, [[maybe_unused]] ropc::store &store,                \
        [[maybe_unused]] ropc::session &session, [[maybe_unused]] std::string &user,                            \
        [[maybe_unused]] std::string &password

inline void around(void (*part)(AROUND_PARAMETERS)) {
    const std::string site = std::getenv("SNIPPET_SITE");
    std::string user = std::getenv("SNIPPET_USER"), password = "correct horse";
    auto options = ropc::options::loginradius(site, "demo", "demo-client").value();
    options.set_endpoint(ropc::endpoint::identity, site);
    options.set_api_key("standin-api-key");
    options.add_api_origin(site);
    std::string pem(65536, '\0');
    std::FILE *file = std::fopen("company-ca.pem", "rb");
    pem.resize(std::fread(pem.data(), 1, pem.size(), file));
    std::fclose(file);
    options.set_ca_pem(pem);
    auto client = ropc::client::create(options).value();
    auto tokens = client.login(user, password);
    auto store = ropc::store::file("store").value();
    auto session = client.session_login("ada", password, store).value();
    around_begins();
    part(options, client, tokens, store, session, user, password);
}

#endif
