// Signing in: blocking and as a request, each way to be refused, and what may follow call by call.

#include "cases.hpp"

CASE(success) {
    const auto client = new_client();
    const auto tokens = client.login("ada", password);
    OK(tokens);
    CHECK(tokens->access_token().size() > 20);
    CHECK(tokens->token_type() == "Bearer");
    CHECK(tokens->refresh_token().has_value() && tokens->id_token().has_value());
    CHECK(tokens->expires_at().has_value() && tokens->received_at().has_value());
    CHECK(*tokens->expires_at() - *tokens->received_at() == 900s);
    const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    CHECK(now - *tokens->received_at() < 60s && *tokens->received_at() - now < 60s);
    const auto by_server = tokens->server_date_at();
    CHECK(by_server && now - *by_server < 60s && *by_server - now < 60s);
    tokens->get()->server_date_at = 0;  // As of a server that sends no Date.
    CHECK(!tokens->server_date_at() && tokens->received_at());
    CHECK(!tokens->extra("no_such_member"));
    const auto claims = tokens->claims(ropc::token_kind::id);
    OK(claims);
    CHECK(holds(claims->view(), "\"sub\""));
}

CASE(wrong_password) {
    const auto tokens = new_client().login("ada", "wrong");
    ENDED(tokens, refused, wrong_credentials);
    CHECK(!tokens && !*tokens && tokens->access_token().empty());
    const auto &error = tokens.error();
    CHECK(error.stage() == ropc::stage::answer);
    CHECK(error.http_status() == 401 && error.provider_code() == 966);
    CHECK(error.request_sent() && !error.retryable());
    CHECK(!error.locked_until() && error.retry_after() == 0ms && error.server_date_at());
    CHECK(error.provider_message() && error.provider_description() && !error.oauth_error());
    CHECK(!error.message().empty() && !holds(error.message(), "wrong\""));
    CHECK(!ropc::advice(error.reason()).empty());
    CHECK(ropc::name(error.reason()) == "ROPC_REASON_WRONG_CREDENTIALS");
}

CASE(locked_until) {
    const auto tokens = new_client().login("locked", password);
    ENDED(tokens, refused, locked);
    const auto until = tokens.error().locked_until();
    const auto by_server = tokens.error().server_date_at();
    CHECK(until && by_server && *until - *by_server > 500s && *until - *by_server < 700s);
}

CASE(second_factor) {
    const auto tokens = new_client().login("mfa-native", password);
    ENDED(tokens, refused, second_factor);
    const auto token = tokens.error().extra("SecondFactorAuthentication");
    CHECK(token && holds(*token, "SecondFactorAuthenticationToken"));
    CHECK(!tokens.error().extra("NoSuchMember"));
    CHECK(!holds(tokens.error().message(), "SecondFactorAuthenticationToken"));
}

CASE(rate_limited) {
    const auto tokens = new_client().login("ratelimited", password);
    ENDED(tokens, rate_limited, rate_limited);
    CHECK(tokens.error().retry_after() == 7s && tokens.error().retryable());
}

CASE(oauth_error) {
    const auto tokens = new_client().login("oauth-denied", password);
    ENDED(tokens, refused, wrong_credentials);
    CHECK(tokens.error().oauth_error() == "invalid_grant" && tokens.error().oauth_description());
}

CASE(expiries_none_far_and_over) {
    const auto client = new_client();
    const auto without = client.login("variant:no_expiry", password);
    OK(without);
    CHECK(!without->expires_at());
    const auto huge = client.login("variant:expires_huge", password);
    OK(huge);
    CHECK(huge->expires_at() && huge->expires_at()->time_since_epoch().count() == 253402300799);
    const auto over = client.login("variant:expires_negative", password);
    OK(over);
    CHECK(over->expires_at() && over->expires_at() == over->received_at());
}

