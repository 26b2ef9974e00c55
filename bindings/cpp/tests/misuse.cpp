// What must not be passed, and objects that hold nothing any more: status::arg every time, and nothing else happens.

#include "cases.hpp"

#include <cstring>
#include <new>
#include <type_traits>
#include <vector>

template <class... T>
constexpr bool only_move = ((!std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
                             std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
                             std::is_nothrow_default_constructible_v<T>)&&...);
static_assert(only_move<ropc::options, ropc::client, ropc::request<ropc::tokens>, ropc::session, ropc::store>);
static_assert(only_move<ropc::tokens, ropc::token, ropc::response, ropc::session_info, ropc::text, ropc::log_line>);
static_assert(only_move<ropc::error>);
static_assert(!std::is_copy_constructible_v<ropc::result<ropc::tokens>>);
// No pointer turns into an owner by accident, and nothing into a number.
static_assert(!std::is_convertible_v<ropc_client *, ropc::client> && !std::is_convertible_v<ropc::client, bool>);
static_assert(!std::is_convertible_v<int, ropc::status> && !std::is_convertible_v<ropc::reason, int>);

#define ARG(result) ENDED(result, arg, argument)
#define NO(got) CHECK((got) == ropc::status::arg)

static void use(ropc::options &none) {
    NO(none.set_app_kind(ropc::app_kind::oidc));
    NO(none.set_endpoint(ropc::endpoint::token, "https://localhost"));
    NO(none.set_issuer("https://localhost"));
    NO(none.set_secret("s", ropc::secret_method::post));
    NO(none.set_encoding(ropc::encoding::json));
    NO(none.set_scope("email"));
    NO(none.add_param("name", "value"));
    NO(none.set_response_type("token"));
    NO(none.set_timeouts(1s, 2s));
    NO(none.set_trust(ropc::trust::system));
    NO(none.set_ca_pem("pem"));
    NO(none.add_pin("localhost", "00"));
    NO(none.set_client_cert_pem("localhost", "cert", "key"));
    NO(none.set_proxy(""));
    NO(none.set_user_agent("me"));
    NO(none.set_api_key("key"));
    NO(none.add_api_origin("https://localhost"));
    NO(none.add_ended_error("1217"));
    NO(none.set_limit(ropc::limit::idle_ms, 1));
    NO(none.set_log(ropc::log_level::info, [](ropc::log_level, std::string_view) {}));
    ARG(none.discover("https://localhost", false));
    ARG(none.request_discover("https://localhost", false));
    ARG(ropc::client::create(none));
}

static void use(const ropc::client &none, const ropc::tokens &tokens, const ropc::store &store) {
    ARG(none.connect());
    ARG(none.request_connect());
    NO(none.cancel());
    ARG(none.proxy());
    CHECK(none.next_log().status() == ropc::status::arg);
    ARG(none.login("ada", password));
    ARG(none.request_login("ada", password));
    ARG(none.grant("password"));
    ARG(none.request_grant("password"));
    ARG(none.session_login("ada", password));
    ARG(none.session_login("ada", password, store));
    ARG(none.request_session_login("ada", password));
    ARG(none.request_session_login("ada", password, store));
    ARG(none.session_new(tokens, "ada"));
    ARG(none.session_new(tokens, store, "ada"));
    ARG(none.request_session_new(tokens, "ada"));
    ARG(none.request_session_new(tokens, store, "ada"));
    ARG(none.session_resume(store, "ada"));
    ARG(none.refresh("token"));
    ARG(none.request_refresh("token"));
    ARG(none.revoke("token"));
    ARG(none.request_revoke("token"));
    ARG(none.userinfo("token"));
    ARG(none.request_userinfo("token"));
    ARG(none.profile("token"));
    ARG(none.request_profile("token"));
    ARG(none.validate("token"));
    ARG(none.request_validate("token"));
    ARG(none.invalidate("token"));
    ARG(none.request_invalidate("token"));
    ARG(none.verify_id_token("token"));
    ARG(none.request_verify_id_token("token"));
}

