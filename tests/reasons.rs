//! The table of reasons against the header that programs are built from, and
//! against the world: each reason is brought about once, for real.

mod common;
#[path = "reasons/later.rs"]
mod later;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use common::trouble::closed_port;
use common::{client, expect_tokens, generic, loginradius, trusting};
use ropc::oauth::{AppKind, Error, Level, Options, REASONS, Reason, Stage, Status, TokenKind, Tokens};
use standin::{CLIENT, PASSWORD, Standin, Trap};

/// The values of the header's constants that begin with `prefix`.
fn header(prefix: &str) -> BTreeMap<String, i32> {
    let text = include_str!("../include/ropc.h");
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let Some((name, value)) = line.trim().trim_end_matches(',').split_once(" = ") else {
            continue;
        };
        if let Ok(value) = value.parse()
            && name.starts_with(prefix)
        {
            let before = found.insert(name.to_owned(), value);
            assert!(before.is_none(), "{name} is twice in the header");
        }
    }
    found
}

/// `NotYetValid` as `NOT_YET_VALID`.
fn upper_snake(camel: &str) -> String {
    let mut snake = String::new();
    for (at, char) in camel.char_indices() {
        if at > 0 && char.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(char.to_ascii_uppercase());
    }
    snake
}

#[test]
fn the_header_and_the_table_know_the_same_reasons_by_the_same_numbers() {
    let mut header = header("ROPC_REASON_");
    assert_eq!(header.remove("ROPC_REASON_NONE"), Some(0));
    let table: BTreeMap<String, i32> =
        REASONS.iter().map(|row| (row.name.to_str().expect("ASCII").to_owned(), row.reason as i32)).collect();
    assert_eq!(table, header);
    assert_eq!(REASONS.len(), header.len(), "a name is twice in the table");
    let numbers: Vec<i32> = REASONS.iter().map(|row| row.reason as i32).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "a number is used twice, or out of order: {numbers:?}");
    for row in REASONS {
        assert_eq!(
            row.name.to_str().expect("ASCII"),
            format!("ROPC_REASON_{}", upper_snake(&format!("{:?}", row.reason)))
        );
    }
}

#[test]
fn the_header_has_every_status_and_stage_the_table_uses() {
    let (mut statuses, stages) = (header("ROPC_E_"), header("ROPC_STAGE_"));
    // No failure, so without the E.
    statuses.append(&mut header("ROPC_SAVE_FIRST"));
    for row in REASONS {
        let e = if row.status == Status::SaveFirst { "" } else { "E_" };
        let name = format!("ROPC_{e}{}", upper_snake(&format!("{:?}", row.status)));
        assert_eq!(statuses.get(&name), Some(&(row.status as i32)), "{name}");
        if let Some(stage) = row.stage {
            let name = format!("ROPC_STAGE_{}", upper_snake(&format!("{stage:?}")));
            assert_eq!(stages.get(&name), Some(&(stage as i32)), "{name}");
        }
    }
    for (name, number) in &statuses {
        let used = REASONS.iter().any(|row| row.status as i32 == *number);
        assert!(used, "{name} is a status that no reason has");
    }
}

#[test]
fn every_reason_says_what_to_do_in_one_whole_sentence() {
    for row in REASONS {
        let advice = row.advice.to_str().expect("UTF-8");
        let first = advice.chars().next().expect("an advice");
        assert!(first.is_uppercase() && advice.ends_with('.') && !advice.ends_with(".."), "{:?}: {advice}", row.reason);
        assert!(advice.len() > 15 && !advice.contains(['\n', '\t']) && !advice.contains("  "), "{:?}", row.reason);
        assert!(REASONS.iter().all(|other| other.reason == row.reason || other.advice != row.advice), "{advice}");
    }
}

