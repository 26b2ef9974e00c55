// Generated from include/ropc.h by bindings/unity/generate.py; do not edit.

using System;
using System.Runtime.InteropServices;

// Fields are written by the library only.
#pragma warning disable 649

namespace Ropc
{
    [Preserve, StructLayout(LayoutKind.Sequential)]
    internal struct ropc_error
    {
        [Preserve] public RopcStatus status;
        [Preserve] public RopcReason reason;
        [Preserve] public RopcStage stage;
        [Preserve] public int http_status;
        [Preserve] public long provider_code;
        [Preserve] public long retry_after_ms;
        [Preserve] public long locked_until_at;
        [Preserve] public long server_date_at;
        [Preserve] public int request_sent;
        [Preserve] public int retryable;
        [Preserve] public IntPtr message;
        [Preserve] public IntPtr oauth_error;
        [Preserve] public IntPtr oauth_description;
        [Preserve] public IntPtr provider_message;
        [Preserve] public IntPtr provider_description;
    }

    [Preserve, StructLayout(LayoutKind.Sequential)]
    internal struct ropc_tokens
    {
        [Preserve] public IntPtr access_token;
        [Preserve] public IntPtr token_type;
        [Preserve] public IntPtr refresh_token;
        [Preserve] public IntPtr id_token;
        [Preserve] public IntPtr scope;
        [Preserve] public long expires_at;
        [Preserve] public long received_at;
        [Preserve] public long server_date_at;
    }

    [Preserve, StructLayout(LayoutKind.Sequential)]
    internal struct ropc_token
    {
        [Preserve] public IntPtr access_token;
        [Preserve] public UIntPtr length;
        [Preserve] public long expires_at;
    }

    [Preserve, StructLayout(LayoutKind.Sequential)]
    internal struct ropc_session_info
    {
        [Preserve] public RopcSessionState state;
        [Preserve] public int refreshing;
        [Preserve] public IntPtr user_key;
        [Preserve] public IntPtr scope;
        [Preserve] public long expires_at;
        [Preserve] public long received_at;
        [Preserve] public RopcStatus last_status;
        [Preserve] public RopcReason last_reason;
        [Preserve] public IntPtr last_message;
    }

    [Preserve, StructLayout(LayoutKind.Sequential)]
    internal struct ropc_response
    {
        [Preserve] public int http_status;
        [Preserve] public IntPtr body;
        [Preserve] public UIntPtr body_len;
        [Preserve] public IntPtr content_type;
    }

    /// <summary>The functions of ropc.h, which is their manual.</summary>
    internal static class Native
    {
#if UNITY_IOS && !UNITY_EDITOR
        // Linked into the program.
        const string Library = "__Internal";
#else
        const string Library = "ropc";
#endif