static void use(const ropc::session &none) {
    ARG(none.token(0ms, 0ms));
    ARG(none.poll(0ms));
    ARG(none.refresh(false, 0ms));
    NO(none.expire("token"));
    ARG(none.pending());
    NO(none.saved(true));
    ARG(none.sign_out());
    ARG(none.request_sign_out());
    ARG(none.call("GET", "https://localhost"));
    ARG(none.request_call("GET", "https://localhost"));
    ARG(none.status());
}

template <class T>
static void use(const ropc::request<T> &none) {
    ARG(none.start());
    NO(none.poll());
    NO(none.wait(long_time));
    NO(none.cancel());
    ARG(none.take());
}

static void use(const ropc::tokens &none) {
    CHECK(none.access_token().empty() && none.token_type().empty());
    CHECK(!none.refresh_token() && !none.id_token() && !none.scope() && !none.expires_at() && !none.received_at());
    CHECK(!none.server_date_at() && !none.extra("name"));
    ARG(none.claims(ropc::token_kind::id));
}

static void use(const ropc::response &none) {
    CHECK(none.http_status() == 0 && none.body().empty() && !none.content_type() && !none.header("Date"));
}

static void use(const ropc::session_info &none) {
    CHECK(none.state() == ropc::session_state{} && !none.refreshing() && none.user_key().empty() && !none.scope());
    CHECK(!none.expires_at() && !none.received_at() && !none.last_message());
    CHECK(none.last_status() == ropc::status::ok && none.last_reason() == ropc::reason::none);
}

static void use(const ropc::error &none) {
    CHECK(!none.message().empty() && none.http_status() == 0 && none.provider_code() == 0 && !none.extra("name"));
    CHECK(none.stage() == ropc::stage::none && none.retry_after() == 0ms && !none.locked_until());
    CHECK(!none.server_date_at() && !none.request_sent() && !none.retryable() && !none.oauth_error());
    CHECK(!none.oauth_description() && !none.provider_message() && !none.provider_description());
}

CASE(empty_objects) {
    ropc::options options;
    use(options);
    const auto client = new_client();
    const auto tokens = client.login("ada", password);
    const auto store = ropc::store::host();
    use(ropc::client(), *tokens, *store);
    use(ropc::session());
    use(ropc::request<ropc::tokens>());
    use(ropc::request<ropc::session>());
    use(ropc::request<ropc::response>());
    use(ropc::request<ropc::options>());
    use(ropc::request<ropc::text>());
    use(ropc::request<void>());
    use(ropc::tokens());
    use(ropc::response());
    use(ropc::session_info());
    use(ropc::error());
    CHECK(ropc::token().access_token().empty() && !ropc::token().expires_at());
    CHECK(ropc::text().view().empty() && !*ropc::text().c_str());
    ARG(ropc::store().give("ada", "record"));
}

CASE(moved_from_objects) {
    auto options = options_for();
    const auto client = client_of(options);
    auto moved_client = client_of(options);
    const auto kept = std::move(moved_client);
    const auto moved_options = std::move(options);
    use(options);
    auto tokens = client.login("ada", password);
    auto store = ropc::store::host();
    use(moved_client, *tokens, *store);
    auto session = client.session_login("ada", password);
    const auto moved_session = *std::move(session);
    use(*session);
    auto request = client.request_login("ada", password);
    const auto moved_request = *std::move(request);
    use(*request);
    const auto moved_tokens = *std::move(tokens);
    use(*tokens);
    auto wrong = client.login("ada", "wrong").error();
    const auto moved_wrong = std::move(wrong);
    use(wrong);
    CHECK(wrong.status() == ropc::status::refused);
    OK(kept.login("ada", password));
}