/// Where each reason belongs, written out a second time: a wrong row in the
/// table differs from this.
#[rustfmt::skip]
const PLACES: &[(Status, Option<Stage>, &[Reason])] = &[
    (Status::Arg, Some(Stage::Setup), &[Reason::Argument]),
    (Status::State, None, &[Reason::State]),
    (Status::Unsupported, Some(Stage::Setup), &[Reason::Unsupported]),
    // A name may turn out to be no loopback only when it was looked up.
    (Status::Arg, None, &[Reason::PlainHttp]),
    (Status::Unsupported, Some(Stage::Answer), &[Reason::NotAJwt]),
    (Status::Resources, None, &[Reason::Resources]),
    (Status::Bug, None, &[Reason::Bug]),
    (Status::SaveFirst, Some(Stage::Setup), &[Reason::SaveFirst]),
    (Status::Resolve, Some(Stage::Lookup), &[Reason::Unresolved]),
    (Status::Connect, Some(Stage::Connect), &[Reason::ConnectionRefused, Reason::Unreachable]),
    (Status::Timeout, None, &[Reason::TimedOut]),
    (Status::Io, None, &[Reason::CutOffBeforeSent, Reason::CutOffAfterSent]),
    (Status::Cancelled, None, &[Reason::Cancelled]),
    (Status::Proxy, Some(Stage::Proxy), &[Reason::ProxyUnreachable, Reason::ProxyLogin, Reason::ProxyRefused]),
    (Status::Tls, Some(Stage::Tls), &[
        Reason::TlsExpired, Reason::TlsNotYetValid, Reason::TlsWrongHost, Reason::TlsUnknownIssuer, Reason::TlsPin,
        Reason::TlsProtocol, Reason::TlsCertificate, Reason::TlsClientCertificate,
    ]),
    (Status::Answer, Some(Stage::Answer), &[
        Reason::RedirectRefused, Reason::AnswerNotUnderstood, Reason::AnswerTooLarge, Reason::TokenType,
        Reason::OtherIssuer, Reason::OtherHost, Reason::TooShort,
    ]),
    (Status::Client, Some(Stage::Answer), &[
        Reason::NotFound, Reason::ClientRefused, Reason::UnsupportedGrant, Reason::ScopeRefused, Reason::RequestRefused,
    ]),
    (Status::RateLimited, Some(Stage::Answer), &[Reason::RateLimited]),
    (Status::Server, Some(Stage::Answer), &[Reason::ServerFault]),
    (Status::Refused, Some(Stage::Answer), &[
        Reason::Unexplained, Reason::WrongCredentials, Reason::NotVerified, Reason::Locked, Reason::Blocked,
        Reason::SecondFactor, Reason::RiskCheck, Reason::Captcha, Reason::Consent, Reason::LoginNotAllowed,
        Reason::SessionLimit, Reason::GrantRefused, Reason::TokenRefused,
    ]),
    (Status::SignedOut, Some(Stage::Setup), &[Reason::SignedOut, Reason::NoRefreshToken, Reason::NothingStored]),
    (Status::SignedOut, Some(Stage::Answer), &[Reason::RefreshEnded, Reason::OtherUser]),
    (Status::Unclear, None, &[Reason::Unclear]),
    (Status::NotRevoked, None, &[Reason::NotRevoked]),
    (Status::Store, Some(Stage::Setup), &[
        Reason::StoreAccess, Reason::StoreExposed, Reason::StoreBroken, Reason::StoreForeign, Reason::StoreBusy,
        Reason::SaveFailed,
    ]),
    (Status::Arg, Some(Stage::Setup), &[Reason::OriginNotAllowed]),
    (Status::IdToken, Some(Stage::Answer), &[
        Reason::IdTokenMalformed, Reason::IdTokenAlgorithm, Reason::IdTokenKey, Reason::IdTokenSignature,
        Reason::IdTokenIssuer, Reason::IdTokenAudience, Reason::IdTokenExpired, Reason::IdTokenEarly,
        Reason::IdTokenNonce, Reason::IdTokenAccess,
    ]),
];

#[test]
fn every_reason_has_its_status_and_stage() {
    let mut expected: Vec<_> = PLACES
        .iter()
        .flat_map(|(status, stage, reasons)| reasons.iter().map(|reason| (*reason, *status, *stage)))
        .collect();
    expected.sort_by_key(|(reason, ..)| *reason);
    let table: Vec<_> = REASONS.iter().map(|row| (row.reason, row.status, row.stage)).collect();
    assert_eq!(table, expected);
}

#[test]
fn only_what_can_pass_by_itself_is_retryable() {
    let retryable: Vec<Reason> = REASONS.iter().filter(|row| row.retryable).map(|row| row.reason).collect();
    let expected = [
        Reason::Resources,
        Reason::SaveFirst,
        Reason::Unresolved,
        Reason::ConnectionRefused,
        Reason::Unreachable,
        Reason::TimedOut,
        Reason::CutOffBeforeSent,
        Reason::CutOffAfterSent,
        Reason::Cancelled,
        Reason::ProxyUnreachable,
        Reason::RateLimited,
        Reason::ServerFault,
        Reason::StoreAccess,
        Reason::StoreBusy,
        Reason::SaveFailed,
    ];
    assert_eq!(retryable, expected);
}

