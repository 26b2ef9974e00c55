//! No password, secret or token in any text that leaves the library: messages,
//! fields and extras of errors, `Debug`, log lines. A server that repeats what
//! it was sent is not believed.

mod common;

use common::after::{Lines, answer, say, texts};
use common::{client, expect_tokens, generic, loginradius, trusting, with_secret};
use ropc::oauth::{EndpointKind, Level, Options, Secret, SecretMethod};
use standin::{ACCOUNTS, After, CLIENT, FAULTS, PASSWORD, Standin, VARIANTS};

/// A password that every encoding changes.
const CANARY: &str = "Canary \"pä/ss\\wörd\" & 100% +x";

/// A password that looks as if it were encoded already.
const ENCODED: &str = "Canary%41+%2B\\u0041&amp;";

/// `text` as JSON that is all ASCII, as many servers write it.
fn ascii_json(text: &str) -> String {
    let mut out = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit).ok().filter(|byte| byte.is_ascii_alphanumeric()) {
            Some(byte) => out.push(byte.into()),
            None => out += &format!("\\u{unit:04x}"),
        }
    }
    out
}

/// `text` with every byte that is no letter or digit percent-encoded.
fn percent(text: &str, upper: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            _ if upper => out += &format!("%{byte:02X}"),
            _ => out += &format!("%{byte:02x}"),
        }
    }
    out
}

/// The inside of a JSON string that says `secret` in each way a server may.
fn echoes(secret: &str) -> Vec<(&'static str, String)> {
    let json = serde_json::to_string(secret).expect("JSON");
    let json = json[1..json.len() - 1].to_owned();
    vec![
        ("with slashes escaped", json.replace('/', "\\/")),
        ("in ASCII", ascii_json(secret)),
        ("percent-encoded", percent(secret, true)),
        ("percent-encoded in lower case", percent(secret, false)),
        ("as a form", percent(secret, true).replace("%20", "+")),
        // A body that is quoted inside a text: the JSON of the JSON.
        ("as JSON in a text", serde_json::to_string(&json).expect("JSON").trim_matches('"').to_owned()),
        ("as HTML", json.replace('&', "&amp;").replace("\\\"", "&quot;")),
        ("as it is", json),
    ]
}

/// Where a server may repeat something; `@` stands for it.
const PLACES: &[&str] = &[
    r#"{"error":"@"}"#,
    r#"{"error":"invalid_grant","error_description":"You sent @ to us"}"#,
    r#"{"ErrorCode":966,"Message":"You sent @ to us","Description":"Wrong"}"#,
    r#"{"ErrorCode":966,"Message":"Wrong","Description":"You sent @ to us"}"#,
    r#"{"errorCode":966,"message":"@","description":"@"}"#,
    r#"{"ErrorCode":966,"Body":"@"}"#,
    r#"{"ErrorCode":966,"Data":{"request":{"password":"@"}}}"#,
    r#"{"ErrorCode":966,"Errors":[{"FieldName":"password","ErrorMessage":"not @"}]}"#,
    r#"{"ErrorCode":966,"@":1}"#,
    r#"{"ErrorCode":966,"Data":{"@":1}}"#,
    r#"{"access_token":"","token_type":"Bearer","hint":"@"}"#,
    r#"{"access_token":"t","token_type":"@"}"#,
];

/// Answers every request with `body`.
fn answer_with(server: &Standin, body: String) {
    let answer = answer("403 No", "Content-Type: application/json\r\n", &body);
    server.script(move |wire, _| say(wire, &answer));
}

/// The texts in which `secret` could be read, whatever the encoding: a word
/// of it that no encoding changes is enough.
#[track_caller]
fn assert_clean(text: &str, words: &[&str], label: &str) {
    for word in words {
        assert!(!text.contains(word), "{label} shows {word:?}:\n{text}");
    }
}

#[test]
fn a_server_that_repeats_the_password_in_any_way_and_place_is_not_passed_on() {
    let server = Standin::start();
    let mut leaks = Vec::new();
    for mut options in [loginradius(&server), generic(&server)] {
        let lines = Lines::of(&mut options);
        let client = client(&options);
        for place in PLACES {
            for password in [CANARY, ENCODED] {
                for (how, echo) in echoes(password) {
                    answer_with(&server, place.replace('@', &echo));
                    let error = client.login("ada", password).expect_err("a refusal");
                    if texts(&error).contains("Canary") {
                        leaks.push(format!("{password} {how} in {place}"));
                    }
                }
            }
            // Other words do come through, or the test above proves nothing.
            answer_with(&server, place.replace('@', "Sparrow"));
            let error = client.login("ada", CANARY).expect_err("a refusal");
            let shown = texts(&error).contains("Sparrow") || place.contains("access_token");
            assert!(shown, "{place}: {error:?}");
        }
        assert_clean(&lines.text(), &["Canary"], "the log");
    }
    assert!(leaks.is_empty(), "{} are shown: {leaks:#?}", leaks.len());
}

