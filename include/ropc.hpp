// ropc.hpp - ropc.h for C++17: sign a user in with a name and a password.
//
//   auto options = ropc::options::loginradius("acme.hub.loginradius.com", "my-app", "client-id").value();
//   auto client = ropc::client::create(options).value();
//   auto tokens = client.login("ada@example.com", "secret");
//   if (tokens)
//       use(tokens->access_token());
//   else if (tokens.error().reason() == ropc::reason::locked)
//       ...
//   else
//       show(tokens.error().message());
//
// One file over ropc.h, no source to compile; link with -lropc. ropc.h is the manual: what a function here does, its
// defaults, ranges and failures stand there under ropc_<class>_<function>, and its rules hold. Here is what C++ adds:
//
//  1. Every handle and every result is a class that owns what it holds: moved, never copied, freed at its end. What
//     it shows as std::string_view lives as long as it: clang warns of a view of one that ends with its line. An
//     empty one, as made by default or moved from, may be used: functions come to status::arg, accessors to nothing.
//     `const` functions: any thread, at the same time; others: one thread at a time. get() is the pointer, for ropc.h.
//  2. What can fail gives a result<T>: true if there is a T, which * and -> reach; else error() says why. status()
//     also has what is no failure and yet no T: status::pending and save_first. With exceptions, value() gives the T
//     or throws ropc::failure. Nothing else here throws, except what the standard library does without memory.
//  3. Texts go in as std::string_view, not necessarily ending in NUL; UTF-8, as everywhere. One with a NUL inside is
//     refused, as one that is not UTF-8. Passwords are never copied here. What has to be copied to end in NUL is
//     overwritten when the call returns. std::nullopt stands for the NULL of ropc.h.
//  4. Durations are std::chrono's, of milliseconds or longer units: too long ones, as std::chrono::hours::max(), mean
//     the longest (49 days), negative ones 0. Instants are ropc::instant, whole seconds of the system clock;
//     std::nullopt is unknown.
//  5. Functions that are given to set_log() and store::host() live as long as anything that can call them. They are
//     called as ropc.h, rule 7 says, in several threads at once if several call; what they throw ends the process.
//
// A client, a session or a request in a static variable may live until the program's end: nothing waits, nothing is
// called. But no other thread may still use it while main() returns, as with any object: join it before, or end its
// call with client::cancel() or ropc::shutdown(). Compiles without exceptions and without RTTI.

#ifndef ROPC_HPP
#define ROPC_HPP

#if (defined(_MSVC_LANG) && _MSVC_LANG < 201703L) || (!defined(_MSVC_LANG) && __cplusplus < 201703L)
#error "ropc.hpp needs C++17; ropc.h does with less"
#endif

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__cpp_exceptions)
#include <stdexcept>
#endif

#include "ropc.h"

// On functions that show what their object owns: a compiler that knows it tells when the object is gone by then.
#if defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::lifetimebound)
#define ROPC_LIFETIME [[clang::lifetimebound]]
#elif __has_cpp_attribute(msvc::lifetimebound)
#define ROPC_LIFETIME [[msvc::lifetimebound]]
#endif
#endif
#if !defined(ROPC_LIFETIME)
#define ROPC_LIFETIME
#endif

