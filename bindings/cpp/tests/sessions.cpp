// A user who stays signed in: refreshes, restarts, stores, API calls, sign-outs.

#include "cases.hpp"

#include <map>
#include <thread>
#include <vector>

static ropc::result<ropc::response> get(const ropc::session &session, std::string_view path) {
    return session.call("GET", at_standin(path));
}

// As when an API said 401: the token is worth nothing, at the server and in the session.
static void expire(const ropc::session &session) {
    const auto token = session.token(0ms, long_time);
    OK(token);
    ask_standin("expire_access");
    CHECK(session.expire(token->access_token()) == ropc::status::ok);
}

static std::string token_of(const ropc::session &session) {
    const auto token = session.token(1s, long_time);
    OK(token);
    return std::string(token->access_token());
}

CASE(session_with_refresh) {
    const auto client = new_client();
    const auto session = client.session_login("ada", password);
    OK(session);
    const auto first = session->token(30s, long_time);
    OK(first);
    CHECK(first->expires_at() && !first->access_token().empty());
    const long refreshed = granted("refreshed");
    expire(*session);
    CHECK(token_of(*session) != first->access_token());
    CHECK(granted("refreshed") == refreshed + 1);
    OK(session->refresh(false, long_time));
    CHECK(granted("refreshed") == refreshed + 2);
    const auto begun = session->refresh(false, 0ms);
    CHECK(begun.status() == ropc::status::pending);
    auto polled = session->poll(0ms);
    while (polled.status() == ropc::status::pending) polled = session->poll(0ms);
    OK(polled);
    const auto info = session->status();
    OK(info);
    CHECK(info->state() == ropc::session_state::signed_in && info->user_key() == "ada");
    CHECK(info->expires_at() && info->received_at() && !info->last_message());
    CHECK(info->last_status() == ropc::status::ok && info->last_reason() == ropc::reason::none);
}

CASE(many_threads_one_refresh) {
    const auto client = new_client();
    const auto session = client.session_login("ada", password);
    expire(*session);
    const long refreshed = granted("refreshed");
    std::vector<std::string> got(8);
    std::vector<std::thread> all;
    for (auto &one : got) all.emplace_back([&session, &one] { one = token_of(*session); });
    for (auto &one : all) one.join();
    for (const auto &one : got) CHECK(!one.empty() && one == got[0]);
    CHECK(granted("refreshed") == refreshed + 1);
}

CASE(restart_with_a_file) {
    const auto client = new_client();
    const auto path = in_folder("restart");
    std::string before;
    {
        const auto store = ropc::store::file(path);
        OK(store);
        ENDED(client.session_resume(*store, "ada"), signed_out, nothing_stored);
        const auto session = client.session_login("ada", password, *store);
        OK(session);
        before = token_of(*session);
    }
    const auto store = ropc::store::file(path);
    const auto session = client.session_resume(*store, "ada");
    OK(session);
    CHECK(token_of(*session) == before);
    expire(*session);
    CHECK(token_of(*session) != before);
    ENDED(store->give("ada", "record"), unsupported, unsupported);
}

CASE(own_store_by_pull) {
    const auto client = new_client();
    auto store = ropc::store::host();
    OK(store);
    auto session = client.session_login("ada", password, *store, "the user");
    OK(session);
    CHECK(session->poll(0ms).status() == ropc::status::save_first);
    ENDED(session->token(0ms, long_time), save_first, none);
    CHECK(session->saved(true) == ropc::status::state);
    auto record = session->pending();
    OK(record);
    CHECK(*record && session->saved(false) == ropc::status::ok);
    CHECK(session->status()->last_reason() == ropc::reason::save_failed);
    record = session->pending();
    CHECK(session->saved(true) == ropc::status::ok);
    const auto before = token_of(*session);
    const auto none = session->pending();
    OK(none);
    CHECK(!*none && none->view().empty() && none->c_str()[0] == '\0');

    // The next start of the program.
    session = ropc::result<ropc::session>(ropc::session());
    store = ropc::store::host();
    OK(store->give("the user", *record));
    session = client.session_resume(*store, "the user");
    OK(session);
    CHECK(token_of(*session) == before);
}

CASE(own_store_by_function) {
    std::map<std::string, std::string> kept;
    bool works = false;
    const auto client = new_client();
    const auto save = [&](std::string_view user, ropc::optional_text record) {
        if (!works) return false;
        if (record) kept[std::string(user)] = *record;
        else kept.erase(std::string(user));
        return true;
    };
    const auto store = ropc::store::host(save);
    OK(store);
    const auto session = client.session_login("ada", password, *store);
    OK(session);
    ENDED(session->token(0ms, long_time), store, save_failed);
    CHECK(kept.empty());
    works = true;
    token_of(*session);
    CHECK(kept.count("ada") == 1);
    const std::string first = kept["ada"];
    expire(*session);
    token_of(*session);
    CHECK(kept["ada"] != first);
    OK(session->sign_out());
    CHECK(kept.empty());
}

