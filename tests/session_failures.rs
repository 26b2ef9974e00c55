//! A refresh that fails: what may pass, what somebody has to mend, what is
//! over, and what nobody knows.

mod common;

use common::session::{self, LIFETIME_S, MARGIN_S, Place, Site, Time, WAIT_MS, YEAR_S, no_token, rest, text, token};
use common::trouble::{patient, soon, until};
use common::{client, expect_reason, generic, loginradius};
use ropc::oauth::{Reason, Session, SessionState, Status, TokenKind};
use standin::{PASSWORD, Standin};

/// A refresh that fails so, while the old token is good and after its end.
#[track_caller]
fn is_kept(site: &Site, reason: Reason) {
    let session = site.login(None);
    let first = token(&session);
    site.time.pass_s(LIFETIME_S - MARGIN_S);
    assert_eq!(token(&session), first);
    rest(&session);
    let sent = site.refreshes();
    for _ in 0..100 {
        assert_eq!(token(&session), first, "the old one is still good");
    }
    let status = session.status().expect("a status");
    assert_eq!((status.state, status.refreshing), (SessionState::SignedIn, false));
    assert_eq!(status.last_error.expect("an error").reason, reason);
    // At most one by the clock, which stands still.
    assert_eq!(site.refreshes(), sent);
    site.time.pass_s(MARGIN_S);
    no_token(&session, reason);
    let sent = site.refreshes();
    for _ in 0..100 {
        assert!(no_token(&session, reason).retry_after_ms > 0);
        expect_reason(session.refresh(false, WAIT_MS), reason);
    }
    assert_eq!(session.status().expect("a status").state, SessionState::Waiting);
    assert_eq!(site.refreshes(), sent, "not in a loop");
    assert!(sent <= 2, "{sent}");
    // Nothing was lost: it goes on when the server does.
    site.server.unscript();
    site.server.treat_refresh_as(None);
    site.time.pass_s(24 * 3600);
    let release = site.hold();
    assert_eq!(session.poll(0, text).expect("no error"), None);
    let status = session.status().expect("a status");
    assert_eq!((status.state, status.refreshing), (SessionState::Refreshing, true));
    drop(release);
    assert_ne!(token(&session), first);
    assert!(session.status().expect("a status").last_error.is_none());
    assert_eq!(site.server.grant_counts().reused, 0);
}

#[test]
fn what_may_pass_is_tried_again_later() {
    let answers = [
        ("500 Oops", "", "", Reason::ServerFault),
        ("503 Not now", "Content-Type: text/html\r\n", "<html>Oops</html>", Reason::ServerFault),
        ("503 Not now", "Retry-After: 3\r\n", "{}", Reason::ServerFault),
        ("429 Too many", "Retry-After: 3\r\n", "{\"Message\":\"Too many requests\"}", Reason::RateLimited),
        ("400 Later", "", "{\"error\":\"temporarily_unavailable\"}", Reason::ServerFault),
    ];
    for (status, headers, body, reason) in answers {
        for site in [Site::start(), Site::generic()] {
            site.answer_refreshes(status, headers, body);
            is_kept(&site, reason);
        }
    }
}

#[test]
fn what_somebody_has_to_mend_is_reported() {
    let answers = [
        ("401 No", "", "{\"error\":\"invalid_client\"}", Reason::ClientRefused),
        ("403 No", "", "{\"error\":\"unauthorized_client\"}", Reason::ClientRefused),
        ("400 No", "", "{\"error\":\"unsupported_grant_type\"}", Reason::UnsupportedGrant),
        ("400 No", "", "{\"error\":\"invalid_scope\"}", Reason::ScopeRefused),
        ("403 No", "Content-Type: text/html\r\n", "<html>Blocked</html>", Reason::Unexplained),
        ("404 No", "", "", Reason::NotFound),
        ("302 There", "Location: /stolen\r\n", "", Reason::RedirectRefused),
    ];
    for (status, headers, body, reason) in answers {
        for site in [Site::start(), Site::generic()] {
            site.answer_refreshes(status, headers, body);
            is_kept(&site, reason);
        }
    }
}

#[test]
fn without_a_network_the_old_token_is_good_to_its_end() {
    let Site { server, time, client } = Site::start();
    let session = Session::login(&client, "ada", PASSWORD, None, None).expect("a session");
    drop(server);
    let first = token(&session);
    time.pass_s(LIFETIME_S - MARGIN_S);
    for _ in 0..100 {
        assert_eq!(token(&session), first);
    }
    rest(&session);
    time.pass_s(MARGIN_S - 1);
    assert_eq!(token(&session), first);
    rest(&session);
    time.pass_s(1);
    let error = no_token(&session, Reason::ConnectionRefused);
    assert!(error.retryable() && error.retry_after_ms > 0, "{error:?}");
    assert_eq!(session.status().expect("a status").state, SessionState::Waiting);
}