#[test]
fn a_number_from_outside_finds_its_row_or_none() {
    for row in REASONS {
        assert_eq!(Reason::row_of(row.reason as i32).map(|found| found.reason), Some(row.reason));
    }
    for number in [0, -1, 1, 9, 96, 99, 115, 119, 130, i32::MAX, i32::MIN] {
        assert!(Reason::row_of(number).is_none(), "{number}");
    }
    assert!(Reason::None.row().is_none());
}

/// Reasons that no server brings about, and where they are held instead.
const ELSEWHERE: &[(Reason, &str)] = &[(Reason::Resources, "needs a process without descriptors: tests/network.rs")];

/// Signs in at `url` by options that may still be changed.
fn login_at(server: &Standin, url: &str, change: impl FnOnce(&mut Options)) -> Result<Tokens, Error> {
    let mut options = trusting(server, Options::oauth2(url, CLIENT));
    change(&mut options);
    client(&options).login("ada", PASSWORD)
}

fn at_trap(server: &Standin, trap: Trap) -> Result<Tokens, Error> {
    login_at(server, &format!("https://localhost:{}/token", server.trap(trap)), |_| {})
}

fn through(server: &Standin, proxy_port: u16) -> Result<Tokens, Error> {
    let url = format!("{}/token", server.https());
    login_at(server, &url, |options| options.set_proxy(&format!("127.0.0.1:{proxy_port}")).expect("a proxy"))
}

fn looked_up(server: &Standin, found: Result<[u8; 4], std::io::ErrorKind>) -> Result<Tokens, Error> {
    login_at(server, "https://acme.test/token", |options| {
        options.set_lookup(Arc::new(move |_| Ok(found.map(|address| vec![IpAddr::from(address)])?)));
    })
}

/// Brings `reason` about; `None` when no row here can.
fn bring_about(server: &Standin, reason: Reason) -> Option<Result<(), Error>> {
    let https = format!("{}/token", server.https());
    let user = |user: &str| client(&loginradius(server)).login(user, PASSWORD);
    let result = match reason {
        Reason::Argument => user(""),
        Reason::State => {
            let client = client(&loginradius(server));
            let call = client.call();
            client.login_in(&call, "ada", PASSWORD).and_then(|_| client.login_in(&call, "ada", PASSWORD))
        }
        Reason::Unsupported => generic(server).set_app_kind(AppKind::Oidc).and_then(|()| user("ada")),
        Reason::PlainHttp => Options::oauth2("http://192.0.2.7/token", CLIENT).and_then(|_| user("ada")),
        Reason::NotAJwt => expect_tokens(user("ada")).unverified_claims(TokenKind::Id).and_then(|_| user("ada")),
        Reason::Unresolved => looked_up(server, Err(std::io::ErrorKind::NotFound)),
        Reason::ConnectionRefused => login_at(server, &format!("https://127.0.0.1:{}/token", closed_port()), |_| {}),
        // No TCP connection goes to the broadcast address.
        Reason::Unreachable => looked_up(server, Ok([255, 255, 255, 255])),
        Reason::TimedOut => {
            let mut options = loginradius(server);
            options.set_timeouts(500, 500).expect("time limits");
            client(&options).login("fault:never", PASSWORD)
        }
        Reason::CutOffBeforeSent => at_trap(server, Trap::SilentClose),
        Reason::CutOffAfterSent => user("fault:drop_before"),
        Reason::Bug => {
            let mut options = loginradius(server);
            let sink = |_: Level, line: &str| assert!(!line.starts_with("answer:"), "on purpose");
            options.set_log(Level::Debug, Some(Arc::new(sink)));
            client(&options).login("ada", PASSWORD)
        }
        Reason::Cancelled => {
            let client = client(&loginradius(server));
            let call = client.call();
            call.cancel();
            client.login_in(&call, "ada", PASSWORD)
        }
        Reason::ProxyUnreachable => through(server, closed_port()),
        Reason::ProxyLogin => through(server, server.trap(Trap::ProxyNeedsLogin("proxy-user", "proxy-pass"))),
        Reason::ProxyRefused => through(server, server.trap(Trap::ProxyHtml)),
        Reason::TlsExpired => at_trap(server, Trap::Expired),
        Reason::TlsNotYetValid => at_trap(server, Trap::NotYetValid),
        Reason::TlsWrongHost => at_trap(server, Trap::WrongHost),
        Reason::TlsUnknownIssuer => at_trap(server, Trap::UnknownCa),
        Reason::TlsPin => login_at(server, &https, |options| {
            options.add_pin(&server.https(), &"00".repeat(32)).expect("a pin");
        }),
        Reason::TlsProtocol => at_trap(server, Trap::Tls11Only),
        Reason::TlsCertificate => at_trap(server, Trap::ClientAuthOnly),
        Reason::TlsClientCertificate => at_trap(server, Trap::ClientCert),
        Reason::RedirectRefused => user("fault:redirect_307"),
        Reason::AnswerNotUnderstood => user("variant:html"),
        Reason::AnswerTooLarge => user("fault:flood_headers"),
        Reason::TokenType => user("variant:type_mac"),
        Reason::NotFound => login_at(server, &format!("{}/nowhere", server.https()), |_| {}),
        Reason::Unexplained => user("waf"),
        Reason::RateLimited => user("ratelimited"),
        Reason::ServerFault => user("servererror"),
        Reason::WrongCredentials => user("nobody"),
        Reason::NotVerified => user("unverified-email"),
        Reason::Locked => user("locked"),
        Reason::Blocked => user("blocked"),
        Reason::SecondFactor => user("mfa-native"),
        Reason::RiskCheck => user("risk"),
        Reason::Captcha => user("captcha"),
        Reason::Consent => user("consent"),
        Reason::LoginNotAllowed => user("not-allowed"),
        Reason::SessionLimit => user("sessions"),
        Reason::ClientRefused => user("client-refused"),
        Reason::UnsupportedGrant => user("unsupported"),
        Reason::ScopeRefused => user("scope"),
        Reason::RequestRefused => client(&generic(server)).grant("password", &[]),
        Reason::GrantRefused => client(&generic(server)).grant("refresh_token", &[("refresh_token", "gone")]),
        Reason::TokenRefused => user("code:906"),
        Reason::None | Reason::Resources => return None,
        _ => return later::bring_about(server, reason),
    };
    Some(result.map(|_| ()))
}