namespace ropc {

/// What a call came to: ROPC_OK, ROPC_PENDING, ROPC_SAVE_FIRST or one of ROPC_E_*.
enum class status : std::int32_t {
    ok = ROPC_OK, pending = ROPC_PENDING, save_first = ROPC_SAVE_FIRST, arg = ROPC_E_ARG, state = ROPC_E_STATE,
    unsupported = ROPC_E_UNSUPPORTED, resources = ROPC_E_RESOURCES, resolve = ROPC_E_RESOLVE, connect = ROPC_E_CONNECT,
    tls = ROPC_E_TLS, timeout = ROPC_E_TIMEOUT, io = ROPC_E_IO, cancelled = ROPC_E_CANCELLED, proxy = ROPC_E_PROXY,
    refused = ROPC_E_REFUSED, client = ROPC_E_CLIENT, rate_limited = ROPC_E_RATE_LIMITED, server = ROPC_E_SERVER,
    answer = ROPC_E_ANSWER, id_token = ROPC_E_ID_TOKEN, signed_out = ROPC_E_SIGNED_OUT, unclear = ROPC_E_UNCLEAR,
    store = ROPC_E_STORE, not_revoked = ROPC_E_NOT_REVOKED, bug = ROPC_E_BUG,
};

/// Why a call failed, for a program to branch on.
enum class reason : std::int32_t {
    none = ROPC_REASON_NONE, argument = ROPC_REASON_ARGUMENT, state = ROPC_REASON_STATE,
    unsupported = ROPC_REASON_UNSUPPORTED, plain_http = ROPC_REASON_PLAIN_HTTP, not_a_jwt = ROPC_REASON_NOT_A_JWT,
    resources = ROPC_REASON_RESOURCES, bug = ROPC_REASON_BUG, save_first = ROPC_REASON_SAVE_FIRST,
    unresolved = ROPC_REASON_UNRESOLVED, connection_refused = ROPC_REASON_CONNECTION_REFUSED,
    unreachable = ROPC_REASON_UNREACHABLE, timed_out = ROPC_REASON_TIMED_OUT,
    cut_off_before_sent = ROPC_REASON_CUT_OFF_BEFORE_SENT, cut_off_after_sent = ROPC_REASON_CUT_OFF_AFTER_SENT,
    cancelled = ROPC_REASON_CANCELLED, proxy_unreachable = ROPC_REASON_PROXY_UNREACHABLE,
    proxy_login = ROPC_REASON_PROXY_LOGIN, proxy_refused = ROPC_REASON_PROXY_REFUSED,
    tls_expired = ROPC_REASON_TLS_EXPIRED, tls_not_yet_valid = ROPC_REASON_TLS_NOT_YET_VALID,
    tls_wrong_host = ROPC_REASON_TLS_WRONG_HOST, tls_unknown_issuer = ROPC_REASON_TLS_UNKNOWN_ISSUER,
    tls_pin = ROPC_REASON_TLS_PIN, tls_protocol = ROPC_REASON_TLS_PROTOCOL,
    tls_certificate = ROPC_REASON_TLS_CERTIFICATE, tls_client_certificate = ROPC_REASON_TLS_CLIENT_CERTIFICATE,
    redirect_refused = ROPC_REASON_REDIRECT_REFUSED, answer_not_understood = ROPC_REASON_ANSWER_NOT_UNDERSTOOD,
    answer_too_large = ROPC_REASON_ANSWER_TOO_LARGE, token_type = ROPC_REASON_TOKEN_TYPE,
    not_found = ROPC_REASON_NOT_FOUND, unexplained = ROPC_REASON_UNEXPLAINED, rate_limited = ROPC_REASON_RATE_LIMITED,
    server_fault = ROPC_REASON_SERVER_FAULT, other_issuer = ROPC_REASON_OTHER_ISSUER,
    other_host = ROPC_REASON_OTHER_HOST, wrong_credentials = ROPC_REASON_WRONG_CREDENTIALS,
    not_verified = ROPC_REASON_NOT_VERIFIED, locked = ROPC_REASON_LOCKED, blocked = ROPC_REASON_BLOCKED,
    second_factor = ROPC_REASON_SECOND_FACTOR, risk_check = ROPC_REASON_RISK_CHECK, captcha = ROPC_REASON_CAPTCHA,
    consent = ROPC_REASON_CONSENT, login_not_allowed = ROPC_REASON_LOGIN_NOT_ALLOWED,
    session_limit = ROPC_REASON_SESSION_LIMIT, client_refused = ROPC_REASON_CLIENT_REFUSED,
    unsupported_grant = ROPC_REASON_UNSUPPORTED_GRANT, scope_refused = ROPC_REASON_SCOPE_REFUSED,
    request_refused = ROPC_REASON_REQUEST_REFUSED, grant_refused = ROPC_REASON_GRANT_REFUSED,
    token_refused = ROPC_REASON_TOKEN_REFUSED, signed_out = ROPC_REASON_SIGNED_OUT,
    refresh_ended = ROPC_REASON_REFRESH_ENDED, no_refresh_token = ROPC_REASON_NO_REFRESH_TOKEN,
    nothing_stored = ROPC_REASON_NOTHING_STORED, other_user = ROPC_REASON_OTHER_USER, unclear = ROPC_REASON_UNCLEAR,
    too_short = ROPC_REASON_TOO_SHORT, not_revoked = ROPC_REASON_NOT_REVOKED, store_access = ROPC_REASON_STORE_ACCESS,
    store_exposed = ROPC_REASON_STORE_EXPOSED, store_broken = ROPC_REASON_STORE_BROKEN,
    store_foreign = ROPC_REASON_STORE_FOREIGN, store_busy = ROPC_REASON_STORE_BUSY,
    save_failed = ROPC_REASON_SAVE_FAILED, origin_not_allowed = ROPC_REASON_ORIGIN_NOT_ALLOWED,
    id_token_malformed = ROPC_REASON_ID_TOKEN_MALFORMED, id_token_algorithm = ROPC_REASON_ID_TOKEN_ALGORITHM,
    id_token_key = ROPC_REASON_ID_TOKEN_KEY, id_token_signature = ROPC_REASON_ID_TOKEN_SIGNATURE,
    id_token_issuer = ROPC_REASON_ID_TOKEN_ISSUER, id_token_audience = ROPC_REASON_ID_TOKEN_AUDIENCE,
    id_token_expired = ROPC_REASON_ID_TOKEN_EXPIRED, id_token_early = ROPC_REASON_ID_TOKEN_EARLY,
    id_token_nonce = ROPC_REASON_ID_TOKEN_NONCE, id_token_access = ROPC_REASON_ID_TOKEN_ACCESS,
};

/// How far a call had come when it failed.
enum class stage : std::int32_t {
    none = ROPC_STAGE_NONE, setup = ROPC_STAGE_SETUP, lookup = ROPC_STAGE_LOOKUP, connect = ROPC_STAGE_CONNECT,
    proxy = ROPC_STAGE_PROXY, tls = ROPC_STAGE_TLS, send = ROPC_STAGE_SEND, receive = ROPC_STAGE_RECEIVE,
    answer = ROPC_STAGE_ANSWER,
};

/// How a session is.
enum class session_state : std::int32_t {
    signed_in = ROPC_SESSION_STATE_SIGNED_IN, refreshing = ROPC_SESSION_STATE_REFRESHING,
    save_first = ROPC_SESSION_STATE_SAVE_FIRST, waiting = ROPC_SESSION_STATE_WAITING,
    unclear = ROPC_SESSION_STATE_UNCLEAR, signed_out = ROPC_SESSION_STATE_SIGNED_OUT,
};

/// The two kinds of LoginRadius applications.
enum class app_kind : std::int32_t { oauth = ROPC_APP_OAUTH, oidc = ROPC_APP_OIDC };

/// The endpoints whose URLs can be set.
enum class endpoint : std::int32_t {
    token = ROPC_ENDPOINT_TOKEN, revoke = ROPC_ENDPOINT_REVOKE, userinfo = ROPC_ENDPOINT_USERINFO,
    jwks = ROPC_ENDPOINT_JWKS, identity = ROPC_ENDPOINT_IDENTITY,
};

/// How a client secret is sent (RFC 6749, 2.3.1).
enum class secret_method : std::int32_t {
    post = ROPC_SECRET_POST, basic = ROPC_SECRET_BASIC, basic_raw = ROPC_SECRET_BASIC_RAW,
};

/// How the body of a request is written.
enum class encoding : std::int32_t { json = ROPC_ENCODING_JSON, form = ROPC_ENCODING_FORM };

/// Whose certificates are trusted.
enum class trust : std::int32_t { bundled = ROPC_TRUST_BUNDLED, system = ROPC_TRUST_SYSTEM };

/// Bounds that can be moved.
enum class limit : std::int32_t {
    answer_bytes = ROPC_LIMIT_ANSWER_BYTES, idle_connections = ROPC_LIMIT_IDLE_CONNECTIONS,
    idle_ms = ROPC_LIMIT_IDLE_MS,
};

/// How much is logged; each level includes the ones before it.
enum class log_level : std::int32_t {
    off = ROPC_LOG_OFF, error = ROPC_LOG_ERROR, warn = ROPC_LOG_WARN, info = ROPC_LOG_INFO, debug = ROPC_LOG_DEBUG,
};

/// One of the tokens of ropc_tokens.
enum class token_kind : std::int32_t { access = ROPC_TOKEN_KIND_ACCESS, id = ROPC_TOKEN_KIND_ID };

/// What kind a token to be revoked is (RFC 7009, 2.1): a help for the server, which finds the token all the same.
enum class token_hint : std::int32_t {
    none = ROPC_HINT_NONE, access = ROPC_HINT_ACCESS, refresh = ROPC_HINT_REFRESH,
};

/// An instant: whole seconds, for a server may name one that does not fit into system_clock::duration.
using instant = std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>;

/// A duration as ropc.h takes it. Made by itself of any of std::chrono that std::chrono::milliseconds can be made of,
/// but compared before it is converted: std::chrono::seconds::max() is a long time too.
class duration {
public:
    template <class R, class P,
              class = std::enable_if_t<std::is_convertible_v<std::chrono::duration<R, P>, std::chrono::milliseconds>>>
    constexpr duration(std::chrono::duration<R, P> from) noexcept {
        using wide = std::chrono::duration<std::common_type_t<R, std::int64_t>, P>;
        const wide asked(from), longest = std::chrono::duration_cast<wide>(std::chrono::milliseconds(UINT32_MAX));
        if (asked > longest) ms_ = UINT32_MAX;
        else if (asked > wide::zero()) ms_ = static_cast<std::uint32_t>(std::chrono::milliseconds(asked).count());
    }
    constexpr std::uint32_t ms() const noexcept { return ms_; }

private:
    std::uint32_t ms_ = 0;
};

/// A text that may be missing.
using optional_text = std::optional<std::string_view>;

/// A parameter of a grant, or a header of an API call.
struct field {
    std::string_view name, value;
};
using fields = std::vector<field>;

/// Receives a line of the log, without line end. It holds no password, secret or token.
using log_function = std::function<void(log_level level, std::string_view line)>;

/// Saves `record`, which holds tokens, as that of `user_key`, or forgets that user's when it is nullopt; says whether
/// that is done. It must not use the session that calls it.
using save_function = std::function<bool(std::string_view user_key, optional_text record)>;

/// The loaded library's version, as "0.1.0". Any thread, as all functions outside of a class.
inline std::string_view version() noexcept { return ropc_version(); }
/// Whether the loaded library serves a program built with this header: status::ok, else status::unsupported.
[[nodiscard]] inline status abi_check() noexcept { return static_cast<status>(ropc_abi_check(ROPC_ABI)); }
/// As ropc.h spells it: "ROPC_E_TIMEOUT".
inline std::string_view name(status one) noexcept { return ropc_status_name(static_cast<std::int32_t>(one)); }
/// As ropc.h spells it: "ROPC_REASON_LOCKED".
inline std::string_view name(reason one) noexcept { return ropc_reason_name(static_cast<std::int32_t>(one)); }
/// What to do about a reason: a sentence in English for the person who reads it, or "".
inline std::string_view advice(reason one) noexcept { return ropc_reason_advice(static_cast<std::int32_t>(one)); }
/// How many requests of the process may run at once: 1 to ROPC_MAX_WORKERS, default 8.
inline status set_workers(std::uint32_t most) noexcept { return static_cast<status>(ropc_set_workers(most)); }
/// Overwrites a buffer so that no compiler leaves it out: for your own copy of a password.
inline void wipe(void *buffer, std::size_t length) noexcept { ropc_wipe(buffer, length); }
/// Overwrites a string, and empties it. Copies that it left behind when it grew are out of reach.
inline void wipe(std::string &text) noexcept {
    ropc_wipe(text.data(), text.size());
    text.clear();
}

// What the classes below are made of.
namespace detail {

inline void release(ropc_options *one) noexcept { ropc_options_free(one); }
inline void release(ropc_client *one) noexcept { ropc_client_free(one); }
inline void release(ropc_request *one) noexcept { ropc_request_free(one); }
inline void release(ropc_session *one) noexcept { ropc_session_free(one); }
inline void release(ropc_store *one) noexcept { ropc_store_free(one); }
inline void release(ropc_tokens *one) noexcept { ropc_tokens_free(one); }
inline void release(ropc_token *one) noexcept { ropc_token_free(one); }
inline void release(ropc_response *one) noexcept { ropc_response_free(one); }
inline void release(ropc_session_info *one) noexcept { ropc_session_info_free(one); }
inline void release(ropc_error *one) noexcept { ropc_error_free(one); }
inline void release(char *one) noexcept { ropc_string_free(one); }

struct releases {
    template <class T>
    void operator()(T *one) const noexcept {
        release(one);
    }
};

// Keeps alive the functions of the program that a handle may call.
using keeper = std::shared_ptr<const void>;

inline keeper both(keeper one, keeper other) {
    if (!one || !other || one == other) return one ? one : other;
    return std::make_shared<std::pair<keeper, keeper>>(std::move(one), std::move(other));
}

struct any_handle {};

// The owner of a pointer, or of none.
template <class T>
class handle : any_handle {
public:
    using raw_type = T;
    handle() = default;
    /// Takes over what a function of ropc.h gave.
    explicit handle(T *raw, keeper kept = nullptr) noexcept : keeper_(std::move(kept)), raw_(raw) {}
    handle(handle &&) noexcept = default;
    handle &operator=(handle &&from) noexcept {
        raw_ = std::move(from.raw_);
        keeper_ = std::move(from.keeper_);
        return *this;
    }
    /// The pointer, for ropc.h; it stays this object's. nullptr when this is empty.
    T *get() const noexcept ROPC_LIFETIME { return raw_.get(); }
    /// False when this is empty.
    explicit operator bool() const noexcept { return raw_ != nullptr; }
    /// For this file only.
    const keeper &kept() const noexcept { return keeper_; }

protected:
    keeper keeper_;  // Before raw_, for it is let go of after it, here and by an assignment.
    std::unique_ptr<T, releases> raw_;
};

// A struct of ropc.h.
template <class T>
class readable : public handle<T> {
public:
    using handle<T>::handle;

protected:
    template <class V>
    V read(V T::*member) const noexcept {
        return this->raw_ ? this->raw_.get()->*member : V{};
    }
};

inline std::string_view view(const char *text) noexcept { return text ? std::string_view(text) : std::string_view(); }
inline optional_text maybe(const char *text) noexcept { return text ? optional_text(text) : std::nullopt; }
inline std::optional<instant> at(std::int64_t seconds) noexcept {
    if (seconds == 0) return std::nullopt;
    return instant(std::chrono::seconds(seconds));
}

// A text that ends in NUL, overwritten at its end. Of one with a NUL inside it makes one that ropc.h refuses, which
// names the argument then; and for good, if it was a setter's.
class argument {
public:
    explicit argument(optional_text text) {
        if (!text) return;
        const bool whole = text->find('\0') == std::string_view::npos;
        text_ = (whole ? copy_.assign(*text) : copy_.assign(1, '\xff')).c_str();
    }
    ~argument() { ropc_wipe(copy_.data(), copy_.size()); }
    argument(const argument &) = delete;
    argument &operator=(const argument &) = delete;
    operator const char *() const noexcept { return text_; }

private:
    std::string copy_;
    const char *text_ = nullptr;
};

class argument_fields {
public:
    explicit argument_fields(const fields &all) {
        for (const field &one : all) {
            names_.push_back(texts_.emplace_back(one.name));
            values_.push_back(texts_.emplace_back(one.value));
        }
    }
    const char *const *names() const noexcept { return names_.data(); }
    const char *const *values() const noexcept { return values_.data(); }
    std::size_t size() const noexcept { return names_.size(); }

private:
    std::deque<argument> texts_;
    std::vector<const char *> names_, values_;
};

template <class T>
inline constexpr bool is_handle = std::is_base_of_v<any_handle, T>;

// What ropc.h gets for an argument.
template <class T>
auto lower(const T &from) {
    if constexpr (is_handle<T>) {
        return from.get();
    } else if constexpr (std::is_same_v<T, std::string_view> || std::is_same_v<T, optional_text>) {
        return argument(from);
    } else if constexpr (std::is_enum_v<T> || std::is_same_v<T, bool>) {
        return static_cast<std::int32_t>(from);
    } else if constexpr (std::is_same_v<T, duration>) {
        return from.ms();
    } else {
        return from;
    }
}

template <class T>
bool present(const T &one) noexcept {
    if constexpr (is_handle<T>) return static_cast<bool>(one);
    return true;
}

template <class T>
keeper kept_by(const T &one) noexcept {
    if constexpr (is_handle<T>) return one.kept();
    return nullptr;
}

// A function of ropc.h that gives nothing but a status.
template <class F, class... A>
status plain(F *function, const A &...arguments) {
    return static_cast<status>(function(lower(arguments)...));
}

}  // namespace detail

/// Why there is no T. Its texts hold no password, secret or token; what extra() finds may.
class error : detail::readable<ropc_error> {
public:
    error() = default;
    /// Takes over what a function of ropc.h gave beside its status; `text`, of static storage, is for what did not come
    /// from there.
    explicit error(ropc::status how, ropc_error *raw = nullptr, const char *text = nullptr) noexcept
        : readable(raw), status_(how), message_(text) {}
    using readable::get;

