--- What C sees of the library. Written by generate.py from include/ropc.h; do
-- not edit.
--
-- Enums are 32-bit integers here: LuaJIT would box values of an enum type. The
-- types of callbacks are `void *`, for which NULL alone is ever passed.
-- @local
-- @module ropc.cdef

local ffi = require "ffi"

-- A struct can be declared once in a Lua state, and a module be loaded again.
if not pcall(ffi.typeof, "ropc_tokens") then
  ffi.cdef [[
    typedef int32_t ropc_status;
    typedef int32_t ropc_reason;
    typedef int32_t ropc_stage;
    typedef int32_t ropc_session_state;
    typedef int32_t ropc_app;
    typedef int32_t ropc_endpoint;
    typedef int32_t ropc_secret;
    typedef int32_t ropc_encoding;
    typedef int32_t ropc_trust;
    typedef int32_t ropc_limit;
    typedef int32_t ropc_log;
    typedef int32_t ropc_token_kind;
    typedef int32_t ropc_hint;
    typedef void *ropc_log_fn;
    typedef void *ropc_save_fn;
    typedef struct ropc_client ropc_client;
    typedef struct ropc_options ropc_options;
    typedef struct ropc_request ropc_request;
    typedef struct ropc_session ropc_session;
    typedef struct ropc_store ropc_store;
    typedef struct ropc_error {
      ropc_status status; ropc_reason reason; ropc_stage stage; int32_t http_status; int64_t provider_code;
      int64_t retry_after_ms; int64_t locked_until_at; int64_t server_date_at; int32_t request_sent; int32_t retryable;
      const char *message; const char *oauth_error; const char *oauth_description; const char *provider_message;
      const char *provider_description;
    } ropc_error;
    typedef struct ropc_tokens {
      const char *access_token; const char *token_type; const char *refresh_token; const char *id_token;
      const char *scope; int64_t expires_at; int64_t received_at; int64_t server_date_at;
    } ropc_tokens;
    typedef struct ropc_token {
      const char *access_token; size_t length; int64_t expires_at;
    } ropc_token;
    typedef struct ropc_session_info {
      ropc_session_state state; int32_t refreshing; const char *user_key; const char *scope; int64_t expires_at;
      int64_t received_at; ropc_status last_status; ropc_reason last_reason; const char *last_message;
    } ropc_session_info;
    typedef struct ropc_response {
      int32_t http_status; const uint8_t *body; size_t body_len; const char *content_type;
    } ropc_response;
    const char *ropc_version(void);
    ropc_status ropc_abi_check(uint32_t abi);
    const char *ropc_status_name(int32_t status);
    const char *ropc_reason_name(int32_t reason);
    const char *ropc_reason_advice(int32_t reason);
    ropc_status ropc_set_workers(uint32_t most);
    uint32_t ropc_shutdown(uint32_t wait_ms);
    void ropc_string_free(char *string);
    void ropc_wipe(void *buffer, size_t len);
    ropc_status ropc_options_loginradius(const char *site, const char *app, const char *client_id, ropc_options **out,
        ropc_error **err);
    ropc_status ropc_options_oauth2(const char *token_url, const char *client_id, ropc_options **out, ropc_error **err);
    void ropc_options_free(ropc_options *options);
    ropc_status ropc_options_set_app_kind(ropc_options *options, int32_t kind);
    ropc_status ropc_options_set_endpoint(ropc_options *options, int32_t which, const char *url);
    ropc_status ropc_options_set_issuer(ropc_options *options, const char *issuer);
    ropc_status ropc_options_set_secret(ropc_options *options, const char *secret, int32_t method);
    ropc_status ropc_options_set_encoding(ropc_options *options, int32_t encoding);
    ropc_status ropc_options_set_scope(ropc_options *options, const char *scope);
    ropc_status ropc_options_add_param(ropc_options *options, const char *name, const char *value);
    ropc_status ropc_options_set_response_type(ropc_options *options, const char *value);
    ropc_status ropc_options_set_timeouts(ropc_options *options, uint32_t connect_ms, uint32_t total_ms);
    ropc_status ropc_options_set_trust(ropc_options *options, int32_t trust);
    ropc_status ropc_options_set_ca_pem(ropc_options *options, const char *pem, size_t len);
    ropc_status ropc_options_add_pin(ropc_options *options, const char *origin, const char *sha256);
    ropc_status ropc_options_set_client_cert_pem(ropc_options *options, const char *origin, const char *cert,
        size_t cert_len, const char *key, size_t key_len);
    ropc_status ropc_options_set_proxy(ropc_options *options, const char *url);
    ropc_status ropc_options_set_user_agent(ropc_options *options, const char *user_agent);
    ropc_status ropc_options_set_api_key(ropc_options *options, const char *key);
    ropc_status ropc_options_add_api_origin(ropc_options *options, const char *origin);
    ropc_status ropc_options_add_ended_error(ropc_options *options, const char *error);
    ropc_status ropc_options_set_limit(ropc_options *options, int32_t which, uint64_t value);
    ropc_status ropc_options_set_log(ropc_options *options, int32_t level, ropc_log_fn log, void *user);
    ropc_status ropc_request_discover(const ropc_options *options, const char *issuer, int32_t other_hosts,
        ropc_request **out, ropc_error **err);
    ropc_status ropc_client_new(const ropc_options *options, ropc_client **out, ropc_error **err);
    void ropc_client_free(ropc_client *client);
    ropc_status ropc_client_cancel(const ropc_client *client);
    ropc_status ropc_client_proxy(const ropc_client *client, char **out, ropc_error **err);
    ropc_status ropc_client_next_log(const ropc_client *client, int32_t *level, char **out);
    ropc_status ropc_request_refresh(const ropc_client *client, const char *refresh_token, ropc_request **out,
        ropc_error **err);
    ropc_status ropc_request_revoke(const ropc_client *client, const char *token, int32_t hint, ropc_request **out,
        ropc_error **err);
    ropc_status ropc_request_userinfo(const ropc_client *client, const char *access_token, ropc_request **out,
        ropc_error **err);
    ropc_status ropc_request_profile(const ropc_client *client, const char *access_token, const char *fields,
        ropc_request **out, ropc_error **err);
    ropc_status ropc_request_validate(const ropc_client *client, const char *access_token, ropc_request **out,
        ropc_error **err);
    ropc_status ropc_request_invalidate(const ropc_client *client, const char *access_token, ropc_request **out,
        ropc_error **err);
    ropc_status ropc_request_verify_id_token(const ropc_client *client, const char *id_token, const char *access_token,
        const char *nonce, ropc_request **out, ropc_error **err);
    ropc_status ropc_request_login_n(const ropc_client *client, const char *username, size_t username_len,
        const char *password, size_t password_len, ropc_request **out, ropc_error **err);
    ropc_status ropc_request_grant(const ropc_client *client, const char *grant_type, const char *const *names,
        const char *const *values, size_t count, ropc_request **out, ropc_error **err);
    ropc_status ropc_request_connect(const ropc_client *client, ropc_request **out, ropc_error **err);
    ropc_status ropc_request_start(const ropc_request *request, ropc_error **err);
    ropc_status ropc_request_poll(const ropc_request *request);
    ropc_status ropc_request_wait(const ropc_request *request, uint32_t wait_ms);
    ropc_status ropc_request_take_tokens(const ropc_request *request, ropc_tokens **out, ropc_error **err);
    ropc_status ropc_request_take_text(const ropc_request *request, char **out, ropc_error **err);
    ropc_status ropc_request_take_options(const ropc_request *request, ropc_options **out, ropc_error **err);
    ropc_status ropc_request_take_done(const ropc_request *request, ropc_error **err);
    ropc_status ropc_request_cancel(const ropc_request *request);
    void ropc_request_free(ropc_request *request);
    ropc_status ropc_store_file(const char *path, ropc_store **out, ropc_error **err);
    ropc_status ropc_store_host(ropc_save_fn save, void *user, ropc_store **out, ropc_error **err);
    ropc_status ropc_store_give(const ropc_store *store, const char *user_key, const char *record, ropc_error **err);
    void ropc_store_free(ropc_store *store);
    ropc_status ropc_request_session_new(const ropc_client *client, const ropc_tokens *tokens, const ropc_store *store,
        const char *user_key, ropc_request **out, ropc_error **err);
    ropc_status ropc_request_session_login_n(const ropc_client *client, const char *username, size_t username_len,
        const char *password, size_t password_len, const ropc_store *store, const char *user_key, ropc_request **out,
        ropc_error **err);
    ropc_status ropc_request_take_session(const ropc_request *request, ropc_session **out, ropc_error **err);
    ropc_status ropc_session_resume(const ropc_client *client, const ropc_store *store, const char *user_key,
        ropc_session **out, ropc_error **err);
    ropc_status ropc_session_token(const ropc_session *session, uint32_t min_ms, uint32_t wait_ms, ropc_token **out,
        ropc_error **err);
    ropc_status ropc_session_poll(const ropc_session *session, uint32_t min_ms, ropc_token **out, ropc_error **err);
    ropc_status ropc_session_refresh(const ropc_session *session, int32_t force, uint32_t wait_ms, ropc_error **err);
    ropc_status ropc_session_expire(const ropc_session *session, const char *access_token);
    ropc_status ropc_session_pending(const ropc_session *session, char **out, ropc_error **err);
    ropc_status ropc_session_saved(const ropc_session *session, int32_t ok);
    ropc_status ropc_request_session_sign_out(const ropc_session *session, ropc_request **out, ropc_error **err);
    void ropc_session_free(ropc_session *session);
    void ropc_token_free(ropc_token *token);
    ropc_status ropc_session_status(const ropc_session *session, ropc_session_info **out, ropc_error **err);
    void ropc_session_info_free(ropc_session_info *info);
    ropc_status ropc_request_session_call(const ropc_session *session, const char *method, const char *url,
        const char *const *names, const char *const *values, size_t count, const uint8_t *body, size_t body_len,
        ropc_request **out, ropc_error **err);
    ropc_status ropc_request_take_response(const ropc_request *request, ropc_response **out, ropc_error **err);
    const char *ropc_response_header(const ropc_response *response, const char *name);
    void ropc_response_free(ropc_response *response);
    void ropc_tokens_free(ropc_tokens *tokens);
    const char *ropc_tokens_extra(const ropc_tokens *tokens, const char *name);
    ropc_status ropc_tokens_claims(const ropc_tokens *tokens, int32_t which, char **out, ropc_error **err);
    void ropc_error_free(ropc_error *error);
    const char *ropc_error_extra(const ropc_error *error, const char *name);
  ]]
