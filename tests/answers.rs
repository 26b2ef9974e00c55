//! What every answer of a server comes to: each account and each unusual
//! success of the stand-in, at LoginRadius' endpoint and at a plain RFC 6749
//! one. Statuses and reasons are written out here, not read from the library's
//! table, so that a change of the table is seen.

mod common;

use common::{client, expect_reason, expect_tokens, generic, loginradius};
use ropc::oauth::{Client, Error, Reason, Stage, Status, TokenKind, Tokens};
use standin::{ACCOUNTS, After, PASSWORD, Shape, Standin, VARIANTS, account};

/// What one login must come to.
struct Case {
    user: &'static str,
    status: Status,
    reason: Reason,
    http: u16,
    code: i64,
}

const fn case(user: &'static str, status: Status, reason: Reason, http: u16, code: i64) -> Case {
    Case { user, status, reason, http, code }
}

use Status as S;

/// Every account that does not sign in, at LoginRadius' endpoint.
#[rustfmt::skip]
const REFUSALS: &[Case] = &[
    case("nobody",           S::Refused,     Reason::WrongCredentials, 403, 938),
    case("unverified-email", S::Refused,     Reason::NotVerified,      403, 970),
    case("unverified-phone", S::Refused,     Reason::NotVerified,      403, 1066),
    case("unverified-any",   S::Refused,     Reason::NotVerified,      403, 1162),
    case("blocked",          S::Refused,     Reason::Blocked,          403, 991),
    case("suspended",        S::Refused,     Reason::Blocked,          403, 1164),
    case("locked",           S::Refused,     Reason::Locked,           403, 1198),
    case("captcha",          S::Refused,     Reason::Captcha,          403, 1132),
    case("question",         S::Refused,     Reason::RiskCheck,        403, 1148),
    case("mfa",              S::Refused,     Reason::SecondFactor,     403, 1176),
    case("mfa-native",       S::Refused,     Reason::SecondFactor,     200, 0),
    case("risk",             S::Refused,     Reason::RiskCheck,        403, 1165),
    case("not-allowed",      S::Refused,     Reason::LoginNotAllowed,  403, 1130),
    case("sessions",         S::Refused,     Reason::SessionLimit,     403, 1338),
    case("ip",               S::Refused,     Reason::LoginNotAllowed,  403, 1206),
    case("policy",           S::Refused,     Reason::Consent,          403, 1194),
    case("consent",          S::Refused,     Reason::Consent,          403, 1226),
    case("pin",              S::Refused,     Reason::Consent,          403, 1243),
    case("ratelimited",      S::RateLimited, Reason::RateLimited,      429, 0),
    case("unknown-code",     S::Refused,     Reason::Unexplained,      403, 1999),
    case("lower-case",       S::Refused,     Reason::Blocked,          403, 991),
    case("errors-array",     S::Refused,     Reason::Unexplained,      400, 908),
    case("echo",             S::Refused,     Reason::WrongCredentials, 403, 966),
    case("oauth-denied",     S::Refused,     Reason::WrongCredentials, 400, 0),
    case("oauth-empty",      S::Refused,     Reason::WrongCredentials, 400, 0),
    case("client-refused",   S::Client,      Reason::ClientRefused,    403, 0),
    case("unsupported",      S::Client,      Reason::UnsupportedGrant, 400, 0),
    case("scope",            S::Client,      Reason::ScopeRefused,     400, 0),
    case("servererror",      S::Server,      Reason::ServerFault,      500, 0),
    case("badgateway",       S::Server,      Reason::ServerFault,      502, 0),
    case("unavailable",      S::Server,      Reason::ServerFault,      503, 0),
    case("waf",              S::Refused,     Reason::Unexplained,      403, 0),
    case("forbidden-empty",  S::Refused,     Reason::Unexplained,      403, 0),
];