CASE(request_polled_and_waited_for) {
    const auto client = new_client();
    const auto request = client.request_login("ada", password);
    OK(request);
    CHECK(request->poll() == ropc::status::state);
    ENDED(request->take(), state, state);
    OK(request->start());
    ENDED(request->start(), state, state);
    const auto until = std::chrono::steady_clock::now() + long_time;
    while (request->poll() == ropc::status::pending && std::chrono::steady_clock::now() < until) {
    }
    CHECK(request->wait(0ms) == ropc::status::ok);
    const auto tokens = request->take();
    OK(tokens);
    CHECK(!tokens->access_token().empty());
    ENDED(request->take(), state, state);

    const auto refused = client.request_login("ada", "wrong");
    OK(refused->start());
    CHECK(refused->wait(long_time) == ropc::status::refused);
    ENDED(refused->take(), refused, wrong_credentials);
}

CASE(cancel) {
    const auto client = new_client();
    auto request = client.request_login("fault:never", password);
    OK(request->start());
    CHECK(request->wait(50ms) == ropc::status::pending);
    const auto early = request->take();
    CHECK(!early && early.status() == ropc::status::pending);
    CHECK(early.error().reason() == ropc::reason::none && early.error().message() == "ROPC_PENDING");
    CHECK(request->cancel() == ropc::status::ok);
    CHECK(request->wait(long_time) == ropc::status::cancelled);
    ENDED(request->take(), cancelled, cancelled);

    request = client.request_login("fault:never", password);
    OK(request->start());
    CHECK(client.cancel() == ropc::status::ok);
    CHECK(request->wait(long_time) == ropc::status::cancelled);

    // Freed while it runs; and one that was never started.
    request = client.request_login("fault:never", password);
    OK(request->start());
    *request = ropc::request<ropc::tokens>();
    OK(client.request_login("ada", password));
}

CASE(shutdown_in_flight) {
    const auto client = new_client();
    const auto request = client.request_login("fault:never", password);
    OK(request->start());
    CHECK(ropc::shutdown(long_time) == 0);
    CHECK(no_threads());
    ENDED(request->take(), cancelled, cancelled);
    OK(client.login("ada", password));
}

CASE(grants) {
    const auto client = new_client();
    ENDED(client.login("captcha", password), refused, captcha);
    const ropc::fields answer = {{"username", "captcha"}, {"password", password}, {"g-recaptcha-response", "human"}};
    OK(client.grant("password", answer));
    OK(client.grant("password", {{"username", "ada"}, {"password", password}}));
    const auto request = client.request_grant("password", answer);
    OK(request->start());
    CHECK(request->wait(long_time) == ropc::status::ok);
    OK(request->take());
}

CASE(passwords_of_any_length_and_letters) {
    const auto client = new_client();
    OK(client.login("b\xc3\xb8" "b", "p&s=w+r%d \xc3\xa9\xe2\x82\xac\"\\"));
    // A part of a longer text: no NUL stands behind it.
    const std::string longer = std::string(password) + "s of the king";
    OK(client.login("ada", std::string_view(longer).substr(0, password.size())));
    ENDED(client.login("ada", std::string_view("correct\0horse", 13)), refused, wrong_credentials);
    ENDED(client.login("ada", std::string(65536, 'p')), refused, wrong_credentials);
    ENDED(client.login("ada", std::string(65537, 'p')), arg, argument);
}

// Starts a request, waits for its end, and takes it.
template <class T>
static ropc::result<T> run(ropc::result<ropc::request<T>> request) {
    if (!request) return std::move(request).error();
    if (auto started = request->start(); !started) return std::move(started).error();
    CHECK(request->wait(long_time) != ropc::status::pending);
    return request->take();
}

CASE(refresh_and_revoke) {
    const auto client = new_client();
    auto tokens = client.login("ada", password);
    auto newer = client.refresh(*tokens->refresh_token());
    OK(newer);
    CHECK(newer->access_token() != tokens->access_token());
    ENDED(client.refresh(*tokens->refresh_token()), refused, grant_refused);

    tokens = client.login("ada", password);
    OK(newer = run(client.request_refresh(*tokens->refresh_token())));
    OK(client.revoke(*newer->refresh_token(), ropc::token_hint::refresh));
    ENDED(run(client.request_refresh(*newer->refresh_token())), refused, grant_refused);
    OK(run(client.request_revoke("unknown")));
}

