//! What an answer means: of the token endpoint, and of those that follow a
//! login. One parser for success and for both error shapes, on any status: servers answer errors with 200 and tokens
//! beside errors. The status line is read first, for what comes from gateways
//! rather than from the server says nothing else.

#[cfg(test)]
mod tests;

use std::cell::OnceCell;

use serde_json::value::RawValue;

use super::error::{Details, Error};
use super::http::Answer;
use super::json::{self, Members};
use super::profile::{self, Profile};
use super::reason::{Reason, Stage};
use super::redact;
use super::request::Outcome;
use super::secret::Secret;
use super::time;
use super::tokens::Tokens;
use super::url::Endpoint;

/// Longest text of a server that is passed on, in characters.
const TEXT_CHARS: usize = 500;

/// Members of both error shapes that have fields of their own.
const ERROR_MEMBERS: &[&str] =
    &["error", "error_description", "ErrorCode", "errorCode", "Message", "message", "Description", "description"];

/// What was sent with a request, as far as it decides what a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// A user name and a password.
    Password,
    /// Another grant, or a token in the body.
    Grant,
    /// An access token in the header.
    Bearer,
    /// Nothing secret.
    Nothing,
}

/// What a success holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expects {
    /// Tokens.
    Tokens,
    /// A JSON object, passed on as it came.
    Object,
    /// LoginRadius' word that it is done.
    Posted,
    /// Nothing that matters.
    Nothing,
}

/// What was asked, as far as it decides what the answer means.
pub struct Asked<'a> {
    /// The kind of server.
    profile: &'a Profile,
    /// For messages.
    endpoint: &'a Endpoint,
    sent: Sent,
    /// What was sent and must not come back in an error. Mostly nobody asks.
    secrets: &'a dyn Fn() -> Vec<&'a str>,
    /// Whether it did, anywhere in the body: then each text is looked at, too.
    /// Mostly it did not, and that is found out once.
    repeated: OnceCell<bool>,
}

/// Refusals of servers are short. What a longer one says is not passed on, and
/// so need not be searched: that is work nobody set a time limit to.
const REFUSAL_BYTES: usize = 256 * 1024;