        public const int ROPC_ABI = 1;
        public const int ROPC_VERSION_MAJOR = 0;
        public const int ROPC_VERSION_MINOR = 1;
        public const int ROPC_VERSION_PATCH = 0;

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern IntPtr ropc_version();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_abi_check(uint abi);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern IntPtr ropc_status_name(int status);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern IntPtr ropc_reason_name(int reason);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern IntPtr ropc_reason_advice(int reason);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_set_workers(uint most);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern uint ropc_shutdown(uint wait_ms);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern void ropc_string_free(IntPtr @string);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern void ropc_wipe(IntPtr buffer, UIntPtr len);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_loginradius(IntPtr site, IntPtr app, IntPtr client_id,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_oauth2(IntPtr token_url, IntPtr client_id, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern void ropc_options_free(IntPtr options);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_app_kind(OptionsHandle options, int kind);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_endpoint(OptionsHandle options, int which, IntPtr url);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_issuer(OptionsHandle options, IntPtr issuer);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_secret(OptionsHandle options, IntPtr secret, int method);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_encoding(OptionsHandle options, int encoding);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_scope(OptionsHandle options, IntPtr scope);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_add_param(OptionsHandle options, IntPtr name, IntPtr value);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_response_type(OptionsHandle options, IntPtr value);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_timeouts(OptionsHandle options, uint connect_ms,
            uint total_ms);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_trust(OptionsHandle options, int trust);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_ca_pem(OptionsHandle options, IntPtr pem, UIntPtr len);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_add_pin(OptionsHandle options, IntPtr origin, IntPtr sha256);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_client_cert_pem(OptionsHandle options, IntPtr origin,
            IntPtr cert, UIntPtr cert_len, IntPtr key, UIntPtr key_len);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_proxy(OptionsHandle options, IntPtr url);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_user_agent(OptionsHandle options, IntPtr user_agent);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_api_key(OptionsHandle options, IntPtr key);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_add_api_origin(OptionsHandle options, IntPtr origin);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_add_ended_error(OptionsHandle options, IntPtr error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_limit(OptionsHandle options, int which, ulong value);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_options_set_log(OptionsHandle options, int level, IntPtr log,
            IntPtr user);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_discover(OptionsHandle options, IntPtr issuer, int other_hosts,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_discover(OptionsHandle options, IntPtr issuer, int other_hosts,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_client_new(OptionsHandle options, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern void ropc_client_free(IntPtr client);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_client_connect(ClientHandle client, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_client_cancel(ClientHandle client);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_client_proxy(ClientHandle client, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_client_next_log(ClientHandle client, out int level, out IntPtr @out);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_login(ClientHandle client, IntPtr username, IntPtr password,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_login_n(ClientHandle client, IntPtr username, UIntPtr username_len,
            IntPtr password, UIntPtr password_len, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_grant(ClientHandle client, IntPtr grant_type, IntPtr[] names,
            IntPtr[] values, UIntPtr count, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_refresh(ClientHandle client, IntPtr refresh_token, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_refresh(ClientHandle client, IntPtr refresh_token,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_revoke(ClientHandle client, IntPtr token, int hint, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_revoke(ClientHandle client, IntPtr token, int hint,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_userinfo(ClientHandle client, IntPtr access_token, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_userinfo(ClientHandle client, IntPtr access_token,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_profile(ClientHandle client, IntPtr access_token, IntPtr fields,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_profile(ClientHandle client, IntPtr access_token, IntPtr fields,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_validate(ClientHandle client, IntPtr access_token, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_validate(ClientHandle client, IntPtr access_token,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_invalidate(ClientHandle client, IntPtr access_token, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_invalidate(ClientHandle client, IntPtr access_token,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_verify_id_token(ClientHandle client, IntPtr id_token,
            IntPtr access_token, IntPtr nonce, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_verify_id_token(ClientHandle client, IntPtr id_token,
            IntPtr access_token, IntPtr nonce, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_login(ClientHandle client, IntPtr username, IntPtr password,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_login_n(ClientHandle client, IntPtr username,
            UIntPtr username_len, IntPtr password, UIntPtr password_len, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_grant(ClientHandle client, IntPtr grant_type, IntPtr[] names,
            IntPtr[] values, UIntPtr count, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_connect(ClientHandle client, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_start(RequestHandle request, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_poll(RequestHandle request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_wait(RequestHandle request, uint wait_ms);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_take_tokens(RequestHandle request, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_take_text(RequestHandle request, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_take_options(RequestHandle request, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_take_done(RequestHandle request, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_cancel(RequestHandle request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern void ropc_request_free(IntPtr request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_store_file(IntPtr path, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_store_host(IntPtr save, IntPtr user, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_store_give(StoreHandle store, IntPtr user_key, IntPtr record,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern void ropc_store_free(IntPtr store);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_new(ClientHandle client, TokensHandle tokens, StoreHandle store,
            IntPtr user_key, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_login(ClientHandle client, IntPtr username, IntPtr password,
            StoreHandle store, IntPtr user_key, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_login_n(ClientHandle client, IntPtr username,
            UIntPtr username_len, IntPtr password, UIntPtr password_len, StoreHandle store, IntPtr user_key,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_session_new(ClientHandle client, TokensHandle tokens,
            StoreHandle store, IntPtr user_key, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_session_login(ClientHandle client, IntPtr username,
            IntPtr password, StoreHandle store, IntPtr user_key, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_session_login_n(ClientHandle client, IntPtr username,
            UIntPtr username_len, IntPtr password, UIntPtr password_len, StoreHandle store, IntPtr user_key,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_take_session(RequestHandle request, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_resume(ClientHandle client, StoreHandle store, IntPtr user_key,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_token(SessionHandle session, uint min_ms, uint wait_ms,
            out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_poll(SessionHandle session, uint min_ms, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_refresh(SessionHandle session, int force, uint wait_ms,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_expire(SessionHandle session, IntPtr access_token);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_pending(SessionHandle session, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_saved(SessionHandle session, int ok);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_sign_out(SessionHandle session, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_session_sign_out(SessionHandle session, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern void ropc_session_free(IntPtr session);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern void ropc_token_free(IntPtr token);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_status(SessionHandle session, out IntPtr @out, out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern void ropc_session_info_free(IntPtr info);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_session_call(SessionHandle session, IntPtr method, IntPtr url,
            IntPtr[] names, IntPtr[] values, UIntPtr count, byte[] body, UIntPtr body_len, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_session_call(SessionHandle session, IntPtr method, IntPtr url,
            IntPtr[] names, IntPtr[] values, UIntPtr count, byte[] body, UIntPtr body_len, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_request_take_response(RequestHandle request, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern IntPtr ropc_response_header(ResponseHandle response, IntPtr name);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern void ropc_response_free(IntPtr response);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern void ropc_tokens_free(IntPtr tokens);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern IntPtr ropc_tokens_extra(TokensHandle tokens, IntPtr name);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern RopcStatus ropc_tokens_claims(TokensHandle tokens, int which, out IntPtr @out,
            out IntPtr err);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern void ropc_error_free(IntPtr error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        public static extern IntPtr ropc_error_extra(ErrorHandle error, IntPtr name);
    }
}