/// LoginRadius' codes, as its documentation groups them.
#[rustfmt::skip]
const CODES: &[(Status, Reason, &[i64])] = &[
    (S::Refused, Reason::WrongCredentials, &[966, 967, 1205, 938, 1022, 1023]),
    (S::Refused, Reason::NotVerified,      &[970, 1066, 1162]),
    (S::Refused, Reason::Blocked,          &[991, 1164]),
    (S::Refused, Reason::Locked,           &[1198, 1264]),
    (S::Refused, Reason::Captcha,          &[1132]),
    (S::Refused, Reason::SecondFactor,     &[1176]),
    (S::Refused, Reason::RiskCheck,        &[1148, 1165, 1166, 1167, 1168, 1169, 1170, 1171]),
    (S::Refused, Reason::LoginNotAllowed,  &[1130, 1220, 1286, 1206]),
    (S::Refused, Reason::SessionLimit,     &[1338]),
    (S::Refused, Reason::Consent,          &[1194, 1196, 1197, 1226, 1243]),
    (S::Refused, Reason::TokenRefused,     &[905, 906]),
    (S::Refused, Reason::GrantRefused,     &[1217]),
    (S::Client,  Reason::ClientRefused,    &[901, 920, 922]),
    (S::Refused, Reason::Unexplained,      &[1, 1999, 2_147_483_648, -5]),
];

/// What holds for every refusal that came as an answer.
#[track_caller]
fn check(label: &str, error: &Error, status: Status, reason: Reason, http: u16, code: i64) {
    assert_eq!((error.status(), error.reason), (status, reason), "{label}: {error:?}");
    assert_eq!((error.http_status, error.provider_code), (http, code), "{label}: {error:?}");
    assert_eq!(error.stage, Stage::Answer, "{label}");
    assert!(error.request_sent, "{label}");
    let passes = matches!(reason, Reason::RateLimited | Reason::ServerFault);
    assert_eq!(error.retryable(), passes, "{label}");
    assert!(error.server_date_at > 1_600_000_000, "{label}: {}", error.server_date_at);
    // What is wrong with a 200 is what it holds.
    let told = http == 200 || error.message.contains(&format!("HTTP {http}"));
    assert!(told, "{label}: {}", error.message);
    assert!(code == 0 || error.message.contains(&format!("code {code}")), "{label}: {}", error.message);
    assert_eq!(error.message.contains("The lock ends in"), error.locked_until_at > 0, "{label}: {}", error.message);
    // Only what would have been a success is called something else.
    let other = ["no token answer", "no JSON object"].iter().any(|what| error.message.contains(what));
    assert!(!other || http == 200, "{label}: {}", error.message);
    // Whoever reads it learns what the reason means.
    let vague = ["did not say why", "web page"].iter().any(|what| error.message.contains(what));
    assert!(
        !vague || matches!(reason, Reason::Unexplained | Reason::AnswerNotUnderstood),
        "{label}: {}",
        error.message
    );
    assert!(error.message.ends_with('.') && !error.message.contains(PASSWORD), "{label}: {}", error.message);
}

#[track_caller]
fn refused(client: &Client, user: &str) -> Error {
    client.login(user, PASSWORD).err().unwrap_or_else(|| panic!("{user} signed in"))
}

#[test]
fn every_account_comes_to_its_reason_at_loginradius() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    for row in REFUSALS {
        let error = refused(&client, row.user);
        check(row.user, &error, row.status, row.reason, row.http, row.code);
        let account = account(row.user).expect("an account");
        let said = [&error.provider_message, &error.provider_description, &error.oauth_description];
        let [message, description, oauth] = said.map(|text| text.as_deref());
        match account.shape {
            _ if row.user == "echo" => {
                assert!(message.is_some_and(|text| text.starts_with("[withheld")), "{message:?}");
            }
            Shape::Vendor(_) | Shape::VendorLower(_) => {
                assert_eq!((message, description), (Some(account.text), Some(account.text)), "{}", row.user);
                // Members nobody here knows are kept.
                let provider = error.extra("IsProviderError").or(error.extra("isProviderError"));
                assert_eq!(provider, Some("false"), "{}", row.user);
            }
            Shape::OAuth(name) => {
                assert_eq!((error.oauth_error.as_deref(), oauth), (Some(name), Some(account.text)), "{}", row.user);
            }
            Shape::OtherJson => assert_eq!(message, Some(account.text), "{}", row.user),
            Shape::Tokens | Shape::Html | Shape::Nothing => assert_eq!((message, oauth), (None, None), "{}", row.user),
        }
        let locks = row.user == "locked";
        assert_eq!(error.locked_until_at > 0, locks, "{}", row.user);
        let waits = ["ratelimited", "unavailable"].contains(&row.user);
        assert_eq!(error.retry_after_ms > 0, waits, "{}", row.user);
    }
    for account in ACCOUNTS {
        let listed = REFUSALS.iter().any(|row| row.user == account.user);
        let signs_in = listed || client.login(account.user, account.password).is_ok();
        assert!(signs_in, "{} is neither refused here nor signs in", account.user);
    }
}