    ropc::status status() const noexcept { return status_; }
    /// What to branch on.
    ropc::reason reason() const noexcept {
        if (get()) return static_cast<ropc::reason>(get()->reason);
        return status_ == status::arg ? reason::argument : reason::none;
    }
    ropc::stage stage() const noexcept { return static_cast<ropc::stage>(read(&ropc_error::stage)); }
    /// HTTP status of the answer; 0 when there was none.
    int http_status() const noexcept { return read(&ropc_error::http_status); }
    /// LoginRadius' ErrorCode; 0 when there was none.
    std::int64_t provider_code() const noexcept { return read(&ropc_error::provider_code); }
    /// How long to wait: as the server asks, at most a day, or, from a session, until it tries again; 0 when neither
    /// says.
    std::chrono::milliseconds retry_after() const noexcept {
        return std::chrono::milliseconds(read(&ropc_error::retry_after_ms));
    }
    /// When a lock ends.
    std::optional<instant> locked_until() const noexcept { return detail::at(read(&ropc_error::locked_until_at)); }
    /// The time by the server's clock.
    std::optional<instant> server_date_at() const noexcept { return detail::at(read(&ropc_error::server_date_at)); }
    /// Whether any byte of the request had left: the server may have counted the attempt.
    bool request_sent() const noexcept { return read(&ropc_error::request_sent) != 0; }
    /// Whether the same call, made later and unchanged, can succeed.
    bool retryable() const noexcept { return read(&ropc_error::retryable) != 0; }
    /// One line for a person: what happened, to what, what to do. Never empty.
    std::string_view message() const noexcept ROPC_LIFETIME {
        if (get()) return get()->message;
        return message_ ? message_ : ropc::name(status_);
    }
    /// RFC 6749 "error", as "invalid_grant".
    optional_text oauth_error() const noexcept ROPC_LIFETIME { return detail::maybe(read(&ropc_error::oauth_error)); }
    /// RFC 6749 "error_description".
    optional_text oauth_description() const noexcept ROPC_LIFETIME {
        return detail::maybe(read(&ropc_error::oauth_description));
    }
    /// LoginRadius' Message.
    optional_text provider_message() const noexcept ROPC_LIFETIME {
        return detail::maybe(read(&ropc_error::provider_message));
    }
    /// LoginRadius' Description.
    optional_text provider_description() const noexcept ROPC_LIFETIME {
        return detail::maybe(read(&ropc_error::provider_description));
    }
    /// Another member of the error's body, as JSON text: "SecondFactorAuthentication" has the second-factor token of
    /// reason::second_factor.
    optional_text extra(std::string_view name) const ROPC_LIFETIME {
        return detail::maybe(ropc_error_extra(get(), detail::argument(name)));
    }

private:
    ropc::status status_ = status::ok;
    const char *message_ = nullptr;
};

#if defined(__cpp_exceptions)
/// What result::value() throws. what() is the error's message.
class failure : public std::runtime_error {
public:
    explicit failure(ropc::error why)
        : std::runtime_error(std::string(why.message())), error_(std::make_shared<const ropc::error>(std::move(why))) {}
    const ropc::error &error() const noexcept ROPC_LIFETIME { return *error_; }

private:
    std::shared_ptr<const ropc::error> error_;
};
#endif

namespace detail {

// A result that is made of an error alone has no T, whatever the error says.
inline error why_none(error why) noexcept {
    if (why.status() != status::ok) return why;
    return error(status::arg, nullptr, "A result was made of an error that says ok. Give the error of what failed.");
}

}  // namespace detail

/// A T, or why there is none.
template <class T>
class [[nodiscard]] result {
public:
    result(T value) noexcept : value_(std::move(value)) {}
    /// For functions of yours: `if (!client) return std::move(client).error();`
    result(ropc::error why) noexcept : error_(detail::why_none(std::move(why))) {}
    result(T value, ropc::error why) noexcept : value_(std::move(value)), error_(std::move(why)) {}