#[test]
fn the_account_that_echoes_the_password_has_its_text_withheld() {
    for options in [loginradius, generic] {
        let server = Standin::start();
        let client = client(&options(&server));
        for count in 1..=2 {
            let error = client.login("echo", CANARY).expect_err("a refusal");
            assert_clean(&texts(&error), &["Canary"], "echo");
            assert!(texts(&error).contains("withheld"), "{error:?}");
            // TLS may hold a part of it: the connection is closed.
            assert_eq!(server.connections(), count);
        }
    }
}

#[test]
fn a_repeated_client_secret_or_grant_value_is_not_passed_on() {
    let server = Standin::start();
    let mut options = trusting(&server, Options::oauth2(&format!("{}/token", server.https()), CLIENT));
    options.set_secret("Canary-secret", SecretMethod::Post).expect("a secret");
    options.set_api_key("Canary-api-key").expect("a key");
    let client = client(&options);
    for secret in ["Canary-secret", "Canary-api-key", "Canary-token"] {
        for (how, echo) in echoes(secret) {
            answer_with(
                &server,
                format!(r#"{{"error":"invalid_grant","error_description":"{echo}","more":"{echo}"}}"#),
            );
            let error = client.grant("exchange_token", &[("token", "Canary-token")]).expect_err("a refusal");
            assert_clean(&texts(&error), &["Canary"], &format!("{secret} {how}"));
        }
    }
}

#[test]
fn a_repeated_basic_header_is_not_passed_on() {
    let server = Standin::start();
    for method in [SecretMethod::Basic, SecretMethod::BasicRaw] {
        server.script(|wire, seen| {
            let header = seen.header("authorization").unwrap_or_default();
            let body = format!(r#"{{"error":"invalid_client","error_description":"bad {header}","h":"{header}"}}"#);
            let _ = write!(wire, "HTTP/1.1 401 No\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            After::Keep
        });
        let error = client(&with_secret(&server, "/token", method)).login("ada", CANARY).expect_err("a refusal");
        // base64 of "secret-client:" but for its last letters, which the secret changes.
        assert_clean(&texts(&error), &["c2VjcmV0LWNsaWVudD"], "the error");
        assert_eq!(error.oauth_error.as_deref(), Some("invalid_client"));
    }
}

#[test]
fn a_text_of_the_server_is_one_line_of_bounded_length() {
    let server = Standin::start();
    let long = "é".repeat(10_000);
    answer_with(&server, format!(r#"{{"error":"a\r\nb","error_description":"x\u001b[31m\u0000{long}"}}"#));
    let error = client(&loginradius(&server)).login("ada", CANARY).expect_err("a refusal");
    assert_eq!(error.oauth_error.as_deref(), Some("a  b"));
    let description = error.oauth_description.clone().expect("a description");
    assert!(description.starts_with("x [31m é") && description.chars().count() == 500, "{description}");
}

#[test]
fn no_failure_and_no_log_line_shows_the_password_or_a_token() {
    let server = Standin::start();
    let accounts = ACCOUNTS.iter().map(|account| account.user.to_owned());
    let variants = VARIANTS.iter().map(|name| format!("variant:{name}"));
    let faults = FAULTS.iter().filter(|name| **name != "delay_MS").map(|name| format!("fault:{name}"));
    let users: Vec<String> = accounts.chain(variants).chain(faults).collect();
    // The password in each encoding; the beginning of a JWT; the second factor.
    let words = ["correct horse", "correct+horse", "correct%20horse", "Y29ycmVjdCBob3JzZ", "eyJ"];
    for mut options in [loginradius(&server), generic(&server)] {
        options.set_timeouts(1000, 1000).expect("time limits");
        let lines = Lines::of(&mut options);
        let client = client(&options);
        let mut failed = 0;
        for user in &users {
            match client.login(user, PASSWORD) {
                Ok(tokens) => {
                    let debug = format!("{tokens:?}");
                    assert_clean(&debug, &words, user);
                    let secret = tokens.refresh_token.as_ref().is_some_and(|token| debug.contains(token.expose()));
                    assert!(!secret, "{user}: {debug}");
                    let log = lines.text();
                    assert_clean(&log, &[tokens.access_token.expose()], user);
                }
                Err(error) => {
                    failed += 1;
                    assert_clean(&texts(&error), &words, user);
                }
            }
        }
        assert!(failed > 60, "{failed} logins failed");
        let log = lines.each();
        assert_clean(&log.join("\n"), &words, "the log");
        assert_clean(&log.join("\n"), &["second-factor-token"], "the log");
        assert!(log.iter().filter(|line| line.starts_with("grant password: ")).count() >= 2 * users.len(), "{log:?}");
        assert!(log.iter().all(|line| !line.contains(['\n', '\r'])), "{log:?}");
    }
}

#[test]
fn tokens_that_cannot_be_used_are_not_shown() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let token = "Canary-token";
    for body in [
        format!(r#"{{"access_token":"{token}","token_type":"mac","refresh_token":"{token}","id_token":"{token}"}}"#),
        format!(r#"{{"access_token":"{token}\u0000","token_type":"Bearer"}}"#),
        format!(r#"{{"access_token":["{token}"],"token_type":"Bearer"}}"#),
        format!(r#"{{"access_token":"{token}","token_type":"Bearer","refresh_token":"{token} \u00e9"}}"#),
        format!(r#"{{"access_token":"{token}","token_type":"Bearer","id_token":7}}"#),
        format!(r#"{{"access_token":"{token}","token_type":7}}"#),
        format!(r#"{{"access_token":"{token}","access_token":"{token}"}}"#),
        format!(r#"{{"access_token":"{token}","error":"invalid_grant","id_token":"{token}"}}"#),
        format!(r#"{{"access_token":"{token}","refresh_token":"{token}","Id_token":"{token}","ErrorCode":966}}"#),
        format!(r#"{{"access_token":"{token}""#),
        format!("{token} is no JSON"),
    ] {
        for status in [200, 201, 400, 500] {
            let body = body.clone();
            server.script(move |wire, _| {
                let _ = write!(wire, "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                After::Keep
            });
            if let Err(error) = client.login("ada", PASSWORD) {
                assert_clean(&texts(&error), &["Canary"], &format!("{status}"));
            } else {
                panic!("signed in");
            }
        }
    }
}

#[test]
fn a_refused_option_does_not_repeat_what_is_secret_in_it() {
    let long = "Canary".repeat(20_000);
    let acme = || Options::loginradius("acme.example", "app", "id").expect("valid settings");
    let errors = [
        Options::loginradius("https://ada:Canary@acme.example", "app", "id").err(),
        Options::oauth2("https://ada:Canary@acme.example/token", "id").err(),
        Options::oauth2("https://acme.example/token?key=Canary#x", "id").err(),
        Options::oauth2("https://acme.example/to ken?key=Canary", "id").err(),
        acme().set_secret(&long, SecretMethod::Post).err(),
        acme().set_api_key(&long).err(),
        acme().add_param("name", &long).err(),
        acme().add_param("client_secret", "Canary").err(),
        acme().set_proxy("http://ada:Canary@pro xy").err(),
        acme().set_proxy("http://ada:Canary%ff@proxy").err(),
        acme().set_proxy("socks5://ada:Canary@proxy").err(),
        acme().set_client_cert_pem("acme.example", b"Canary", b"Canary").err(),
        acme().set_ca_pem(b"-----BEGIN CERTIFICATE-----\nCanary\n-----END CERTIFICATE-----\n").err(),
        client(&acme()).login("ada", &long).err(),
        client(&acme()).grant("g", &[("token", &long)]).err(),
    ];
    for (at, error) in errors.into_iter().enumerate() {
        let error = error.unwrap_or_else(|| panic!("row {at} was accepted"));
        assert_clean(&texts(&error), &["Canary"], &format!("row {at}"));
    }
}

#[test]
fn the_query_of_an_endpoint_is_in_no_error_and_no_log_line() {
    let server = Standin::start();
    for user in ["ada", "nobody", "fault:drop_before", "variant:html", "fault:redirect_302"] {
        let mut options = loginradius(&server);
        let url = format!("{}/token?apikey=Canary", server.https());
        options.set_endpoint(EndpointKind::Token, &url).expect("a URL");
        options.set_encoding(ropc::oauth::Encoding::Form);
        let lines = Lines::of(&mut options);
        if let Err(error) = client(&options).login(user, PASSWORD) {
            assert_clean(&texts(&error), &["Canary", "apikey"], user);
        }
        assert_clean(&lines.text(), &["Canary", "apikey"], user);
        assert!(server.take_requests().iter().all(|seen| seen.target.ends_with("?apikey=Canary")));
    }
}

#[test]
fn the_queue_of_the_log_shows_no_more_than_the_sink() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_log(Level::Debug, None);
    let client = client(&options);
    let tokens = expect_tokens(client.login("ada", PASSWORD));
    let lines: Vec<String> = std::iter::from_fn(|| client.next_log()).map(|(_, line)| line).collect();
    assert!(lines.iter().any(|line| line.contains("grant password")), "{lines:?}");
    assert_clean(&lines.join("\n"), &[PASSWORD, tokens.access_token.expose(), "Basic "], "the log");
}

#[test]
fn a_secret_is_not_printed() {
    assert_eq!(format!("{:?}", Secret::new("Canary")), "[secret]");
}