impl<'a> Asked<'a> {
    /// What was asked of `endpoint`, with the secrets that were sent.
    pub fn new(
        profile: &'a Profile,
        endpoint: &'a Endpoint,
        sent: Sent,
        secrets: &'a dyn Fn() -> Vec<&'a str>,
    ) -> Asked<'a> {
        Asked { profile, endpoint, sent, secrets, repeated: OnceCell::new() }
    }

    /// What `answer` yields, or what went wrong.
    pub fn outcome(&self, answer: &Answer, expects: Expects) -> Result<Outcome, Error> {
        let members = Members::parse(answer.body.expose());
        // Of revocation RFC 7009 (2.2) says so too: 200, and nothing else.
        if answer.status != 200 {
            return Err(self.refusal(answer, members.as_ref(), status_reason(answer.status)));
        }
        match (expects, members) {
            (_, Some(members)) if has_error(&members) => Err(self.refusal(answer, Some(&members), None)),
            (Expects::Tokens, Some(members)) => self.success(answer, &members).map(Outcome::Tokens),
            (Expects::Object, Some(_)) => {
                let text = std::str::from_utf8(answer.body.expose()).unwrap_or_default();
                Ok(Outcome::Text(Secret::new(text.trim_start_matches('\u{feff}'))))
            }
            (Expects::Nothing, _) => Ok(Outcome::Done),
            (Expects::Posted, Some(members)) if members.get("IsPosted").is_some_and(|value| value.get() == "true") => {
                Ok(Outcome::Done)
            }
            (Expects::Posted, Some(members)) => {
                Err(self.refusal_saying(answer, &members, Reason::AnswerNotUnderstood, "does not say that it is done"))
            }
            (Expects::Tokens | Expects::Object | Expects::Posted, None) => Err(self.refusal(answer, None, None)),
        }
    }

    /// Whether what was sent in confidence came back, anywhere in a refusal.
    pub fn was_repeated(&self) -> bool {
        self.repeated.get().is_some_and(|repeated| *repeated)
    }

    fn search(&self, answer: &Answer) {
        let body = answer.body.expose();
        self.repeated.get_or_init(|| {
            body.len() > REFUSAL_BYTES || redact::repeats(&String::from_utf8_lossy(body), &(self.secrets)())
        });
    }

    fn success(&self, answer: &Answer, members: &Members<'_>) -> Result<Tokens, Error> {
        let unusable = |what: &str| self.refusal_saying(answer, members, Reason::AnswerNotUnderstood, what);
        let access_token = match members.get("access_token").map(|value| json::token(value, false)) {
            Some(Some(access_token)) if !is_zero(access_token.expose()) => access_token,
            // MFA is answered with 200, a token of zeros and an object.
            Some(_) | None if members.first(self.profile.second_factor).is_some() => {
                return Err(self.refusal(answer, Some(members), Some(Reason::SecondFactor)));
            }
            Some(Some(_)) => return Err(unusable("holds an access token of zeros")),
            Some(None) => return Err(unusable("holds an access_token that is no token")),
            None => return Err(unusable("holds no access_token")),
        };
        let token_type = match members.get("token_type").map(json::string) {
            None if self.profile.token_type_required => return Err(unusable("holds no token_type")),
            None => String::new(),
            Some(None) => return Err(unusable("holds a token_type that is no text")),
            Some(Some(kind)) if self.profile.bearer_types.iter().any(|known| known.eq_ignore_ascii_case(&kind)) => {
                kind.into_owned()
            }
            Some(Some(kind)) => {
                let what = format!("holds a token of type {:?}", self.presentable(&kind));
                return Err(self.refusal_saying(answer, members, Reason::TokenType, &what));
            }
        };
        let refresh_token = optional(members.get("refresh_token"), true)
            .map_err(|()| unusable("holds a refresh_token that is no token"))?;
        let id_token = optional(members.first(self.profile.id_token), false)
            .map_err(|()| unusable("holds an id_token that is no token"))?;
        let received_at = time::now_at();
        Ok(Tokens {
            access_token,
            token_type,
            refresh_token,
            id_token,
            scope: members.get("scope").and_then(scope),
            expires_at: members.first(self.profile.lifetime).map_or(0, |value| expires_at(value, received_at)),
            received_at,
            server_date_at: answer.date_at,
            extras: members.others(&[
                &["access_token", "token_type", "refresh_token", "scope"],
                self.profile.id_token,
                self.profile.lifetime,
            ]),
        })
    }

    /// A refusal whose message says what the answer holds.
    fn refusal_saying(&self, answer: &Answer, members: &Members<'_>, reason: Reason, what: &str) -> Error {
        self.search(answer);
        let mut error = Error::new(reason, format_args!("The answer of {} {what}", self.endpoint));
        // No extras: a half-made answer may hold tokens.
        let details = error.details_mut();
        self.describe(details, answer, None);
        details.provider_code = code(members);
        error
    }

    /// The error in an answer. `given` is decided already; else the body
    /// decides, its numeric code before its `error`.
    fn refusal(&self, answer: &Answer, members: Option<&Members<'_>>, given: Option<Reason>) -> Error {
        self.search(answer);
        let code = members.map_or(0, code);
        let oauth_error = members.and_then(|members| members.get("error")).and_then(json::string);
        let from_body = || {
            let by_code = self.profile.provider_reason(code);
            by_code.or_else(|| profile::oauth_reason(oauth_error.as_deref()?, self.sent == Sent::Password))
        };
        let explained = code != 0 || oauth_error.is_some();
        let reason = given.or_else(from_body).unwrap_or(match answer.status {
            // RFC 6750, 3.1; the reason stands in a header, if anywhere.
            401 if self.sent == Sent::Bearer => Reason::TokenRefused,
            404 | 405 | 410 if !explained => Reason::NotFound,
            // Length, size or media type: the request, not the user.
            411 | 413 | 414 | 415 | 431 if !explained => Reason::RequestRefused,
            200 if !explained => Reason::AnswerNotUnderstood,
            _ => Reason::Unexplained,
        });
        let mut error =
            Error::new(reason, format_args!("{}{}", self.endpoint, self.what_happened(answer, reason, code)));
        let details = error.details_mut();
        details.provider_code = code;
        details.oauth_error = oauth_error.map(|text| self.presentable(&text));
        self.describe(details, answer, members);
        if reason == Reason::Locked && error.locked_until_at > 0 {
            let left = error.locked_until_at.saturating_sub(time::now_at()).max(0);
            return error.adding(format_args!("The lock ends in {left} seconds."));
        }
        error
    }

    fn what_happened(&self, answer: &Answer, reason: Reason, code: i64) -> String {
        let status = answer.status;
        let said = if code != 0 { format!(" (HTTP {status}, code {code})") } else { format!(" (HTTP {status})") };
        let what = match reason {
            Reason::WrongCredentials => "does not accept this user name and password",
            Reason::NotVerified => "knows the user, whose e-mail address or phone number is not confirmed",
            Reason::Locked => "has locked the account",
            Reason::Blocked => "has blocked the account",
            Reason::SecondFactor => "wants a second factor",
            Reason::RiskCheck => "wants an extra step before it lets this user in",
            Reason::Captcha => "wants a solved CAPTCHA",
            Reason::Consent => "wants a consent, a policy or a PIN to be dealt with",
            Reason::LoginNotAllowed => "does not let this user in this way or from here",
            Reason::SessionLimit => "finds the user signed in at too many places",
            Reason::ClientRefused => "refuses the application",
            Reason::UnsupportedGrant => "does not offer this grant",
            Reason::ScopeRefused => "refuses the scope",
            Reason::RequestRefused => "calls the request malformed",
            Reason::GrantRefused => "does not accept what was offered",
            Reason::TokenRefused => "does not accept the access token",
            Reason::RateLimited => "asks to slow down",
            Reason::ServerFault => "failed",
            Reason::RedirectRefused => "redirects, and nothing was sent there",
            Reason::NotFound => "does not exist",
            _ if answer.is_html => "answered with a web page, as a portal or a firewall does",
            _ if answer.status == 200 && matches!(self.sent, Sent::Password | Sent::Grant) => {
                "answered something that is no token answer"
            }
            _ if answer.status == 200 => "answered something that is no JSON object",
            _ => "refused and did not say why",
        };
        format!(" {what}{said}")
    }

    /// Everything the answer tells that is not the reason.
    fn describe(&self, details: &mut Details, answer: &Answer, members: Option<&Members<'_>>) {
        details.stage = Stage::Answer;
        details.request_sent = true;
        details.http_status = answer.status;
        details.server_date_at = answer.date_at;
        details.retry_after_ms = answer.retry_after_ms;
        let Some(members) = members.filter(|_| answer.body.expose().len() <= REFUSAL_BYTES) else {
            return;
        };
        let text = |names: &[&str]| members.first(names).and_then(json::string).map(|text| self.presentable(&text));
        details.oauth_description = text(&["error_description"]);
        details.provider_message = text(&["Message", "message"]);
        details.provider_description = text(&["Description", "description"]);
        details.locked_until_at = members.first(&["Data", "data"]).map_or(0, locked_until_at);
        details.extras = members.others(&[ERROR_MEMBERS, &["access_token", "refresh_token"], self.profile.id_token]);
        details.extras.retain(|(name, json)| !self.repeats_secret(name) && !self.repeats_secret(json.expose()));
    }

    /// A server's text, fit for a screen or a log: one line, not too long, and
    /// not at all when it repeats what was sent in confidence.
    fn presentable(&self, text: &str) -> String {
        if text.len() > REFUSAL_BYTES || self.repeats_secret(text) {
            return redact::WITHHELD.to_owned();
        }
        text.chars().take(TEXT_CHARS).map(|char| if char.is_control() { ' ' } else { char }).collect()
    }

    fn repeats_secret(&self, text: &str) -> bool {
        self.repeated.get().is_none_or(|repeated| *repeated) && redact::repeats(text, &(self.secrets)())
    }
}