    bool has_value() const noexcept { return status() == status::ok; }
    explicit operator bool() const noexcept { return has_value(); }
    ropc::status status() const noexcept { return error_.status(); }
    /// The T; an empty one if there is none.
    T &operator*() & noexcept ROPC_LIFETIME { return value_; }
    const T &operator*() const & noexcept ROPC_LIFETIME { return value_; }
    T operator*() && noexcept { return std::move(value_); }
    T *operator->() noexcept ROPC_LIFETIME { return &value_; }
    const T *operator->() const noexcept ROPC_LIFETIME { return &value_; }
    const ropc::error &error() const & noexcept ROPC_LIFETIME { return error_; }
    ropc::error error() && noexcept { return std::move(error_); }
#if defined(__cpp_exceptions)
    /// The T; throws failure if there is none: `auto client = ropc::client::create(options).value();`
    T value() && {
        if (!has_value()) throw failure(std::move(error_));
        return std::move(value_);
    }
#endif

private:
    T value_;
    ropc::error error_;
};

/// That it is done, or why not.
template <>
class [[nodiscard]] result<void> {
public:
    /// It is done: `return {};`
    result() = default;
    result(ropc::error why) noexcept : error_(detail::why_none(std::move(why))) {}

    bool has_value() const noexcept { return status() == status::ok; }
    explicit operator bool() const noexcept { return has_value(); }
    ropc::status status() const noexcept { return error_.status(); }
    const ropc::error &error() const & noexcept ROPC_LIFETIME { return error_; }
    ropc::error error() && noexcept { return std::move(error_); }
#if defined(__cpp_exceptions)
    /// Throws failure if it is not done.
    void value() && {
        if (!has_value()) throw failure(std::move(error_));
    }
#endif

private:
    ropc::error error_;
};

namespace detail {

inline error empty_handle() noexcept {
    return error(status::arg, nullptr, "A handle or result is empty, or was moved from. Use one that holds something.");
}

// A function of ropc.h that fails with an error and gives nothing else.
template <class F, class... A>
result<void> done(F *function, const A &...arguments) {
    if (!(present(arguments) && ...)) return empty_handle();
    ropc_error *why = nullptr;
    const auto status = static_cast<ropc::status>(function(lower(arguments)..., &why));
    if (status == status::ok) return {};
    return error(status, why);
}

// One that gives an R.
template <class R, class F, class... A>
result<R> call(F *function, const A &...arguments) {
    if (!(present(arguments) && ...)) return empty_handle();
    // First: without memory nothing has been done.
    keeper kept;
    ((kept = both(std::move(kept), kept_by(arguments))), ...);
    typename R::raw_type *out = nullptr;
    ropc_error *why = nullptr;
    const auto status = static_cast<ropc::status>(function(lower(arguments)..., &out, &why));
    return result<R>(R(out, std::move(kept)), error(status, why));
}

}  // namespace detail

/// A text that the library made; overwritten when it is freed. Empty where ropc.h says NULL.
class text : public detail::handle<char> {
public:
    using handle::handle;
    std::string_view view() const noexcept ROPC_LIFETIME { return detail::view(get()); }
    operator std::string_view() const noexcept ROPC_LIFETIME { return view(); }
    /// Ends in NUL; never nullptr.
    const char *c_str() const noexcept ROPC_LIFETIME { return get() ? get() : ""; }
};

/// A line of the log.
class log_line : public text {
public:
    log_line() = default;
    log_line(char *raw, log_level level) noexcept : text(raw), level_(level) {}
    log_level level() const noexcept { return level_; }

private:
    log_level level_ = log_level::off;
};

/// What the server issued; overwritten when it is freed.
class tokens : public detail::readable<ropc_tokens> {
public:
    using readable::readable;
    /// For the Authorization header, after "Bearer ".
    std::string_view access_token() const noexcept ROPC_LIFETIME {
        return detail::view(read(&ropc_tokens::access_token));
    }
    /// As the server wrote it; always send "Bearer".
    std::string_view token_type() const noexcept ROPC_LIFETIME { return detail::view(read(&ropc_tokens::token_type)); }
    optional_text refresh_token() const noexcept ROPC_LIFETIME {
        return detail::maybe(read(&ropc_tokens::refresh_token));
    }
    /// Who signed in, as a JWT.
    optional_text id_token() const noexcept ROPC_LIFETIME { return detail::maybe(read(&ropc_tokens::id_token)); }
    /// Scopes, separated by spaces; nullopt means as asked for.
    optional_text scope() const noexcept ROPC_LIFETIME { return detail::maybe(read(&ropc_tokens::scope)); }
    /// When the access token ends.
    std::optional<instant> expires_at() const noexcept { return detail::at(read(&ropc_tokens::expires_at)); }
    /// When the answer came, by this machine's clock.
    std::optional<instant> received_at() const noexcept { return detail::at(read(&ropc_tokens::received_at)); }
    /// When it came by the server's clock. Far from received_at(), one of the two clocks is wrong.
    std::optional<instant> server_date_at() const noexcept { return detail::at(read(&ropc_tokens::server_date_at)); }
    /// Another member of the server's answer, as JSON text.
    optional_text extra(std::string_view name) const ROPC_LIFETIME {
        return detail::maybe(ropc_tokens_extra(get(), detail::argument(name)));
    }
    /// What a token says of itself, as the JSON text of one object. Nothing is verified.
    result<text> claims(token_kind which) const { return detail::call<text>(ropc_tokens_claims, *this, which); }
};

/// One access token out of a session; overwritten when it is freed.
class token : public detail::readable<ropc_token> {
public:
    using readable::readable;
    /// For the Authorization header, after "Bearer ".
    std::string_view access_token() const noexcept ROPC_LIFETIME {
        return {read(&ropc_token::access_token), read(&ropc_token::length)};
    }
    std::optional<instant> expires_at() const noexcept { return detail::at(read(&ropc_token::expires_at)); }
};

/// What an API answered; overwritten when it is freed.
class response : public detail::readable<ropc_response> {
public:
    using readable::readable;
    int http_status() const noexcept { return read(&ropc_response::http_status); }
    /// Bytes; they may hold a NUL.
    std::string_view body() const noexcept ROPC_LIFETIME {
        return {reinterpret_cast<const char *>(read(&ropc_response::body)), read(&ropc_response::body_len)};
    }
    optional_text content_type() const noexcept ROPC_LIFETIME {
        return detail::maybe(read(&ropc_response::content_type));
    }
    /// A header by its name, in whatever case; of several the first.
    optional_text header(std::string_view name) const ROPC_LIFETIME {
        return detail::maybe(ropc_response_header(get(), detail::argument(name)));
    }
};

/// A session at one moment, for a line on a screen.
class session_info : public detail::readable<ropc_session_info> {
public:
    using readable::readable;
    session_state state() const noexcept { return static_cast<session_state>(read(&ropc_session_info::state)); }
    /// Whether a refresh is under way.
    bool refreshing() const noexcept { return read(&ropc_session_info::refreshing) != 0; }
    std::string_view user_key() const noexcept ROPC_LIFETIME {
        return detail::view(read(&ropc_session_info::user_key));
    }
    optional_text scope() const noexcept ROPC_LIFETIME { return detail::maybe(read(&ropc_session_info::scope)); }
    /// When the access token ends.
    std::optional<instant> expires_at() const noexcept { return detail::at(read(&ropc_session_info::expires_at)); }
    /// When the tokens came.
    std::optional<instant> received_at() const noexcept { return detail::at(read(&ropc_session_info::received_at)); }
    /// Why the last refresh or save failed; status::ok when none did since the last that succeeded.
    status last_status() const noexcept { return static_cast<status>(read(&ropc_session_info::last_status)); }
    reason last_reason() const noexcept { return static_cast<reason>(read(&ropc_session_info::last_reason)); }
    optional_text last_message() const noexcept ROPC_LIFETIME {
        return detail::maybe(read(&ropc_session_info::last_message));
    }
};

class options;
class session;

/// One operation that runs beside the program and ends with a T: prepared by a function whose name begins with
/// request_, started, polled or waited for, taken. Freed while it runs, it is cancelled. Any thread.
template <class T>
class request : public detail::handle<ropc_request> {
public:
    using handle::handle;
    /// Starts it, once; its time limit runs from here. Does not block.
    result<void> start() const { return detail::done(ropc_request_start, *this); }
    /// status::pending while it is under way, then what it came to. Never blocks: ask every frame.
    [[nodiscard]] ropc::status poll() const { return detail::plain(ropc_request_poll, *this); }
    /// What poll() says once it has ended, or after `most`. Blocks.
    ropc::status wait(duration most) const { return detail::plain(ropc_request_wait, *this, most); }
    /// Has it end as status::cancelled unless it has ended. Returns at once.
    ropc::status cancel() const { return detail::plain(ropc_request_cancel, *this); }
    /// What it came to, once; status::pending while it is under way. Does not block.
    result<T> take() const {
        if constexpr (std::is_void_v<T>) return detail::done(ropc_request_take_done, *this);
        else if constexpr (std::is_same_v<T, tokens>) return detail::call<T>(ropc_request_take_tokens, *this);
        else if constexpr (std::is_same_v<T, text>) return detail::call<T>(ropc_request_take_text, *this);
        else if constexpr (std::is_same_v<T, response>) return detail::call<T>(ropc_request_take_response, *this);
        else if constexpr (std::is_same_v<T, options>) return detail::call<T>(ropc_request_take_options, *this);
        else return detail::call<T>(ropc_request_take_session, *this);
    }
};

/// What to sign in to, and how. One thread at a time. No setter blocks; each gives status::ok, or why it refuses,
/// which client::create() says again, with its message: call them one after the other, and check once.
class options : public detail::handle<ropc_options> {
public:
    using handle::handle;

