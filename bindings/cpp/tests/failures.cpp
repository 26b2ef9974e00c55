// The flavour that throws. Without exceptions there is nothing here but the rest of the interface.

#include "cases.hpp"

#include <utility>

#if defined(__cpp_exceptions)
#include <exception>
#include <thread>

static_assert(std::is_base_of_v<std::runtime_error, ropc::failure>);
static_assert(std::is_nothrow_copy_constructible_v<ropc::failure>);

CASE(a_value_or_a_failure) {
    const auto client = ropc::client::create(options_for()).value();
    const ropc::tokens tokens = client.login("ada", password).value();
    CHECK(!tokens.access_token().empty());
    client.revoke(*tokens.refresh_token()).value();
    bool thrown = false;
    try {
        auto none = client.login("locked", password).value();
        CHECK(!none);
    } catch (const std::runtime_error &error) {
        const auto *failure = dynamic_cast<const ropc::failure *>(&error);
        thrown = failure != nullptr && failure->error().reason() == ropc::reason::locked;
        CHECK(failure != nullptr && failure->error().locked_until() && failure->what() == failure->error().message());
        CHECK(!holds(error.what(), password));
    }
    CHECK(thrown);
}

// As std::async and threads hand it on.
CASE(a_failure_outlives_its_throw) {
    std::exception_ptr kept;
    std::thread([&kept] {
        try {
            ropc::options::loginradius("", "demo", "id").value();
        } catch (const ropc::failure &) {
            kept = std::current_exception();
        }
    }).join();
    try {
        std::rethrow_exception(kept);
    } catch (const ropc::failure &failure) {
        const ropc::failure copy = failure;
        CHECK(copy.error().reason() == ropc::reason::argument && holds(copy.what(), "site"));
    }
}

CASE(nothing_done_and_nothing_yet) {
    const auto client = new_client();
    const auto request = client.request_login("fault:never", password);
    OK(request->start());
    try {
        request->take().value();
        CHECK(false && "pending is no value");
    } catch (const ropc::failure &failure) {
        CHECK(failure.error().status() == ropc::status::pending);
    }
    try {
        request->start().value();
        CHECK(false && "started twice");
    } catch (const ropc::failure &failure) {
        CHECK(failure.error().status() == ropc::status::state);
    }
}
#endif

// In functions of a program, with or without exceptions.
static ropc::result<ropc::session> signed_in(std::string_view user) {
    auto client = ropc::client::create(options_for());
    if (!client) return std::move(client).error();
    auto session = client->session_login(user, password);
    if (!session) return std::move(session).error();
    return *std::move(session);
}

static ropc::result<void> done(std::string_view user) {
    auto session = signed_in(user);
    if (!session) return std::move(session).error();
    return session->sign_out();
}

CASE(results_handed_on) {
    OK(signed_in("ada"));
    ENDED(signed_in("blocked"), refused, blocked);
    OK(done("ada"));
    ENDED(done("locked"), refused, locked);
}

// Such as `ropc::error last;` that nobody has set: no error is no reason to say that there is a session.
CASE(no_error_is_no_value) {
    const ropc::result<ropc::session> none = ropc::error();
    ENDED(none, arg, argument);
    CHECK(!none && !*none && holds(none.error().message(), "says ok"));
    const ropc::result<void> nothing = ropc::error(ropc::status::ok);
    ENDED(nothing, arg, argument);
    auto succeeded = new_client().login("ada", password);
    const ropc::result<ropc::tokens> handed_on = std::move(succeeded).error();
    ENDED(handed_on, arg, argument);
    OK(ropc::result<void>());
    const ropc::result<void> pending = ropc::error(ropc::status::pending);
    CHECK(pending.status() == ropc::status::pending);
}