// To ropc.h NULL means no store; here it would be a user who is forgotten at the end of the program.
CASE(a_store_that_was_moved_from_is_not_none) {
    const auto client = new_client();
    const auto tokens = client.login("ada", password);
    const ropc::store none;
    const auto session = client.session_login("ada", password, none);
    ARG(session);
    CHECK(holds(session.error().message(), "empty"));
    ARG(client.request_session_login("ada", password, none));
    ARG(client.session_new(*tokens, none, "ada"));
    ARG(client.request_session_new(*tokens, none, "ada"));
    ARG(client.session_resume(none, "ada"));
    ARG(client.session_new(ropc::tokens(), "ada"));
}

static const std::string_view with_nul("good\0bad", 8);

// Texts that are refused: with a NUL inside, empty, not UTF-8, far too long.
static std::vector<std::string> bad_texts() {
    return {std::string(with_nul), std::string(1, '\0'), "", "\xff", "good\xc3", std::string(1 << 20, 'x')};
}

CASE(bad_texts_are_refused) {
    const auto client = new_client();
    const auto tokens = client.login("ada", password);
    const auto session = client.session_new(*tokens, "ada");
    const auto host = ropc::store::host();
    ask_standin("requests");
    for (const std::string &bad : bad_texts()) {
        ARG(ropc::options::loginradius(bad, "demo", "id"));
        ARG(ropc::options::loginradius("localhost", bad, "id"));
        ARG(ropc::options::loginradius("localhost", "demo", bad));
        ARG(ropc::options::oauth2(bad, "id"));
        ARG(client.login(bad, std::string(1 << 20, 'x')));
        ARG(client.grant(bad));
        ARG(client.grant("password", {{bad, "value"}}));
        if (!bad.empty()) ARG(client.grant("password", {{"name", bad}}));
        ARG(client.refresh(bad));
        ARG(client.revoke(bad));
        ARG(client.userinfo(bad));
        ARG(client.profile(bad));
        ARG(client.profile("token", bad));
        ARG(client.validate(bad));
        ARG(client.invalidate(bad));
        ARG(client.verify_id_token(bad));
        ARG(client.session_login("ada", password, bad));
        ARG(client.session_new(*tokens, bad));
        ARG(client.session_resume(*host, bad));
        ARG(ropc::store::file(bad));
        ARG(host->give(bad, "record"));
        ARG(host->give("ada", bad));
        ARG(session->call(bad, at_standin("/api/echo")));
        ARG(session->call("GET", bad));
        ARG(session->call("GET", at_standin("/api/echo"), {{bad, "value"}}));
        if (!bad.empty()) ARG(session->call("GET", at_standin("/api/echo"), {{"X-One", bad}}));
        CHECK(!tokens->extra(bad));
        if (bad.size() < 100 && !bad.empty()) CHECK(session->expire(bad) == ropc::status::arg);
    }
    ARG(client.login({}, password));
    ARG(client.login("ada", {}));
    ARG(client.request_session_login({}, {}));
    CHECK(!holds(ask_standin("requests"), "\"target\""));
    // Nothing at all for a body is an empty one.
    OK(session->call("POST", at_standin("/api/echo"), {}, std::string_view()));
    // Whose beginning is a name that is there.
    const auto response = session->call("GET", at_standin("/api/echo"));
    CHECK(response->header("Content-Type") && !response->header(std::string_view("Content-Type\0x", 14)));
    const auto factor = client.login("mfa-native", password);
    CHECK(!factor.error().extra(std::string_view("SecondFactorAuthentication\0x", 28)));
}

CASE(a_setter_that_refused_is_remembered) {
    auto options = options_for();
    CHECK(options.set_response_type(with_nul) == ropc::status::arg);
    const auto client = ropc::client::create(options);
    ARG(client);
    CHECK(holds(client.error().message(), "ropc_options_set_response_type"));
    auto others = options_for();
    CHECK(others.set_scope(with_nul) == ropc::status::arg && others.set_api_key(with_nul) == ropc::status::arg);
    ARG(ropc::client::create(others));
}