end

return {
  abi = 1,
  enums = {
    status = {
      OK = 0, PENDING = 1, SAVE_FIRST = 2, E_ARG = 10, E_STATE = 11, E_UNSUPPORTED = 12, E_RESOURCES = 13,
      E_RESOLVE = 20, E_CONNECT = 21, E_TLS = 22, E_TIMEOUT = 23, E_IO = 24, E_CANCELLED = 25, E_PROXY = 26,
      E_REFUSED = 30, E_CLIENT = 31, E_RATE_LIMITED = 32, E_SERVER = 33, E_ANSWER = 34, E_ID_TOKEN = 35,
      E_SIGNED_OUT = 40, E_UNCLEAR = 41, E_STORE = 42, E_NOT_REVOKED = 43, E_BUG = 90,
    },
    stage = { NONE = 0, SETUP = 1, LOOKUP = 2, CONNECT = 3, PROXY = 4, TLS = 5, SEND = 6, RECEIVE = 7, ANSWER = 8 },
    session_state = { SIGNED_IN = 1, REFRESHING = 2, SAVE_FIRST = 3, WAITING = 4, UNCLEAR = 5, SIGNED_OUT = 6 },
    app = { OAUTH = 0, OIDC = 1 },
    endpoint = { TOKEN = 1, REVOKE = 2, USERINFO = 3, JWKS = 4, IDENTITY = 5 },
    secret = { POST = 1, BASIC = 2, BASIC_RAW = 3 },
    encoding = { JSON = 1, FORM = 2 },
    trust = { BUNDLED = 0, SYSTEM = 1 },
    limit = { ANSWER_BYTES = 1, IDLE_CONNECTIONS = 2, IDLE_MS = 3 },
    log = { OFF = 0, ERROR = 1, WARN = 2, INFO = 3, DEBUG = 4 },
    token_kind = { ACCESS = 1, ID = 2 },
    hint = { NONE = 0, ACCESS = 1, REFRESH = 2 },
  },
}