/// What the status line alone decides.
fn status_reason(status: u16) -> Option<Reason> {
    match status {
        300..=399 => Some(Reason::RedirectRefused),
        429 => Some(Reason::RateLimited),
        500..=599 => Some(Reason::ServerFault),
        0..=399 => Some(Reason::AnswerNotUnderstood),
        _ => None,
    }
}

/// Whether an answer calls itself an error, in whatever type.
fn has_error(members: &Members<'_>) -> bool {
    let said =
        |name: &str| members.get(name).is_some_and(|value| !["\"\"", "false", "0", "\"0\""].contains(&value.get()));
    ["error", "ErrorCode", "errorCode"].into_iter().any(said)
}

/// LoginRadius' number; 0 when there is none.
fn code(members: &Members<'_>) -> i64 {
    let value = members.first(&["ErrorCode", "errorCode"]);
    value.and_then(json::integer).unwrap_or(0)
}

/// Absent, null and "" are all "none".
fn optional(value: Option<&RawValue>, blank: bool) -> Result<Option<Secret>, ()> {
    match value {
        None => Ok(None),
        Some(value) if value.get() == "\"\"" => Ok(None),
        Some(value) => json::token(value, blank).map(Some).ok_or(()),
    }
}

/// `00000000-0000-0000-0000-000000000000` and its like.
fn is_zero(token: &str) -> bool {
    token.bytes().all(|byte| byte == b'0' || byte == b'-')
}

/// Text, or an array of texts, as some servers send it.
fn scope(value: &RawValue) -> Option<String> {
    let text = match json::string(value) {
        Some(text) => text.into_owned(),
        None => serde_json::from_str::<Vec<String>>(value.get()).ok()?.join(" "),
    };
    let fits = !text.is_empty() && text.chars().all(|char| !char.is_control());
    fits.then_some(text)
}

/// Seconds from now, as number or text, or a date; 0 when it is neither.
fn expires_at(value: &RawValue, received_at: i64) -> i64 {
    match json::integer(value) {
        Some(seconds) => time::after(received_at, seconds),
        None => json::string(value).map_or(0, |text| time::iso_at(&text)),
    }
}

/// `Data.LoginLockedTimeout`.
fn locked_until_at(data: &RawValue) -> i64 {
    let members = Members::parse(data.get().as_bytes());
    let value = members.and_then(|members| members.first(&["LoginLockedTimeout", "loginLockedTimeout"]));
    value.and_then(json::string).map_or(0, |text| time::iso_at(&text))
}