    /// LoginRadius application `app` at `site`: "acme.hub.loginradius.com".
    static result<options> loginradius(std::string_view site, std::string_view app, std::string_view client_id) {
        return detail::call<options>(ropc_options_loginradius, site, app, client_id);
    }
    /// Any RFC 6749 server; nullopt for `token_url` when discover() is to find it.
    static result<options> oauth2(optional_text token_url, std::string_view client_id) {
        return detail::call<options>(ropc_options_oauth2, token_url, client_id);
    }
    /// These settings with the endpoints that the server of `issuer` names, also at other hosts if `other_hosts`.
    /// Blocks, up to the total time limit.
    result<options> discover(std::string_view issuer, bool other_hosts) const {
        return detail::call<options>(ropc_discover, *this, issuer, other_hosts);
    }
    result<request<options>> request_discover(std::string_view issuer, bool other_hosts) const {
        return detail::call<request<options>>(ropc_request_discover, *this, issuer, other_hosts);
    }

    /// Default: app_kind::oauth.
    status set_app_kind(app_kind kind) { return detail::plain(ropc_options_set_app_kind, *this, kind); }
    /// Default: LoginRadius' own, or what discover() found.
    status set_endpoint(endpoint which, std::string_view url) {
        return detail::plain(ropc_options_set_endpoint, *this, which, url);
    }
    /// Whom ID tokens must be of. Default: none, or what discover() was told.
    status set_issuer(std::string_view issuer) { return detail::plain(ropc_options_set_issuer, *this, issuer); }
    /// The application's secret, at most ROPC_MAX_CLIENT_SECRET bytes. Default: none.
    status set_secret(std::string_view value, secret_method method) {
        return detail::plain(ropc_options_set_secret, *this, value, method);
    }
    /// Default: encoding::json for LoginRadius, else encoding::form.
    status set_encoding(encoding how) { return detail::plain(ropc_options_set_encoding, *this, how); }
    /// Scopes with one space between them. Default: none, or "openid" for app_kind::oidc.
    status set_scope(std::string_view scope) { return detail::plain(ropc_options_set_scope, *this, scope); }
    /// One more parameter of every token request; at most ROPC_MAX_PARAMS. Default: none.
    status add_param(std::string_view name, std::string_view value) {
        return detail::plain(ropc_options_add_param, *this, name, value);
    }
    /// nullopt leaves it out. Default: "token" for LoginRadius, else none.
    status set_response_type(optional_text value) {
        return detail::plain(ropc_options_set_response_type, *this, value);
    }
    /// For a connection, and in all: 1 to 600000 ms each. Default: 10 s and 30 s.
    status set_timeouts(duration connect, duration total) {
        return detail::plain(ropc_options_set_timeouts, *this, connect, total);
    }
    /// Whose certificates to trust. Default: trust::bundled.
    status set_trust(trust whose) { return detail::plain(ropc_options_set_trust, *this, whose); }
    /// Trusts the authorities in `pem` and no others.
    status set_ca_pem(std::string_view pem) {
        return detail::plain(ropc_options_set_ca_pem, *this, pem.data(), pem.size());
    }
    /// Demands a key with this SHA-256, in base64 or hexadecimal, of `origin`; of several one. Default: none.
    status add_pin(std::string_view origin, std::string_view sha256) {
        return detail::plain(ropc_options_add_pin, *this, origin, sha256);
    }
    /// Certificate chain and private key to show to `origin`. Default: none.
    status set_client_cert_pem(std::string_view origin, std::string_view cert, std::string_view key) {
        return detail::plain(ropc_options_set_client_cert_pem, *this, origin, cert.data(), cert.size(), key.data(),
                             key.size());
    }
    /// "" for none at all. Default: the environment's.
    status set_proxy(std::string_view url) { return detail::plain(ropc_options_set_proxy, *this, url); }
    /// Default: "ropc/" and the version.
    status set_user_agent(std::string_view agent) { return detail::plain(ropc_options_set_user_agent, *this, agent); }
    /// LoginRadius' API key. Default: none.
    status set_api_key(std::string_view key) { return detail::plain(ropc_options_set_api_key, *this, key); }
    /// Lets sessions send the access token to `origin` too. Default: the server's own.
    status add_api_origin(std::string_view origin) {
        return detail::plain(ropc_options_add_api_origin, *this, origin);
    }
    /// What else a server says when a refresh token has ended. Default: "invalid_grant", and 1217 with LoginRadius.
    status add_ended_error(std::string_view what) { return detail::plain(ropc_options_add_ended_error, *this, what); }
    /// ropc_limit tells ranges and defaults.
    status set_limit(limit which, std::uint64_t value) {
        return detail::plain(ropc_options_set_limit, *this, which, value);
    }
    /// What is logged: to `log`, or without one into a queue that client::next_log() reads. Default: log_level::off.
    status set_log(log_level level, log_function log = nullptr) {
        auto kept = log ? std::make_shared<log_function>(std::move(log)) : nullptr;
        const ropc_log_fn called = kept ? &options::logged : nullptr;
        const auto set = detail::plain(ropc_options_set_log, *this, level, called, static_cast<void *>(kept.get()));
        if (set == status::ok) keeper_ = std::move(kept);
        return set;
    }

private:
    static void logged(void *log, std::int32_t level, const char *line) noexcept {
        (*static_cast<log_function *>(log))(static_cast<log_level>(level), line);
    }
};

/// Where sessions keep their tokens between two runs of the program. Any thread, any number of sessions.
class store : public detail::handle<ropc_store> {
public:
    using handle::handle;