/// The pauses after failures, one after the other: each ends when it says.
fn pauses(site: &Site, session: &Session, reason: Reason, count: usize) -> Vec<i64> {
    let mut pauses = Vec::new();
    for _ in 0..count {
        let sent = site.refreshes();
        let pause_ms = no_token(session, reason).retry_after_ms;
        assert_eq!(site.refreshes(), sent + 1);
        assert!(pause_ms > 0);
        site.time.pass_ms(pause_ms as u64 - 1);
        assert_eq!(no_token(session, reason).retry_after_ms, 1, "what is left of it");
        assert_eq!(site.refreshes(), sent + 1);
        site.time.pass_ms(1);
        pauses.push(pause_ms);
    }
    pauses
}

#[test]
fn pauses_grow() {
    let site = Site::start();
    let session = site.login(None);
    site.time.pass_s(LIFETIME_S);
    site.answer_refreshes("500 Oops", "", "");
    let found = pauses(&site, &session, Reason::ServerFault, 11);
    assert_eq!(found, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map(|s| s * 1000));
    // A success forgets them.
    site.server.unscript();
    token(&session);
    site.time.pass_s(LIFETIME_S);
    site.answer_refreshes("401 No", "", "{\"error\":\"invalid_client\"}");
    let found = pauses(&site, &session, Reason::ClientRefused, 8);
    assert_eq!(found, [1, 2, 4, 8, 16, 32, 60, 60].map(|minutes| minutes * 60_000));
}

#[test]
fn the_server_may_ask_for_a_longer_pause() {
    for (headers, ms) in [
        ("Retry-After: 7\r\n", 7000),
        ("Retry-After: 86400\r\n", 86_400_000),
        // Not a shorter one.
        ("Retry-After: 0\r\n", 1000),
        ("Retry-After: soon\r\n", 1000),
    ] {
        for (status, reason) in [("429 Slowly", Reason::RateLimited), ("503 Not now", Reason::ServerFault)] {
            let site = Site::start();
            let session = site.login(None);
            site.time.pass_s(LIFETIME_S);
            site.answer_refreshes(status, headers, "{}");
            assert_eq!(pauses(&site, &session, reason, 1), [ms], "{status} {headers}");
            site.server.unscript();
            token(&session);
        }
    }
}

#[test]
fn a_pause_can_be_overruled_by_the_program_only() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    site.answer_refreshes("429 Slowly", "Retry-After: 3600\r\n", "{}");
    expect_reason(session.refresh(false, WAIT_MS), Reason::RateLimited);
    assert_eq!(token(&session), first);
    expect_reason(session.refresh(false, WAIT_MS), Reason::RateLimited);
    assert_eq!(site.refreshes(), 1);
    site.server.unscript();
    assert!(session.refresh(true, WAIT_MS).expect("a refresh"));
    assert_ne!(token(&session), first);
    assert_eq!(site.refreshes(), 2);
}

/// A session in a file, whose next refresh is answered so.
#[track_caller]
fn is_over(site: &Site, reason: Reason) {
    let place = Place::new();
    let session = site.login(Some(&place.store()));
    assert!(place.text().contains("ada"));
    let requests = site.server.requests().len();
    site.time.pass_s(LIFETIME_S);
    let error = no_token(&session, reason);
    assert_eq!(error.status(), Status::SignedOut);
    assert_eq!(site.server.requests().len(), requests + 1);
    // From here on there is nothing to ask for.
    for force in [false, true] {
        expect_reason(session.refresh(force, WAIT_MS), reason);
    }
    site.time.pass_s(YEAR_S);
    no_token(&session, reason);
    let status = session.status().expect("a status");
    assert_eq!((status.state, status.expires_at), (SessionState::SignedOut, 0));
    assert_eq!(status.last_error.expect("an error").reason, reason);
    assert_eq!(site.server.requests().len(), requests + 1);
    assert!(!place.text().contains("ada"), "the record is removed");
    expect_reason(site.resume(&place.store()).map(drop), Reason::NothingStored);
}

#[test]
fn a_refresh_token_that_ended_is_the_end() {
    // Some say so with success.
    for status in ["400 No", "200 OK"] {
        for site in [Site::start(), Site::generic()] {
            site.answer_refreshes(status, "", "{\"error\":\"invalid_grant\"}");
            is_over(&site, Reason::RefreshEnded);
        }
    }
    // As the stand-in says it itself: 1217, and invalid_grant.
    for site in [Site::start(), Site::generic()] {
        let session = site.login(None);
        site.server.kill_refresh();
        site.time.pass_s(LIFETIME_S);
        let error = no_token(&session, Reason::RefreshEnded);
        let said = (error.provider_code, error.oauth_error.as_deref());
        assert!(said == (1217, None) || said == (0, Some("invalid_grant")), "{error:?}");
    }
}