CASE(times_out_of_range) {
    auto options = options_for();
    CHECK(options.set_timeouts(-1s, 1s) == ropc::status::arg);
    options = options_for();
    CHECK(options.set_timeouts(1s, std::chrono::hours(24 * 365)) == ropc::status::arg);
    const auto client = new_client();
    const auto request = client.request_login("fault:delay_300", password);
    OK(request->start());
    // A negative one is not taken for a long one, nor one that is too long for a short one.
    CHECK(request->wait(-1ms) == ropc::status::pending);
    CHECK(request->wait(std::chrono::milliseconds(std::int64_t{1} << 32)) == ropc::status::ok);
    CHECK(request->wait(std::chrono::milliseconds::min()) == ropc::status::ok);
    CHECK(request->wait(std::chrono::milliseconds::max()) == ropc::status::ok);
}

template <class R, class P>
constexpr std::uint32_t ms(std::chrono::duration<R, P> from) {
    return ropc::duration(from).ms();
}

// "For ever" in any unit; UBSan sees what overflows on the way.
CASE(times_of_any_unit) {
    using std::chrono::duration, std::chrono::hours, std::chrono::milliseconds, std::chrono::seconds;
    static_assert(ms(seconds::max()) == UINT32_MAX && ms(seconds::min()) == 0 && ms(0s) == 0 && ms(-1h) == 0);
    static_assert(ms(hours::max()) == UINT32_MAX && ms(hours::min()) == 0 && ms(2h) == 7200000 && ms(7ms) == 7);
    static_assert(ms(milliseconds(UINT32_MAX)) == UINT32_MAX && ms(milliseconds(UINT32_MAX - 1)) == UINT32_MAX - 1);
    static_assert(ms(4294967s) == 4294967000 && ms(4294968s) == UINT32_MAX);
    static_assert(ms(duration<std::int8_t>(100)) == 100000 && ms(duration<std::uint64_t>(UINT64_MAX)) == UINT32_MAX);
    static_assert(!std::is_constructible_v<ropc::duration, int> &&
                  !std::is_constructible_v<ropc::duration, duration<double>>);
    const auto client = new_client();
    const auto session = client.session_login("ada", password);
    CHECK(session->poll(0ms).status() == ropc::status::ok);
    OK(session->token(0s, seconds::max()));
    ask_standin("refresh fault:delay_300");
    OK(session->refresh(true, hours::max()));
    ask_standin("refresh");
    const auto request = client.request_login("fault:delay_300", password);
    OK(request->start());
    CHECK(request->wait(seconds::max()) == ropc::status::ok);
    CHECK(options_for().set_timeouts(1s, seconds::max()) == ropc::status::arg);
}

CASE(wrong_order) {
    const auto client = new_client();
    const auto session = client.session_login("ada", password);
    CHECK(session->saved(true) == ropc::status::state);
    CHECK(session->expire("unknown") == ropc::status::ok);
    auto request = client.request_login("ada", password);
    CHECK(request->cancel() == ropc::status::ok);
    ENDED(request->start(), state, state);
}

CASE(every_order_of_freeing) {
    for (int order = 0; order < 24; order++) {
        auto options = options_for();
        auto client = client_of(options);
        auto store = *ropc::store::file(in_folder("orders"));
        auto session = *client.session_login("ada", password, store);
        auto request = *client.request_login("ada", password);
        OK(request.start());
        int left[] = {0, 1, 2, 3};
        for (int count = 4, code = order; count > 0; code /= count, --count) {
            const int at = code % count, one = left[at];
            std::memmove(left + at, left + at + 1, sizeof(int) * static_cast<std::size_t>(count - at - 1));
            if (one == 0) client = ropc::client();
            if (one == 1) store = ropc::store();
            if (one == 2) session = ropc::session();
            if (one == 3) request = ropc::request<ropc::tokens>();
        }
    }
}