    /// The file at `path`, in UTF-8, for its owner only. It need not exist yet. Blocks as long as reading it takes.
    static result<store> file(std::string_view path) { return detail::call<store>(ropc_store_file, path); }
    /// A place of the program's: a keychain, a profile. What is to be saved is pulled with session::pending() and
    /// session::saved(); with `save`, blocking calls of the session have it done by themselves.
    static result<store> host(save_function save = nullptr) {
        auto kept = save ? std::make_shared<save_function>(std::move(save)) : nullptr;
        const ropc_save_fn called = kept ? &store::saved : nullptr;
        auto made = detail::call<store>(ropc_store_host, called, static_cast<void *>(kept.get()));
        made->keeper_ = std::move(kept);
        return made;
    }
    /// Gives a store of host() the record that was saved for `user_key`, for the next client::session_resume().
    result<void> give(std::string_view user_key, std::string_view record) const {
        return detail::done(ropc_store_give, *this, user_key, record);
    }

private:
    static std::int32_t saved(void *save, const char *user_key, const char *record) noexcept {
        return (*static_cast<save_function *>(save))(user_key, detail::maybe(record)) ? 1 : 0;
    }
};

/// A user who is signed in: an access token that is always good. Any thread, except that functions given to
/// store::host() and options::set_log() may be called in several at once. Freed, it revokes nothing.
class session : public detail::handle<ropc_session> {
public:
    using handle::handle;