// The functions live as long as something can call them, whatever is freed before.
CASE(functions_outlive_what_they_were_given_to) {
    int saves = 0, lines = 0;
    auto witness = std::make_shared<int>(0);
    ropc::result<ropc::session> session = ropc::error(ropc::status::arg);
    {
        auto options = options_for();
        options.set_log(ropc::log_level::debug, [&lines, witness](ropc::log_level, std::string_view line) {
            lines += !line.empty();
        });
        auto store = ropc::store::host([&saves, witness](std::string_view, ropc::optional_text) {
            saves++;
            return true;
        });
        const auto client = client_of(options);
        options = ropc::options();
        session = client.session_login("ada", password, *store);
        *store = ropc::store();
    }
    OK(session);
    CHECK(witness.use_count() == 3);
    CHECK(get(*session, "/api/echo")->http_status() == 200);
    lines = saves = 0;
    expire(*session);
    CHECK(get(*session, "/api/echo")->http_status() == 200);
    CHECK(saves == 1 && lines > 0);

    // And through a request, that is all there is left for a while.
    auto request = session->request_call("GET", at_standin("/api/echo"));
    OK(request);
    *session = ropc::session();
    CHECK(witness.use_count() == 3);
    lines = 0;
    OK(request->start());
    CHECK(request->wait(long_time) == ropc::status::ok);
    OK(request->take());
    CHECK(lines > 0);
    request = ropc::error(ropc::status::arg);
    CHECK(witness.use_count() == 1);
}

CASE(api_call) {
    const auto client = new_client();
    const auto session = client.session_login("ada", password);
    const auto echo = session->call("POST", at_standin("/api/echo"), {{"X-One", "1"}, {"Content-Type", "text/plain"}},
                                    std::string_view("a\0b", 3));
    OK(echo);
    CHECK(echo->http_status() == 200);
    CHECK(echo->content_type() && holds(*echo->content_type(), "json"));
    CHECK(echo->header("CONTENT-TYPE") == echo->content_type() && !echo->header("X-None"));
    CHECK(holds(echo->body(), "\"user\":\"ada\"") && holds(echo->body(), "[\"x-one\",\"1\"]"));
    CHECK(holds(echo->body(), "a\\u0000b"));
    // The API says 401, the session refreshes, and calls once more.
    const long refreshed = granted("refreshed");
    ask_standin("expire_access");
    CHECK(get(*session, "/api/echo")->http_status() == 200);
    CHECK(granted("refreshed") == refreshed + 1);
    ENDED(session->call("GET", "https://api.example/"), arg, origin_not_allowed);
    const auto request = session->request_call("GET", at_standin("/api/echo"));
    OK(request);
    OK(request->start());
    CHECK(request->wait(long_time) == ropc::status::ok);
    const auto taken = request->take();
    OK(taken);
    CHECK(taken->http_status() == 200);
}

CASE(sign_out) {
    const auto client = new_client();
    const auto store = ropc::store::file(in_folder("sign-out"));
    const auto tokens = client.login("ada", password);
    auto session = client.session_new(*tokens, *store, "ada");
    OK(session);
    const auto token = token_of(*session);
    CHECK(token == tokens->access_token());
    OK(session->sign_out());
    OK(session->sign_out());
    ENDED(session->token(0ms, long_time), signed_out, signed_out);
    ENDED(client.validate(token), refused, token_refused);
    ENDED(client.refresh(*tokens->refresh_token()), refused, grant_refused);
    ENDED(client.session_resume(*store, "ada"), signed_out, nothing_stored);
    CHECK(session->status()->state() == ropc::session_state::signed_out);

    session = client.session_login("ada", password);
    const auto request = session->request_sign_out();
    OK(request);
    OK(request->start());
    CHECK(request->wait(long_time) == ropc::status::ok);
    OK(request->take());
}

CASE(sessions_as_requests) {
    const auto client = new_client();
    const auto store = ropc::store::file(in_folder("requests"));
    const auto tokens = client.login("ada", password);
    auto request = client.request_session_login("ada", password);
    for (int way = 0; way < 4; way++) {
        if (way == 1) request = client.request_session_login("ada", password, *store);
        if (way == 2) request = client.request_session_new(*tokens, *store, "ada");
        if (way == 3) request = client.request_session_new(*tokens, "ada");
        OK(request);
        OK(request->start());
        CHECK(request->wait(long_time) == ropc::status::ok);
        const auto session = request->take();
        OK(session);
        CHECK(get(*session, "/api/echo")->http_status() == 200);
    }
    OK(client.session_new(*tokens, "ada"));
    OK(client.session_resume(*store, "ada"));
}

CASE(ended_by_the_server) {
    const auto client = new_client();
    const auto session = client.session_login("ada", password);
    ask_standin("kill_refresh");
    expire(*session);
    ENDED(session->token(0ms, long_time), signed_out, refresh_ended);
}

CASE(unclear) {
    const auto client = new_client();
    const auto session = client.session_login("ada", password);
    ask_standin("lose 1");
    expire(*session);
    ENDED(session->token(0ms, long_time), unclear, unclear);
    CHECK(session->status()->state() == ropc::session_state::unclear);
    CHECK(session->refresh(true, long_time).status() == ropc::status::signed_out);
}

CASE(shutdown_with_a_session_in_flight) {
    const auto client = new_client();
    const auto session = client.session_login("ada", password);
    const auto request = client.request_session_login("fault:never", password);
    OK(request->start());
    CHECK(ropc::shutdown(long_time) == 0);
    CHECK(no_threads());
    ENDED(request->take(), cancelled, cancelled);
    CHECK(get(*session, "/api/echo")->http_status() == 200);
}