CASE(who_it_is) {
    const auto client = new_client();
    const auto tokens = client.login("ada", password);
    const auto access = tokens->access_token();
    for (const bool beside : {false, true}) {
        const auto user = beside ? run(client.request_userinfo(access)) : client.userinfo(access);
        OK(user);
        CHECK(holds(user->view(), "\"sub\"") && std::string_view(user->c_str()) == user->view());
        const auto profile = beside ? run(client.request_profile(access)) : client.profile(access);
        OK(profile);
        CHECK(holds(*profile, "\"Provider\""));
        const auto part = beside ? run(client.request_profile(access, "Uid,FirstName"))
                                 : client.profile(access, "Uid,FirstName");
        OK(part);
        CHECK(holds(*part, "\"FirstName\":\"ada\"") && !holds(*part, "Provider"));
        const auto valid = beside ? run(client.request_validate(access)) : client.validate(access);
        OK(valid);
        CHECK(valid->access_token() == access && !valid->refresh_token());
    }
    OK(client.invalidate(access));
    ENDED(run(client.request_invalidate(access)), refused, token_refused);
    ENDED(client.validate(access), refused, token_refused);
}

CASE(discovery_and_id_tokens) {
    auto options = ropc::options::oauth2(std::nullopt, "demo-client");
    OK(options);
    trust_standin(*options);
    CHECK(options->set_scope("openid") == ropc::status::ok);
    ENDED(ropc::client::create(*options), arg, argument);
    ENDED(options->discover(at_standin("/other-host"), false), answer, other_host);
    OK(options->discover(at_standin("/other-host"), true));
    OK(options->discover(at_standin("/tenant/a"), false));
    const auto found = run(options->request_discover(at_standin("/tenant/a"), false));
    OK(found);
    const auto client = client_of(*found);
    const auto tokens = client.login("ada", password);
    OK(tokens);
    const auto id = tokens->id_token().value_or("");
    const auto proven = client.verify_id_token(id, tokens->access_token());
    OK(proven);
    CHECK(holds(*proven, "/tenant/a\""));
    OK(run(client.request_verify_id_token(id)));
    ENDED(client.verify_id_token(id, std::nullopt, "mine"), id_token, id_token_nonce);
    ENDED(client.verify_id_token(id, "other"), id_token, id_token_access);
}

CASE(connected_ahead) {
    const auto client = new_client();
    OK(run(client.request_connect()));
    OK(client.connect());
    OK(client.login("ada", password));
}

CASE(which_proxy) {
    auto options = options_for();
    const auto direct = client_of(options).proxy();
    OK(direct);
    CHECK(!*direct && direct->view().empty());
    CHECK(options.set_proxy("http://user:hidden@proxy.example:3128") == ropc::status::ok);
    const auto through = client_of(options).proxy();
    OK(through);
    CHECK(through->view() == "proxy.example:3128");
}

CASE(log_by_pull) {
    auto options = options_for();
    CHECK(options.set_log(ropc::log_level::info) == ropc::status::ok);
    const auto client = client_of(options);
    CHECK(!*client.next_log());
    OK(client.login("ada", password));
    int lines = 0;
    while (const auto line = *client.next_log()) {
        CHECK(!line.view().empty() && !holds(line, password));
        CHECK(line.level() == ropc::log_level::info);
        lines++;
    }
    CHECK(lines > 0);
}

CASE(of_the_library) {
    CHECK(ropc::abi_check() == ropc::status::ok);
    CHECK(!ropc::version().empty());
    CHECK(ropc::name(ropc::status::timeout) == "ROPC_E_TIMEOUT");
    CHECK(ropc::name(static_cast<ropc::status>(4711)) == "ROPC_UNKNOWN_STATUS");
    CHECK(ropc::advice(ropc::reason::none).empty());
    CHECK(ropc::set_workers(0) == ropc::status::arg);
    CHECK(ropc::set_workers(8) == ropc::status::ok);
}
