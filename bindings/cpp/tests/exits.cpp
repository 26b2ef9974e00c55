// Ends of a program: what is left in variables that outlive main(), and in threads that nobody waits for. Each case is
// a process of its own, which must end by itself, with exit code 0 and nothing on stderr.

#include "cases.hpp"

#include <cstdlib>
#include <future>
#include <thread>

// Freed after main(), the last first.
static ropc::client last_client;
static ropc::store last_store;
static ropc::session last_session;
static ropc::request<ropc::tokens> last_request;

// Something of everything, with a request and a refresh under way.
static void fill() {
    auto options = options_for();
    options.set_log(ropc::log_level::debug, [](ropc::log_level, std::string_view) {});
    last_client = client_of(options);
    last_store = *ropc::store::file(in_folder("statics"));
    last_session = *last_client.session_login("ada", password, last_store);
    CHECK(last_session.refresh(false, 0ms).status() == ropc::status::pending);
    last_request = *last_client.request_login("fault:never", password);
    OK(last_request.start());
}

CASE(everything_in_static_variables) { fill(); }

CASE(shutdown_after_main) {
    fill();
    std::atexit([] {
        if (ropc::shutdown(long_time) != 0) std::_Exit(3);
    });
}

CASE(exit_in_the_middle) {
    fill();
    std::exit(0);
}

CASE(everything_in_variables_of_a_thread) {
    std::thread([] {
        static thread_local ropc::client client = new_client();
        static thread_local ropc::session session = *client.session_login("ada", password);
        static thread_local ropc::request<ropc::tokens> request = *client.request_login("fault:never", password);
        OK(request.start());
        CHECK(static_cast<bool>(session));
    }).join();
}

// Runs `function` in a thread that nobody waits for; comes back when it says that it is under way.
template <class F>
static void leave_behind(F function) {
    std::promise<void> under_way;
    auto soon = under_way.get_future();
    std::thread([function, under_way = std::move(under_way)]() mutable { function(under_way); }).detach();
    soon.wait();
}

CASE(a_thread_that_polls_when_main_returns) {
    leave_behind([](std::promise<void> &under_way) {
        const auto client = new_client();
        const auto request = client.request_login("fault:never", password);
        OK(request->start());
        under_way.set_value();
        while (request->poll() == ropc::status::pending) std::this_thread::yield();
    });
}

CASE(a_thread_inside_a_login_when_main_returns) {
    leave_behind([](std::promise<void> &under_way) {
        const auto client = new_client();
        under_way.set_value();
        (void)client.login("fault:never", password).has_value();
    });
}

CASE(a_thread_that_waits_for_a_token_when_main_returns) {
    leave_behind([](std::promise<void> &under_way) {
        const auto client = new_client();
        const auto session = client.session_login("ada", password);
        ask_standin("refresh fault:never");
        const auto token = session->token(0ms, 0ms);
        CHECK(session->expire(token->access_token()) == ropc::status::ok);
        under_way.set_value();
        (void)session->token(0ms, long_time).has_value();
    });
    ask_standin("refresh");
}