#[test]
fn the_end_is_told_before_the_access_token_ends() {
    let site = Site::start();
    let session = site.login(None);
    site.server.kill_refresh();
    site.time.pass_s(LIFETIME_S - MARGIN_S);
    token(&session);
    rest(&session);
    no_token(&session, Reason::RefreshEnded);
}

#[test]
fn a_servers_own_words_for_the_end() {
    let own = |server: &Standin| {
        let mut options = loginradius(server);
        options.add_ended_error("token_revoked").expect("a name");
        options.add_ended_error("4242").expect("a number");
        options
    };
    let answers =
        [("400 No", "{\"error\":\"token_revoked\"}"), ("403 No", "{\"ErrorCode\":4242,\"Message\":\"Gone\"}")];
    for (status, body) in answers {
        let site = Site::with(Standin::builder(), own);
        site.answer_refreshes(status, "", body);
        is_over(&site, Reason::RefreshEnded);
        let site = Site::start();
        site.answer_refreshes(status, "", body);
        let session = site.login(None);
        site.time.pass_s(LIFETIME_S);
        let error = soon(|| session.token(0, WAIT_MS, text)).expect_err("no token");
        assert_ne!(error.status(), Status::SignedOut, "unknown without the option: {error:?}");
    }
    // In letters it is no number, and the other way round.
    let site = Site::with(Standin::builder(), own);
    site.answer_refreshes("400 No", "", "{\"error\":\"4243\",\"ErrorCode\":42}");
    let session = site.login(None);
    site.time.pass_s(LIFETIME_S);
    let error = soon(|| session.token(0, WAIT_MS, text)).expect_err("no token");
    assert_ne!(error.status(), Status::SignedOut, "{error:?}");
}

/// What a refresh is answered with an ID token of these claims.
fn refreshed_as(site: &Site, iss: &str, sub: &str, aud: &str) -> String {
    let claims = format!("{{\"iss\":\"{iss}\",\"sub\":\"{sub}\",\"aud\":\"{aud}\",\"exp\":4102444800,\"iat\":1}}");
    let id_token = site.server.sign_jwt("{\"alg\":\"RS256\"}", &claims, false);
    format!(
        "{{\"access_token\":\"new\",\"token_type\":\"Bearer\",\"expires_in\":900,\"refresh_token\":\"next\",\
          \"id_token\":\"{id_token}\"}}"
    )
}

#[test]
fn tokens_of_somebody_else_are_the_end() {
    let oidc = |server: &Standin| {
        let mut options = generic(server);
        options.set_scope("openid").expect("a scope");
        options
    };
    let site = Site::with(Standin::builder(), oidc);
    let login = || {
        let tokens = session::tokens_of(&site);
        let claims = tokens.unverified_claims(TokenKind::Id).expect("claims");
        let claims: serde_json::Value = serde_json::from_str(claims.expose()).expect("JSON");
        let claim = |name: &str| claims[name].as_str().expect("a text").to_owned();
        [claim("iss"), claim("sub"), claim("aud")]
    };
    let [iss, sub, aud] = login();
    let others = [
        refreshed_as(&site, &iss, "somebody-else", &aud),
        refreshed_as(&site, "https://elsewhere.test", &sub, &aud),
        refreshed_as(&site, &iss, &sub, "another-app"),
    ];
    for answer in others {
        site.answer_refreshes("200 OK", "Content-Type: application/json\r\n", &answer);
        is_over(&site, Reason::OtherUser);
    }
    site.answer_refreshes("200 OK", "Content-Type: application/json\r\n", &refreshed_as(&site, &iss, &sub, &aud));
    let session = site.login(None);
    site.time.pass_s(LIFETIME_S);
    assert_eq!(token(&session), "new");
}

#[test]
fn a_certificate_that_is_not_trusted_is_told() {
    let server = Standin::start();
    let time = Time::new();
    let mut options = patient(loginradius(&server));
    options.set_clock(time.clock());
    let tokens = common::expect_tokens(client(&options).login("ada", PASSWORD));
    options.set_system_trust(false);
    let session = Session::new(&client(&options), tokens, None, "ada").expect("a session");
    token(&session);
    time.pass_s(LIFETIME_S);
    let error = no_token(&session, Reason::TlsUnknownIssuer);
    assert!(!error.request_sent && error.retry_after_ms == 60_000, "{error:?}");
    until("it is quiet", || !session.status().expect("a status").refreshing);
    assert_eq!(server.requests().len(), 1);
}
