//! What failed refreshes mean.

use super::failure;
use crate::oauth::clock::Clock;
use crate::oauth::error::Details;
use crate::oauth::profile::{LOGINRADIUS, Profile, RFC6749};
use crate::oauth::reason::Reason;
use crate::oauth::session::machine::{End, Keeper};
use crate::oauth::session::shared::Terms;
use crate::oauth::session::verdict::verdict;
use crate::oauth::store::Binding;

fn terms(profile: &'static Profile, ended: &[&str]) -> Terms {
    Terms {
        profile,
        ended: ended.iter().map(|error| error.to_string()).collect(),
        clock: Clock::system(),
        keeper: Keeper::Nobody,
        store: None,
        binding: Binding { origin: "https://a.example".into(), client_id: "app".into(), user_key: "ada".into() },
    }
}

/// How a refresh ended that failed so: kept, unclear or gone.
fn end_of(terms: &Terms, reason: Reason, about: impl FnOnce(&mut Details)) -> &'static str {
    let mut error = failure(reason);
    error.details_mut().request_sent = true;
    about(error.details_mut());
    match verdict(error, terms) {
        End::Kept(error, None) if error.reason == reason => "kept",
        End::Unclear(error, None) if error.reason == Reason::Unclear => "unclear",
        End::Gone(error) if error.reason == Reason::RefreshEnded => "gone",
        end => panic!("{end:?}"),
    }
}

#[test]
fn what_failures_mean() {
    let known = terms(&LOGINRADIUS, &[]);
    let answered = |reason, status: u16| end_of(&known, reason, |error| error.http_status = status);
    for reason in [Reason::TimedOut, Reason::CutOffAfterSent, Reason::Bug, Reason::AnswerNotUnderstood] {
        assert_eq!(answered(reason, 0), "unclear", "{reason:?}");
        let not_sent = end_of(&known, reason, |error| error.request_sent = false);
        assert_eq!(not_sent, "kept", "{reason:?}");
    }
    for reason in [Reason::AnswerNotUnderstood, Reason::AnswerTooLarge, Reason::TokenType] {
        assert_eq!(answered(reason, 200), "unclear", "{reason:?}");
        assert_eq!(answered(reason, 400), "kept", "{reason:?}");
    }
    for (reason, status) in [
        (Reason::ServerFault, 500),
        (Reason::ServerFault, 503),
        (Reason::RateLimited, 429),
        (Reason::ClientRefused, 401),
        (Reason::RedirectRefused, 302),
        (Reason::Unexplained, 403),
    ] {
        assert_eq!(answered(reason, status), "kept", "{reason:?}");
    }
    assert_eq!(answered(Reason::ServerFault, 504), "unclear", "a gateway does not know either");
}

#[test]
fn what_says_that_a_refresh_token_has_ended() {
    let said = |terms: &Terms, error: Option<&str>, code: i64| {
        end_of(terms, Reason::Unexplained, |told| {
            (told.oauth_error, told.provider_code, told.http_status) = (error.map(str::to_owned), code, 400);
        })
    };
    let (loginradius, generic) = (terms(&LOGINRADIUS, &[]), terms(&RFC6749, &[]));
    for terms in [&loginradius, &generic] {
        assert_eq!(said(terms, Some("invalid_grant"), 0), "gone");
        assert_eq!(said(terms, Some("invalid_client"), 0), "kept");
        assert_eq!(said(terms, Some("Invalid_Grant"), 0), "kept");
        assert_eq!(said(terms, None, 0), "kept");
    }
    assert_eq!(said(&loginradius, None, 1217), "gone");
    assert_eq!(said(&generic, None, 1217), "kept", "a number of another server's");
    let own = terms(&RFC6749, &["token_revoked", "4242", "0"]);
    assert_eq!(said(&own, Some("token_revoked"), 0), "gone");
    assert_eq!(said(&own, None, 4242), "gone");
    assert_eq!(said(&own, Some("4242"), 0), "gone");
    assert_eq!(said(&own, Some("token_revoked2"), 42), "kept");
    assert_eq!(said(&own, None, 0), "kept", "no number is not the number 0");
}