#[test]
fn every_account_comes_to_its_reason_at_an_rfc_6749_server() {
    let server = Standin::start();
    let client = client(&generic(&server));
    for row in REFUSALS {
        // There the stand-in says in OAuth's words what it can, and
        // invalid_grant for all else.
        let (status, reason, http) = match account(row.user).expect("an account").shape {
            Shape::Vendor(_) | Shape::VendorLower(_) | Shape::Tokens => (S::Refused, Reason::WrongCredentials, 400),
            _ => (row.status, row.reason, row.http),
        };
        check(row.user, &refused(&client, row.user), status, reason, http, 0);
    }
    for account in ACCOUNTS.iter().filter(|account| REFUSALS.iter().all(|row| row.user != account.user)) {
        expect_tokens(client.login(account.user, account.password));
    }
}

#[test]
fn a_wrong_password_is_wrong_credentials_in_both_shapes() {
    let server = Standin::start();
    let vendor = expect_reason(client(&loginradius(&server)).login("ada", "battery"), Reason::WrongCredentials);
    check("vendor", &vendor, S::Refused, Reason::WrongCredentials, 401, 966);
    let oauth = expect_reason(client(&generic(&server)).login("ada", "battery"), Reason::WrongCredentials);
    check("oauth", &oauth, S::Refused, Reason::WrongCredentials, 400, 0);
    assert_eq!(oauth.oauth_error.as_deref(), Some("invalid_grant"));
}

#[test]
fn every_documented_code_has_its_reason_and_others_keep_number_and_text() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    for (status, reason, codes) in CODES {
        for code in *codes {
            for http in [400, 401, 403] {
                let user = format!("code:{code}:{http}");
                let error = refused(&client, &user);
                check(&user, &error, *status, *reason, http, *code);
                let text = Some("Refused with the code that was asked for");
                assert_eq!(error.provider_message.as_deref(), text, "{user}");
                assert_eq!(error.provider_description.as_deref(), text, "{user}");
            }
        }
    }
    // A code that nobody documented is still more than a bare status.
    for http in [200, 404, 413] {
        check("1999", &refused(&client, &format!("code:1999:{http}")), S::Refused, Reason::Unexplained, http, 1999);
    }
    // What a gateway says by the status line counts more than a code.
    check("429", &refused(&client, "code:966:429"), S::RateLimited, Reason::RateLimited, 429, 966);
    check("503", &refused(&client, "code:966:503"), S::Server, Reason::ServerFault, 503, 966);
}

#[test]
fn a_status_without_an_error_body_is_told_by_the_status_alone() {
    let server = Standin::start();
    let clients = [client(&loginradius(&server)), client(&generic(&server))];
    let refusals = [302, 307, 400, 401, 402, 403, 404, 405, 407, 410, 411, 413, 414, 415, 418, 429, 431, 451];
    for http in refusals.into_iter().chain([500, 501, 502, 503, 504, 599]) {
        let (status, reason) = match http {
            302 | 307 => (S::Answer, Reason::RedirectRefused),
            404 | 405 | 410 => (S::Client, Reason::NotFound),
            411 | 413 | 414 | 415 | 431 => (S::Client, Reason::RequestRefused),
            429 => (S::RateLimited, Reason::RateLimited),
            500.. => (S::Server, Reason::ServerFault),
            _ => (S::Refused, Reason::Unexplained),
        };
        for body in ["html", "nothing", "json"] {
            let user = format!("status:{http}:{body}");
            check(&user, &refused(&clients[0], &user), status, reason, http, 0);
            let error = refused(&clients[1], &user);
            // There the JSON is an OAuth error, which says more than most statuses.
            let by_status = [Reason::RateLimited, Reason::ServerFault, Reason::RedirectRefused].contains(&reason);
            let said = body == "json" && !by_status;
            let (status, reason) = if said { (S::Server, Reason::ServerFault) } else { (status, reason) };
            check(&user, &error, status, reason, http, 0);
        }
    }
}

