//! `ropc_tokens`.

use std::ffi::c_char;
use std::ptr::null;

use super::block::{self, Piece};
use super::error::ropc_error;
use super::status::ropc_status;
use super::{Extras, Text, caught, extra, guard, handle, pick, place, string};
use crate::oauth::{Error, Secret, TokenKind, Tokens, unverified_claims};

/// What the server issued. Read only; free with ropc_tokens_free(). Later
/// versions add fields at the end only.
#[repr(C)]
pub struct ropc_tokens {
    /// For the Authorization header, after "Bearer ". Visible ASCII of any
    /// length. Never NULL.
    pub access_token: *const c_char,
    /// As the server wrote it: "Bearer", "bearer", "access_token" or "".
    /// Never NULL; always send "Bearer".
    pub token_type: *const c_char,
    /// For new tokens once the access token has ended. NULL when none was
    /// issued.
    pub refresh_token: *const c_char,
    /// Who signed in, as a JWT. NULL when none was issued.
    pub id_token: *const c_char,
    /// Scopes, separated by spaces. NULL when the server did not say, which
    /// means: as asked for (RFC 6749, 5.1).
    pub scope: *const c_char,
    /// When the access token ends. 0 when the server did not say.
    pub expires_at: i64,
    /// When the answer came, by this machine's clock.
    pub received_at: i64,
    /// When it came by the server's clock, from its Date header; 0 when
    /// unknown. Far from received_at, one of the two clocks is wrong.
    pub server_date_at: i64,
}

/// The head is what C sees. What it may have written there is not looked at.
#[repr(C)]
struct Owned {
    head: ropc_tokens,
    /// In the order of the head.
    texts: [Piece; 5],
    extras: Extras,
}

/// Moves tokens across the border.
pub(crate) fn into_raw(tokens: Tokens) -> *mut ropc_tokens {
    let secret = |secret: &Secret| Text::new(secret.expose());
    let extras = tokens.extras.iter().map(|(name, json)| (name.clone(), secret(json))).collect();
    let texts = [
        Some(tokens.access_token.expose()),
        Some(&*tokens.token_type),
        tokens.refresh_token.as_ref().map(Secret::expose),
        tokens.id_token.as_ref().map(Secret::expose),
        tokens.scope.as_deref(),
    ];
    let owned = |texts: [Piece; 5]| {
        let [access_token, token_type, refresh_token, id_token, scope] = texts.map(Piece::as_ptr);
        let Tokens { expires_at, received_at, server_date_at, .. } = tokens;
        let head = ropc_tokens {
            access_token,
            token_type,
            refresh_token,
            id_token,
            scope,
            expires_at,
            received_at,
            server_date_at,
        };
        Owned { head, texts, extras }
    };
    block::give(texts, owned).cast()
}

/// A copy for the core.
///
/// # Safety
/// `tokens` is NULL or came from [`into_raw`] and was not freed.
pub(crate) unsafe fn copy(tokens: *const ropc_tokens) -> Result<Tokens, Error> {
    // SAFETY: as the function's own.
    let owned = unsafe { owned(tokens)? };
    // SAFETY: as the function's own: the texts are there as long as `owned`.
    let [access_token, token_type, refresh_token, id_token, scope] = owned.texts.map(|text| unsafe { text.as_str() });
    Ok(Tokens {
        access_token: access_token.map(Secret::new).unwrap_or_default(),
        token_type: token_type.unwrap_or_default().to_owned(),
        refresh_token: refresh_token.map(Secret::new),
        id_token: id_token.map(Secret::new),
        scope: scope.map(str::to_owned),
        expires_at: owned.head.expires_at,
        received_at: owned.head.received_at,
        server_date_at: owned.head.server_date_at,
        extras: owned.extras.iter().map(|(name, json)| (name.clone(), Secret::new(json.as_str()))).collect(),
    })
}

/// # Safety
/// `tokens` is NULL or came from [`into_raw`] and was not freed.
unsafe fn owned<'a>(tokens: *const ropc_tokens) -> Result<&'a Owned, Error> {
    // SAFETY: into_raw made the head the first field of an Owned.
    unsafe { handle("tokens", tokens.cast::<Owned>()) }
}

/// Overwrites and frees tokens. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_tokens_free(tokens: *mut ropc_tokens) {
    // SAFETY: rule 2 of the header; into_raw gave an Owned.
    caught(|| unsafe { block::take_back(tokens.cast::<Owned>()) });
}

/// Another member of the server's answer, as JSON text (a text in its
/// quotes), or NULL when there is none of that name. Lives as long as
/// `tokens`. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_tokens_extra(tokens: *const ropc_tokens, name: *const c_char) -> *const c_char {
    // SAFETY: rules 1 and 3 of the header.
    let find = || unsafe { owned(tokens).map_or(null(), |owned| extra(&owned.extras, name)) };
    caught(find).unwrap_or(null())
}

/// What a token says of itself (RFC 7519), as the JSON text of one object.
/// **Nothing is verified**: fit to greet the person, not to decide what
/// they may do. `which` is one of ropc_token_kind. `out` is yours; free it
/// with ropc_string_free(). Does not block.
///
/// ROPC_E_UNSUPPORTED with ROPC_REASON_NOT_A_JWT when the token was not
/// issued, is opaque or is encrypted.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_tokens_claims(
    tokens: *const ropc_tokens,
    which: i32,
    out: *mut *mut c_char,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 3 of the header.
        let (out, tokens) = unsafe { (place("out", out)?, owned(tokens)?) };
        let [access_token, _, _, id_token, _] = tokens.texts;
        let known = [
            (TokenKind::Access as i32, (TokenKind::Access, access_token)),
            (TokenKind::Id as i32, (TokenKind::Id, id_token)),
        ];
        let (kind, token) = pick("which", "ropc_token_kind", which, &known)?;
        // SAFETY: rule 3 of the header.
        let claims = unverified_claims(kind.name(), unsafe { token.as_str() });
        out.put(string::give(claims?.expose())?);
        Ok(())
    })
}