    /// An access token that is good for `least` more. Blocks only when there is none, and for `most` at most.
    result<ropc::token> token(duration least, duration most) const {
        return detail::call<ropc::token>(ropc_session_token, *this, least, most);
    }
    /// The same without ever blocking: status::pending while a refresh is under way.
    result<ropc::token> poll(duration least) const {
        return detail::call<ropc::token>(ropc_session_poll, *this, least);
    }
    /// Gets newer tokens now; with `force` also after status::unclear or in a pause. Blocks for `most` at most; with
    /// 0 it only begins: status::pending.
    result<void> refresh(bool force, duration most) const {
        return detail::done(ropc_session_refresh, *this, force, most);
    }
    /// An API answered 401 to this token: it is not handed out any more.
    ropc::status expire(std::string_view access_token) const {
        return detail::plain(ropc_session_expire, *this, access_token);
    }
    /// The record that is to be saved, which holds tokens; an empty text when everything is saved. Does not block.
    result<text> pending() const { return detail::call<text>(ropc_session_pending, *this); }
    /// That it is saved, or could not be. Does not block.
    ropc::status saved(bool ok) const { return detail::plain(ropc_session_saved, *this, ok); }
    /// Has the server end the tokens and forgets them. Blocks, up to the total time limit.
    result<void> sign_out() const { return detail::done(ropc_session_sign_out, *this); }
    result<request<void>> request_sign_out() const {
        return detail::call<request<void>>(ropc_request_session_sign_out, *this);
    }
    /// Calls an API with the access token. Every HTTP status is a response. Blocks, up to the total time limit.
    result<response> call(std::string_view method, std::string_view url, const fields &headers = {},
                          optional_text body = std::nullopt) const {
        const detail::argument_fields all(headers);
        return detail::call<response>(ropc_session_call, *this, method, url, all.names(), all.values(), all.size(),
                                      bytes(body), body ? body->size() : 0);
    }
    result<request<response>> request_call(std::string_view method, std::string_view url, const fields &headers = {},
                                           optional_text body = std::nullopt) const {
        const detail::argument_fields all(headers);
        return detail::call<request<response>>(ropc_request_session_call, *this, method, url, all.names(),
                                               all.values(), all.size(), bytes(body), body ? body->size() : 0);
    }
    /// How it is now. Does not block.
    result<session_info> status() const { return detail::call<session_info>(ropc_session_status, *this); }

private:
    static const std::uint8_t *bytes(const optional_text &body) noexcept {
        if (!body) return nullptr;
        return reinterpret_cast<const std::uint8_t *>(body->data() ? body->data() : "");
    }
};

/// One application at one server, with its connections. Any thread. What blocks does so up to the total time limit;
/// the function with request_ before its name prepares the same for a thread of the library, and does not block.
class client : public detail::handle<ropc_client> {
public:
    using handle::handle;

    /// From settings, which are copied. Connects to nothing yet; does not block.
    static result<client> create(const options &settings) { return detail::call<client>(ropc_client_new, settings); }
    /// Connects ahead of a login. Blocks.
    result<void> connect() const { return detail::done(ropc_client_connect, *this); }
    result<request<void>> request_connect() const { return detail::call<request<void>>(ropc_request_connect, *this); }
    /// Stops all calls that are under way, as status::cancelled. Returns at once.
    ropc::status cancel() const { return detail::plain(ropc_client_cancel, *this); }
    /// The HTTP proxy through which the token endpoint is reached, as "host:port" without its login; an empty text when
    /// it is reached directly. Does not block.
    result<text> proxy() const { return detail::call<text>(ropc_client_proxy, *this); }
    /// The oldest line of the log's queue; an empty one when there is none. Does not block.
    result<log_line> next_log() const {
        std::int32_t level = ROPC_LOG_OFF;
        char *line = nullptr;
        const auto status = static_cast<ropc::status>(ropc_client_next_log(get(), &level, &line));
        return result<log_line>(log_line(line, static_cast<log_level>(level)), ropc::error(status));
    }

