//! The grants beside the password grant, and what becomes of a client that may
//! not ask, or asks at the wrong place.

mod common;

use common::{client, expect_reason, expect_tokens, generic, loginradius, refuses, trusting, with_secret};
use ropc::oauth::{Encoding, EndpointKind, Options, Reason, SecretMethod, Status as S};
use standin::{CLIENT, PASSWORD, Standin};

#[test]
fn a_captcha_is_answered_with_a_member_of_the_grant() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let login = [("username", "captcha"), ("password", PASSWORD)];
    expect_reason(client.grant("password", &login), Reason::Captcha);
    let robot = [&login[..], &[("g-recaptcha-response", "robot")]].concat();
    expect_reason(client.grant("password", &robot), Reason::Captcha);
    let human = [&login[..], &[("g-recaptcha-response", "human")]].concat();
    expect_tokens(client.grant("password", &human));
}

#[test]
fn exchange_token_trades_a_live_token_and_refuses_a_dead_one() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let first = expect_tokens(client.login("ada", PASSWORD));
    let second = expect_tokens(client.grant("exchange_token", &[("token", first.access_token.expose())]));
    assert_ne!(first.access_token, second.access_token);
    let error = expect_reason(client.grant("exchange_token", &[("token", "dead")]), Reason::TokenRefused);
    assert_eq!((error.status(), error.provider_code, error.http_status), (S::Refused, 905, 403));
    let elsewhere = common::client(&generic(&server));
    let error = expect_reason(elsewhere.grant("exchange_token", &[("token", "dead")]), Reason::UnsupportedGrant);
    assert_eq!((error.status(), error.http_status), (S::Client, 400));
}

#[test]
fn client_credentials_need_a_secret() {
    let server = Standin::start();
    let options = with_secret(&server, "/token", SecretMethod::Basic);
    let tokens = expect_tokens(client(&options).grant("client_credentials", &[]));
    assert!(tokens.refresh_token.is_none());
    for options in [generic(&server), loginradius(&server)] {
        let error = expect_reason(client(&options).grant("client_credentials", &[]), Reason::ClientRefused);
        assert_eq!((error.status(), error.oauth_error.as_deref()), (S::Client, Some("unauthorized_client")));
    }
}

#[test]
fn a_refresh_token_that_is_no_longer_good_is_a_refused_grant_and_no_wrong_password() {
    let server = Standin::start();
    for (options, code) in [(loginradius(&server), 1217), (generic(&server), 0)] {
        let client = client(&options);
        let tokens = expect_tokens(client.login("ada", PASSWORD));
        let refresh = tokens.refresh_token.expect("a refresh token");
        let params = [("refresh_token", refresh.expose())];
        expect_tokens(client.grant("refresh_token", &params));
        let error = expect_reason(client.grant("refresh_token", &params), Reason::GrantRefused);
        assert_eq!((error.status(), error.provider_code), (S::Refused, code));
    }
}

#[test]
fn a_grant_type_cannot_break_a_log_line() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    for grant_type in ["x\ny", "a b", "é", "\u{7f}", "x\0"] {
        refuses(client.grant(grant_type, &[]), "grant_type", "visible ASCII");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_client_that_is_unknown_or_misplaced_is_told_so() {
    let server = Standin::start();
    let (https, trusted) = (server.https(), |options| trusting(&server, options));
    let mut wrong_secret = trusted(Options::oauth2(&format!("{https}/token"), standin::SECRET_CLIENT));
    wrong_secret.set_secret("wrong", SecretMethod::Post).expect("a secret");
    let mut form_as_json = generic(&server);
    form_as_json.set_encoding(Encoding::Json);
    let mut nowhere = loginradius(&server);
    nowhere.set_endpoint(EndpointKind::Token, &format!("{https}/nowhere")).expect("a URL");
    let rows = [
        (trusted(Options::oauth2(&format!("{https}/token"), "nobody")), S::Client, Reason::ClientRefused, 401),
        (wrong_secret, S::Client, Reason::ClientRefused, 401),
        (trusted(Options::loginradius(&https, "no-app", CLIENT)), S::Client, Reason::ClientRefused, 403),
        (form_as_json, S::Client, Reason::RequestRefused, 400),
        (nowhere, S::Client, Reason::NotFound, 404),
    ];
    for (options, status, reason, http) in rows {
        let error = expect_reason(client(&options).login("ada", PASSWORD), reason);
        assert_eq!((error.status(), error.http_status), (status, http), "{error:?}");
    }
}