#[test]
fn a_lock_tells_when_it_ends() {
    let server = Standin::start();
    let error = refused(&client(&loginradius(&server)), "locked");
    let left = error.locked_until_at - error.server_date_at;
    assert!((598..=601).contains(&left), "{left}");
    assert!(error.message.contains("The lock ends in ") && error.message.ends_with(" seconds."), "{}", error.message);
    assert!(error.extra("Data").is_some_and(|data| data.contains("LoginLockedTimeout")));
}

#[test]
fn the_second_factor_token_can_be_read_from_the_error() {
    let server = Standin::start();
    let error = refused(&client(&loginradius(&server)), "mfa-native");
    let object = error.extra("SecondFactorAuthentication").expect("the object");
    assert!(object.contains(r#""SecondFactorAuthenticationToken":"second-factor-token-1234""#), "{object}");
    assert!(error.extra("access_token").is_none());
    assert!(!error.message.contains("second-factor-token"), "{}", error.message);
}

#[test]
fn the_errors_of_single_fields_are_kept() {
    let server = Standin::start();
    let error = refused(&client(&loginradius(&server)), "errors-array");
    let errors = error.extra("Errors").expect("the array");
    assert!(errors.contains("The username is too short"), "{errors}");
}

/// What a variant that signs in must come to.
type Holds = fn(&Tokens) -> bool;

/// The variants that sign in, at LoginRadius' endpoint.
#[rustfmt::skip]
const SUCCESSES: &[(&str, Holds)] = &[
    ("expire_in_text",    |t| t.expires_at == t.received_at + 3600 && t.extra("expire_in").is_none()),
    ("expires_text",      |t| t.expires_at == t.received_at + 3600),
    ("expires_float",     |t| t.expires_at == t.received_at + 3600),
    ("expires_negative",  |t| t.expires_at == t.received_at),
    // The last second of the year 9999.
    ("expires_huge",      |t| t.expires_at == 253_402_300_799),
    ("expires_date",      |t| t.expires_at == 0),
    ("no_expiry",         |t| t.expires_at == 0),
    ("type_absent",       |t| t.token_type.is_empty()),
    ("type_access_token", |t| t.token_type == "access_token"),
    ("type_lower",        |t| t.token_type == "bearer"),
    ("big_token",         |t| t.access_token.expose() == "t".repeat(200 << 10)),
    ("bom",               |t| t.token_type == "Bearer"),
    ("no_refresh",        |t| t.refresh_token.is_none()),
    ("id_token_capital",  |t| t.id_token.is_some() && t.extra("Id_token").is_none()),
    ("chunked",           |t| t.refresh_token.is_some()),
    ("scope_array",       |t| t.scope.as_deref() == Some("openid email")),
    ("unknown_members",   |t| t.extra("extra_text") == Some("\"kept as it is\"")
                           && t.extra("extra_object") == Some(r#"{"list":[1,2.5,null,true]}"#)),
];

/// The variants that do not, and their reasons.
#[rustfmt::skip]
const UNUSABLE: &[(&str, Reason)] = &[
    ("type_mac",         Reason::TokenType),
    ("nul_token",        Reason::AnswerNotUnderstood),
    ("empty_token",      Reason::AnswerNotUnderstood),
    ("null_token",       Reason::AnswerNotUnderstood),
    ("zero_token",       Reason::AnswerNotUnderstood),
    ("no_token",         Reason::AnswerNotUnderstood),
    ("duplicate",        Reason::AnswerNotUnderstood),
    ("deep",             Reason::AnswerNotUnderstood),
    ("bad_utf8",         Reason::AnswerNotUnderstood),
    ("html",             Reason::AnswerNotUnderstood),
    ("empty",            Reason::AnswerNotUnderstood),
    ("array",            Reason::AnswerNotUnderstood),
    ("trailing_garbage", Reason::AnswerNotUnderstood),
];

/// The variants that have a test of their own.
const ELSEWHERE: &[&str] = &["huge", "error_in_200", "both", "lone_surrogate"];

#[test]
fn unusual_successes_sign_in_and_unusable_ones_do_not() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    for (name, holds) in SUCCESSES {
        let tokens = expect_tokens(client.login(&format!("variant:{name}"), PASSWORD));
        assert!(holds(&tokens), "{name}: {tokens:?}");
        // The server's clock is this machine's.
        assert!((tokens.received_at - tokens.server_date_at).abs() < 60, "{name}: {tokens:?}");
    }
    for (name, reason) in UNUSABLE {
        let error = refused(&client, &format!("variant:{name}"));
        check(name, &error, S::Answer, *reason, 200, 0);
        let told = ["holds ", "no token answer", "web page"].iter().any(|what| error.message.contains(what));
        assert!(told, "{name}: {}", error.message);
        assert!(error.extras.is_empty(), "{name}: half an answer may hold tokens: {error:?}");
    }
    for name in VARIANTS {
        let here = SUCCESSES.iter().any(|row| row.0 == *name) || UNUSABLE.iter().any(|row| row.0 == *name);
        assert!(here != ELSEWHERE.contains(name), "variant {name} is not held by one test");
    }
}

#[test]
fn an_rfc_6749_server_is_held_to_the_rfc() {
    let server = Standin::start();
    let client = client(&generic(&server));
    check("absent", &refused(&client, "variant:type_absent"), S::Answer, Reason::AnswerNotUnderstood, 200, 0);
    check("access_token", &refused(&client, "variant:type_access_token"), S::Answer, Reason::TokenType, 200, 0);
    // LoginRadius' spellings mean nothing there, and are kept like any other member.
    let tokens = expect_tokens(client.login("variant:expire_in_text", PASSWORD));
    assert_eq!((tokens.expires_at, tokens.extra("expire_in")), (0, Some("\"3600\"")));
    let tokens = expect_tokens(client.login("variant:id_token_capital", PASSWORD));
    assert!(tokens.id_token.is_none() && tokens.extra("Id_token").is_some());
    check("code", &refused(&client, "variant:error_in_200"), S::Refused, Reason::Unexplained, 200, 991);
}

#[test]
fn an_error_with_status_200_is_an_error_and_beside_it_no_token_is_shown() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    check("vendor", &refused(&client, "variant:error_in_200"), S::Refused, Reason::Blocked, 200, 991);
    let both = refused(&client, "variant:both");
    check("both", &both, S::Refused, Reason::WrongCredentials, 200, 0);
    assert_eq!(both.oauth_error.as_deref(), Some("invalid_grant"));
    for token in ["access_token", "refresh_token", "id_token", "Id_token"] {
        assert!(both.extra(token).is_none(), "{token} is shown in the error");
    }
}

#[test]
fn an_error_of_any_type_beside_a_token_is_an_error() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let answered = |member: &str| {
        let body = format!(r#"{{"access_token":"abc","token_type":"Bearer",{member}}}"#);
        server.script(move |wire, _| {
            let _ = write!(wire, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            After::Keep
        });
        client.login("ada", PASSWORD)
    };
    for error in
        [r#""error":{"code":5}"#, r#""error":true"#, r#""error":["x"]"#, r#""ErrorCode":"E12""#, r#""errorCode":{}"#]
    {
        assert!(answered(error).is_err_and(|error| error.extra("access_token").is_none()), "{error}");
    }
    for none in [r#""error":"""#, r#""error":null"#, r#""error":false"#, r#""ErrorCode":0"#, r#""errorCode":"0""#] {
        expect_tokens(answered(none));
    }
}

#[test]
fn a_lone_surrogate_in_an_unknown_member_stays_in_its_escape() {
    let server = Standin::start();
    let tokens = expect_tokens(client(&loginradius(&server)).login("variant:lone_surrogate", PASSWORD));
    assert_eq!(tokens.extra("name"), Some(r#""\ud800""#));
}

#[test]
fn claims_can_be_read_from_a_jwt_and_only_from_a_jwt() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let tokens = expect_tokens(client.login("ada", PASSWORD));
    let claims = tokens.unverified_claims(TokenKind::Access).expect("a JWT");
    assert!(claims.expose().contains(r#""cid":"demo-client""#), "{}", claims.expose());
    let none = expect_reason(tokens.unverified_claims(TokenKind::Id), Reason::NotAJwt);
    assert_eq!(none.status(), S::Unsupported);
    let opaque = expect_tokens(client.login("variant:big_token", PASSWORD));
    expect_reason(opaque.unverified_claims(TokenKind::Access), Reason::NotAJwt);
}
