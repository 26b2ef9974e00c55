// What ropc.hpp does with passwords and tokens on their way to the library. Every block of memory that this program's
// own code frees is searched for them; the library has an allocator of its own.

#include "cases.hpp"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include <malloc.h>

namespace {

// Longer than what a std::string keeps inside of itself.
constexpr std::string_view needle = "needle-in-a-freed-block-of-memory";

std::atomic<int> made{0}, found{0};
std::atomic<bool> no_memory{false};

bool has_needle(const void *block, std::size_t size) {
    return holds(std::string_view(static_cast<const char *>(block), size), needle);
}

void *make(std::size_t size) {
    made++;
#if defined(__cpp_exceptions)
    if (no_memory) throw std::bad_alloc();
#endif
    void *block = std::malloc(size == 0 ? 1 : size);
    if (block == nullptr) std::abort();
    return block;
}

void drop(void *block) {
    if (block != nullptr && has_needle(block, malloc_usable_size(block))) found++;
    std::free(block);
}

}  // namespace

void *operator new(std::size_t size) { return make(size); }
void *operator new[](std::size_t size) { return make(size); }
void operator delete(void *block) noexcept { drop(block); }
void operator delete[](void *block) noexcept { drop(block); }
void operator delete(void *block, std::size_t) noexcept { drop(block); }
void operator delete[](void *block, std::size_t) noexcept { drop(block); }

CASE(a_copy_that_is_not_overwritten_is_found) {
    found = 0;
    delete new std::string(needle);
    CHECK(found == 1);
}

CASE(passwords_are_not_copied) {
    const auto client = new_client();
    const auto store = ropc::store::host();
    made = 0;
    const auto tokens = client.login("ada", needle);
    const auto request = client.request_login("ada", needle);
    const auto session = client.session_login("ada", needle);
    const auto kept = client.session_login("ada", needle, *store);
    const auto beside = client.request_session_login("ada", needle);
    const auto kept_beside = client.request_session_login("ada", needle, *store);
    CHECK(made == 0);
    ENDED(tokens, refused, wrong_credentials);
    ENDED(session, refused, wrong_credentials);
    ENDED(kept, refused, wrong_credentials);
    OK(request);
    OK(beside);
    OK(kept_beside);
}

CASE(other_secrets_are_overwritten) {
    const auto client = new_client();
    const auto session = client.session_login("ada", password);
    const auto store = ropc::store::host();
    auto options = options_for();
    found = 0;
    CHECK(options.set_secret(needle, ropc::secret_method::post) == ropc::status::ok);
    CHECK(options.set_api_key(needle) == ropc::status::ok);
    CHECK(options.add_param("assertion", needle) == ropc::status::ok);
    ENDED(client.refresh(needle), refused, grant_refused);
    OK(client.revoke(needle));
    ENDED(client.userinfo(needle), refused, token_refused);
    ENDED(client.validate(needle), refused, token_refused);
    ENDED(client.invalidate(needle), refused, token_refused);
    ENDED(client.grant("password", {{"username", "ada"}, {"password", needle}}), refused, wrong_credentials);
    OK(client.request_refresh(needle));
    OK(client.request_grant("password", {{"username", "ada"}, {"password", needle}}));
    CHECK(session->expire(needle) == ropc::status::ok);
    OK(store->give("ada", needle));
    OK(session->call("GET", at_standin("/api/echo"), {{"X-One", needle}}));
    // Refused, it is overwritten too.
    ENDED(client.refresh(std::string_view("needle-in-a-freed-block-of-memory\0", needle.size() + 1)), arg, argument);
    CHECK(found == 0);
}

// A short one lives inside of the object, where it is overwritten before that ends.
CASE(short_ones_too) {
    alignas(ropc::detail::argument) unsigned char place[sizeof(ropc::detail::argument)];
    auto *argument = new (place) ropc::detail::argument(std::string_view("short one"));
    CHECK(std::strcmp(*argument, "short one") == 0);
    argument->~argument();
    CHECK(!holds(std::string_view(reinterpret_cast<const char *>(place), sizeof place), "short one"));
}

CASE(a_string_of_ones_own) {
    std::string mine(needle);
    const char *bytes = mine.data();
    ropc::wipe(mine);
    CHECK(mine.empty() && bytes[1] == '\0' && bytes[needle.size() - 1] == '\0');
    char buffer[] = "mine";
    ropc::wipe(buffer, sizeof buffer);
    CHECK(buffer[0] == '\0' && buffer[3] == '\0');
    ropc::wipe(nullptr, 10);
}

#if defined(__cpp_exceptions)
// A session that cannot be handed out would be signed in at the server, and nobody's.
CASE(nothing_is_done_without_memory) {
    auto options = options_for();
    options.set_log(ropc::log_level::off, [](ropc::log_level, std::string_view) {});
    const auto client = client_of(options);
    const auto store = ropc::store::host([](std::string_view, ropc::optional_text) { return true; });
    ask_standin("requests");
    bool thrown = false;
    no_memory = true;
    try {
        (void)client.session_login("ada", password, *store, "a").has_value();
    } catch (const std::bad_alloc &) {
        thrown = true;
    }
    no_memory = false;
    CHECK(thrown);
    CHECK(!holds(ask_standin("requests"), "\"target\""));
}
#endif