    /// Signs in. The password is sent at most once. Blocks.
    result<tokens> login(std::string_view username, std::string_view password) const {
        return detail::call<tokens>(ropc_login_n, *this, username.data(), username.size(), password.data(),
                                    password.size());
    }
    result<request<tokens>> request_login(std::string_view username, std::string_view password) const {
        return detail::call<request<tokens>>(ropc_request_login_n, *this, username.data(), username.size(),
                                             password.data(), password.size());
    }
    /// Any other grant: `grant("password", {{"username", ...}, {"password", ...}, {"g-recaptcha-response", ...}})`.
    /// Blocks.
    result<tokens> grant(std::string_view type, const fields &parameters = {}) const {
        const detail::argument_fields all(parameters);
        return detail::call<tokens>(ropc_grant, *this, type, all.names(), all.values(), all.size());
    }
    result<request<tokens>> request_grant(std::string_view type, const fields &parameters = {}) const {
        const detail::argument_fields all(parameters);
        return detail::call<request<tokens>>(ropc_request_grant, *this, type, all.names(), all.values(), all.size());
    }

    /// Signs in, and stays so as long as the session lives. `user_key` is the user name unless given. Blocks.
    result<session> session_login(std::string_view username, std::string_view password,
                                  optional_text user_key = std::nullopt) const {
        return detail::call<session>(ropc_session_login_n, *this, username.data(), username.size(), password.data(),
                                     password.size(), nullptr, user_key);
    }
    /// The same, kept in `where` as the record of `user_key`.
    result<session> session_login(std::string_view username, std::string_view password, const store &where,
                                  optional_text user_key = std::nullopt) const {
        return detail::call<session>(ropc_session_login_n, *this, username.data(), username.size(), password.data(),
                                     password.size(), where, user_key);
    }
    result<request<session>> request_session_login(std::string_view username, std::string_view password,
                                                   optional_text user_key = std::nullopt) const {
        return detail::call<request<session>>(ropc_request_session_login_n, *this, username.data(), username.size(),
                                              password.data(), password.size(), nullptr, user_key);
    }
    result<request<session>> request_session_login(std::string_view username, std::string_view password,
                                                   const store &where, optional_text user_key = std::nullopt) const {
        return detail::call<request<session>>(ropc_request_session_login_n, *this, username.data(), username.size(),
                                              password.data(), password.size(), where, user_key);
    }
    /// A session from tokens, which are copied. Blocks as long as its file takes; when another process refreshes this
    /// user, up to half of the total time limit.
    result<session> session_new(const tokens &from, std::string_view user_key) const {
        return detail::call<session>(ropc_session_new, *this, from, nullptr, user_key);
    }
    result<session> session_new(const tokens &from, const store &where, std::string_view user_key) const {
        return detail::call<session>(ropc_session_new, *this, from, where, user_key);
    }
    result<request<session>> request_session_new(const tokens &from, std::string_view user_key) const {
        return detail::call<request<session>>(ropc_request_session_new, *this, from, nullptr, user_key);
    }
    result<request<session>> request_session_new(const tokens &from, const store &where,
                                                 std::string_view user_key) const {
        return detail::call<request<session>>(ropc_request_session_new, *this, from, where, user_key);
    }
    /// The session that `where` has for `user_key`, as when the program is started again; status::signed_out when it
    /// has none. Asks no server; blocks only as long as its file takes.
    result<session> session_resume(const store &where, std::string_view user_key) const {
        return detail::call<session>(ropc_session_resume, *this, where, user_key);
    }

    /// New tokens for a refresh token. Keep the new one first: the old one may be worth nothing any more. Blocks.
    result<tokens> refresh(std::string_view refresh_token) const {
        return detail::call<tokens>(ropc_refresh, *this, refresh_token);
    }
    result<request<tokens>> request_refresh(std::string_view refresh_token) const {
        return detail::call<request<tokens>>(ropc_request_refresh, *this, refresh_token);
    }
    /// Has the server end a token. Blocks.
    result<void> revoke(std::string_view token, token_hint what = token_hint::none) const {
        return detail::done(ropc_revoke, *this, token, what);
    }
    result<request<void>> request_revoke(std::string_view token, token_hint what = token_hint::none) const {
        return detail::call<request<void>>(ropc_request_revoke, *this, token, what);
    }
    /// Who the user is, as the JSON text of one object. Blocks.
    result<text> userinfo(std::string_view access_token) const {
        return detail::call<text>(ropc_userinfo, *this, access_token);
    }
    result<request<text>> request_userinfo(std::string_view access_token) const {
        return detail::call<request<text>>(ropc_request_userinfo, *this, access_token);
    }
    /// LoginRadius' profile as JSON text, all of it or only `members`: "Email,FirstName". Wants the API key. Blocks.
    result<text> profile(std::string_view access_token, optional_text members = std::nullopt) const {
        return detail::call<text>(ropc_profile, *this, access_token, members);
    }
    result<request<text>> request_profile(std::string_view access_token, optional_text members = std::nullopt) const {
        return detail::call<request<text>>(ropc_request_profile, *this, access_token, members);
    }
    /// Asks LoginRadius whether an access token is good, and until when. Wants the API key. Blocks.
    result<tokens> validate(std::string_view access_token) const {
        return detail::call<tokens>(ropc_validate, *this, access_token);
    }
    result<request<tokens>> request_validate(std::string_view access_token) const {
        return detail::call<request<tokens>>(ropc_request_validate, *this, access_token);
    }
    /// Has LoginRadius end an access token, and its refresh token with it. Wants the API key. Blocks.
    result<void> invalidate(std::string_view access_token) const {
        return detail::done(ropc_invalidate, *this, access_token);
    }
    result<request<void>> request_invalidate(std::string_view access_token) const {
        return detail::call<request<void>>(ropc_request_invalidate, *this, access_token);
    }
    /// Proves an ID token, and gives what it says as the JSON text of one object. Blocks when keys are to be fetched.
    result<text> verify_id_token(std::string_view id_token, optional_text access_token = std::nullopt,
                                 optional_text nonce = std::nullopt) const {
        return detail::call<text>(ropc_verify_id_token, *this, id_token, access_token, nonce);
    }
    result<request<text>> request_verify_id_token(std::string_view id_token, optional_text access_token = std::nullopt,
                                                  optional_text nonce = std::nullopt) const {
        return detail::call<request<text>>(ropc_request_verify_id_token, *this, id_token, access_token, nonce);
    }
};

/// Ends every request and blocking call of the process as status::cancelled, and this library's threads, for whose
/// end it waits, `most` at most; how many were not gone then. Call it before the code around the library is unloaded;
/// not from a callback. Handles stay valid, and the library can be used again.
inline std::uint32_t shutdown(duration most) { return ropc_shutdown(most.ms()); }

}  // namespace ropc

#endif  // ROPC_HPP