#[test]
fn every_reason_is_brought_about_and_its_error_is_placed_as_the_table_says() {
    let server = Standin::start();
    for row in REASONS {
        let Some(result) = bring_about(&server, row.reason) else {
            let excused = ELSEWHERE.iter().any(|(reason, _)| *reason == row.reason);
            assert!(excused, "{:?} is brought about nowhere", row.reason);
            continue;
        };
        let error = result.err().unwrap_or_else(|| panic!("{:?} did not come about", row.reason));
        assert_eq!(error.reason, row.reason, "{error:?}");
        if let Some(stage) = row.stage {
            assert_eq!(error.stage, stage, "{:?}", row.reason);
        }
        let advice = row.advice.to_str().expect("UTF-8");
        assert!(error.message.contains(advice), "{:?}: {}", row.reason, error.message);
        let what = error.message.split(advice).next().expect("what happened");
        assert!(what.ends_with(". ") && what.len() > 12, "{:?}: {}", row.reason, error.message);
        assert!(!error.message.contains(['\n', '\r']), "{:?}: {}", row.reason, error.message);
    }
}

#[test]
fn request_sent_says_whether_a_byte_of_the_request_left() {
    let server = Standin::start();
    for row in REASONS {
        let Some(Err(error)) = bring_about(&server, row.reason) else {
            continue;
        };
        let sent = match row.status {
            Status::Arg | Status::State | Status::Unsupported => false,
            Status::Resolve | Status::Connect | Status::Cancelled => false,
            // TLS 1.3 refuses a client without a certificate after its request.
            Status::Tls if row.reason == Reason::TlsClientCertificate => continue,
            Status::Tls | Status::Proxy => false,
            Status::Io => row.reason == Reason::CutOffAfterSent,
            // Found out here, whatever was sent before to get there.
            Status::SaveFirst | Status::Store | Status::IdToken => false,
            Status::SignedOut => row.stage == Some(Stage::Answer),
            _ => row.reason != Reason::TooShort,
        };
        assert_eq!(error.request_sent, sent, "{error:?}");
        assert!(sent || error.http_status == 0 || row.status == Status::Proxy, "{error:?}");
    }
}
