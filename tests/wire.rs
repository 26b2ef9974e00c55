//! The bytes that leave: request line, headers and body, exactly as the guide
//! and the RFCs have them.

mod common;

use base64::prelude::{BASE64_STANDARD, Engine};
use common::after::only_request;
use common::{APP, client, expect_reason, expect_tokens, generic, loginradius, trusting, with_secret};
use ropc::oauth::{AppKind, Client, Encoding, EndpointKind, Options, Reason, SecretMethod};
use standin::{CLIENT, PASSWORD, SECRET, SECRET_CLIENT, Seen, Standin, account};

/// The one request that `ada`'s login sends.
#[track_caller]
fn login(server: &Standin, options: &Options) -> Seen {
    expect_tokens(client(options).login("ada", PASSWORD));
    only_request(server)
}

/// How often a header is there.
fn count(seen: &Seen, name: &str) -> usize {
    seen.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).count()
}

/// The credentials of a Basic header.
fn basic(seen: &Seen) -> String {
    let value = seen.header("authorization").and_then(|value| value.strip_prefix("Basic ")).expect("a Basic header");
    String::from_utf8(BASE64_STANDARD.decode(value).expect("base64")).expect("UTF-8")
}

#[test]
fn the_request_to_loginradius_is_the_one_of_its_guide() {
    let server = Standin::start();
    let seen = login(&server, &loginradius(&server));
    let body = r#"{"client_id":"demo-client","grant_type":"password","username":"ada","password":"correct horse","response_type":"token"}"#;
    assert_eq!(seen.text(), body);
    assert!(seen.tls);
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/api/oauth/demo/token"));
    // Every header there is, and nothing besides: no Expect, no Accept-Encoding, no cookie.
    let mut headers: Vec<(String, &str)> =
        seen.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.as_str())).collect();
    headers.sort();
    let agent = concat!("ropc/", env!("CARGO_PKG_VERSION"));
    let (host, length) = (format!("localhost:{}", server.https_port()), body.len().to_string());
    let expected = [
        ("accept", "application/json"),
        ("content-length", length.as_str()),
        ("content-type", "application/json"),
        ("host", host.as_str()),
        ("user-agent", agent),
    ];
    assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value)));
    assert!(seen.raw.starts_with(b"POST /api/oauth/demo/token HTTP/1.1\r\n"));
    assert!(seen.raw.ends_with(format!("\r\n\r\n{body}").as_bytes()));
}

#[test]
fn the_request_to_any_other_server_is_the_form_of_rfc_6749() {
    let server = Standin::start();
    let seen = login(&server, &generic(&server));
    assert_eq!(seen.text(), "client_id=demo-client&grant_type=password&username=ada&password=correct+horse");
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/token"));
    assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert!(seen.header("authorization").is_none());
}

#[test]
fn response_type_is_left_out_or_replaced_on_request() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_response_type(None).expect("none");
    let without = r#"{"client_id":"demo-client","grant_type":"password","username":"ada","password":"correct horse"}"#;
    assert_eq!(login(&server, &options).text(), without);
    options.set_response_type(Some("id_token")).expect("another");
    let error = expect_reason(client(&options).login("ada", PASSWORD), Reason::RequestRefused);
    assert_eq!(error.oauth_description.as_deref(), Some("response_type must be token"));
    assert!(only_request(&server).text().ends_with(r#","response_type":"id_token"}"#));
    let mut options = generic(&server);
    options.set_response_type(Some("token")).expect("a value");
    assert!(login(&server, &options).text().ends_with("&password=correct+horse&response_type=token"));
}

#[test]
fn response_type_belongs_to_the_password_grant_alone() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    expect_reason(client.grant("refresh_token", &[("refresh_token", "gone")]), Reason::GrantRefused);
    let body = r#"{"client_id":"demo-client","grant_type":"refresh_token","refresh_token":"gone"}"#;
    assert_eq!(only_request(&server).text(), body);
}

#[test]
fn either_encoding_can_be_chosen() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_encoding(Encoding::Form);
    let seen = login(&server, &options);
    let form = "client_id=demo-client&grant_type=password&username=ada&password=correct+horse&response_type=token";
    assert_eq!(seen.text(), form);
    assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded"));
}

#[test]
fn a_password_of_every_awkward_kind_arrives_byte_for_byte_in_both_encodings() {
    let server = Standin::start();
    let bob = account("bøb").expect("an account");
    let mut forms = loginradius(&server);
    forms.set_encoding(Encoding::Form);
    for options in [loginradius(&server), forms, generic(&server)] {
        expect_tokens(client(&options).login(bob.user, bob.password));
    }
    let bodies: Vec<String> = server.take_requests().iter().map(Seen::text).collect();
    assert!(bodies[0].contains(r#""username":"bøb","password":"p&s=w+r%d é€\"\\""#), "{}", bodies[0]);
    for form in &bodies[1..] {
        assert!(form.contains("username=b%C3%B8b&password=p%26s%3Dw%2Br%25d+%C3%A9%E2%82%AC%22%5C"), "{form}");
    }
    // Spaces at the ends, control characters, NUL, beyond the BMP, not
    // normalized: nothing is trimmed or changed on the way.
    let odd = " \u{1}\t\r\n\0\u{7f}<script>\u{2028}\u{1f511}e\u{301}/~*'() ";
    let json_client = client(&loginradius(&server));
    expect_reason(json_client.login("ada", odd), Reason::WrongCredentials);
    let body: serde_json::Value = serde_json::from_slice(&only_request(&server).body).expect("JSON");
    assert_eq!(body["password"].as_str(), Some(odd));
    expect_reason(client(&generic(&server)).login("ada", odd), Reason::WrongCredentials);
    let form = only_request(&server).text();
    let encoded = "+%01%09%0D%0A%00%7F%3Cscript%3E%E2%80%A8%F0%9F%94%91e%CC%81%2F%7E*%27%28%29+";
    assert!(form.ends_with(&format!("&password={encoded}")), "{form}");
}

#[test]
fn the_longest_password_and_user_name_arrive_whole() {
    let server = Standin::start();
    let (user, password) = ("u".repeat(4096), "é".repeat(32_768));
    for options in [loginradius(&server), generic(&server)] {
        expect_reason(client(&options).login(&user, &password), Reason::WrongCredentials);
        let text = only_request(&server).text();
        let whole = text.contains(&password) || text.contains(&"%C3%A9".repeat(32_768));
        assert!(whole && text.contains(&user), "{} bytes", text.len());
    }
}

#[test]
fn a_client_without_a_secret_sends_its_id_in_the_body() {
    let server = Standin::start();
    let seen = login(&server, &generic(&server));
    assert_eq!((count(&seen, "authorization"), seen.text().matches("client_id=").count()), (0, 1));
    assert!(!seen.text().contains("client_secret"));
}

#[test]
fn a_secret_is_sent_in_one_way_and_the_server_takes_it() {
    let server = Standin::start();
    let seen = login(&server, &with_secret(&server, "/token", SecretMethod::Post));
    assert!(seen.text().contains("client_id=secret-client&"), "{}", seen.text());
    assert!(seen.text().ends_with("&client_secret=s%3Ae+c%25r%2Bt%2F%26"), "{}", seen.text());
    assert_eq!(count(&seen, "authorization"), 0);

    // Form-encoded first, as RFC 6749, 2.3.1 says; the id is not repeated (2.3).
    let seen = login(&server, &with_secret(&server, "/token", SecretMethod::Basic));
    assert_eq!(basic(&seen), "secret-client:s%3Ae+c%25r%2Bt%2F%26");
    assert_eq!(seen.text(), "grant_type=password&username=ada&password=correct+horse");

    let seen = login(&server, &with_secret(&server, "/token-raw", SecretMethod::BasicRaw));
    assert_eq!(basic(&seen), format!("{SECRET_CLIENT}:{SECRET}"));
    assert_eq!(seen.text(), "grant_type=password&username=ada&password=correct+horse");
    assert_eq!(count(&seen, "authorization"), 1);
}

#[test]
fn loginradius_takes_a_secret_in_the_body_and_in_the_header() {
    let server = Standin::start();
    let made = || trusting(&server, Options::loginradius(&server.https(), APP, SECRET_CLIENT));
    let start = r#"{"client_id":"secret-client","grant_type":"password","username":"ada","password":"correct horse","response_type":"token""#;
    let mut post = made();
    post.set_secret(SECRET, SecretMethod::Post).expect("a secret");
    let seen = login(&server, &post);
    assert_eq!(seen.text(), format!("{start},\"client_secret\":\"s:e c%r+t/&\"}}"));
    assert_eq!(count(&seen, "authorization"), 0);
    let mut header = made();
    header.set_secret(SECRET, SecretMethod::Basic).expect("a secret");
    let seen = login(&server, &header);
    assert_eq!(seen.text(), format!("{start}}}"));
    assert_eq!(basic(&seen), "secret-client:s%3Ae+c%25r%2Bt%2F%26");
}

#[test]
fn the_wrong_method_is_told_as_a_refused_client() {
    let server = Standin::start();
    for (path, method) in [("/token-raw", SecretMethod::Basic), ("/token-raw", SecretMethod::Post)] {
        let options = with_secret(&server, path, method);
        let error = expect_reason(client(&options).login("ada", PASSWORD), Reason::ClientRefused);
        assert_eq!((error.http_status, error.oauth_error.as_deref()), (401, Some("invalid_client")), "{path}");
    }
}

#[test]
fn an_oidc_application_has_its_own_path_and_asks_for_openid() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_app_kind(AppKind::Oidc).expect("a kind");
    let oidc = client(&options);
    let tokens = expect_tokens(oidc.login("ada", PASSWORD));
    assert!(tokens.id_token.is_some());
    let seen = only_request(&server);
    assert_eq!(seen.target, "/api/oidc/demo/token");
    assert!(seen.text().ends_with(r#","response_type":"token","scope":"openid"}"#), "{}", seen.text());
    options.set_scope("openid email").expect("a scope");
    let seen = login(&server, &options);
    assert!(seen.text().ends_with(r#","scope":"openid email"}"#), "{}", seen.text());
    options.set_app_kind(AppKind::Oauth).expect("a kind");
    assert_eq!(login(&server, &options).target, "/api/oauth/demo/token");
}

#[test]
fn an_app_name_is_one_path_segment_whatever_is_in_it() {
    let server = Standin::start();
    let token_target = |app: &str| {
        let options = trusting(&server, Options::loginradius(&server.https(), app, CLIENT));
        // Most of these apps do not exist; only the address matters.
        let _ = client(&options).login("ada", PASSWORD);
        only_request(&server).target
    };
    let rows = [
        ("my app", "my%20app"),
        ("a/b", "a%2Fb"),
        ("a?b", "a%3Fb"),
        ("a#b", "a%23b"),
        ("a%2Fb", "a%252Fb"),
        ("...", "..."),
        ("..\\..", "..%5C.."),
        ("a;b&c+d=e", "a%3Bb%26c%2Bd%3De"),
        ("bøb", "b%C3%B8b"),
        ("A-z_0.9~", "A-z_0.9~"),
    ];
    for (app, segment) in rows {
        assert_eq!(token_target(app), format!("/api/oauth/{segment}/token"), "{app}");
    }
    login(&server, &trusting(&server, Options::loginradius(&server.https(), "my app", CLIENT)));
}

#[test]
fn a_site_may_be_host_and_port_or_an_origin() {
    let server = Standin::start();
    let port = server.https_port();
    let sites = [
        format!("localhost:{port}"),
        format!("https://localhost:{port}"),
        format!("https://localhost:{port}/"),
        format!("HTTPS://LocalHost:{port}"),
        format!("127.0.0.1:{port}"),
    ];
    for site in sites {
        let seen = login(&server, &trusting(&server, Options::loginradius(&site, APP, CLIENT)));
        let host = if site.contains("127") { format!("127.0.0.1:{port}") } else { format!("localhost:{port}") };
        assert_eq!((seen.tls, seen.header("host")), (true, Some(host.as_str())), "{site}");
    }
    let seen = login(&server, &trusting(&server, Options::loginradius(&server.http(), APP, CLIENT)));
    assert!(!seen.tls);
}

#[test]
fn an_endpoint_can_be_set_and_keeps_its_query() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    let url = format!("{}/token?apikey=k%20ey&b=", server.https());
    options.set_endpoint(EndpointKind::Token, &url).expect("a URL");
    options.set_encoding(Encoding::Form);
    assert_eq!(login(&server, &options).target, "/token?apikey=k%20ey&b=");
    let url = format!("{}/token?x=1", server.https());
    assert_eq!(login(&server, &trusting(&server, Options::oauth2(&url, CLIENT))).target, "/token?x=1");
}

#[test]
fn added_parameters_and_scope_go_with_every_grant_in_both_encodings() {
    let server = Standin::start();
    for encoding in [Encoding::Json, Encoding::Form] {
        let mut options = loginradius(&server);
        options.set_encoding(encoding);
        options.set_scope("a b").expect("a scope");
        options.add_param("resource", "https://api.example/ü?a=b&c").expect("a parameter");
        options.add_param("aud-ience", "x\"y").expect("a parameter");
        let end = match encoding {
            Encoding::Json => r#","scope":"a b","resource":"https://api.example/ü?a=b&c","aud-ience":"x\"y"}"#,
            Encoding::Form => "&scope=a+b&resource=https%3A%2F%2Fapi.example%2F%C3%BC%3Fa%3Db%26c&aud-ience=x%22y",
        };
        let client = client(&options);
        expect_tokens(client.login("ada", PASSWORD));
        assert!(only_request(&server).text().ends_with(end), "{encoding:?}");
        expect_reason(client.grant("exchange_token", &[("token", "dead")]), Reason::TokenRefused);
        let text = only_request(&server).text();
        assert!(text.ends_with(end) && text.contains("exchange_token"), "{text}");
    }
}

#[test]
fn a_grant_sends_its_parameters_in_the_order_given() {
    let server = Standin::start();
    let params = [("username", "ada"), ("password", PASSWORD), ("g-recaptcha-response", "human"), ("a", "1")];
    expect_tokens(client(&generic(&server)).grant("password", &params));
    let form = "client_id=demo-client&grant_type=password&username=ada&password=correct+horse\
                &g-recaptcha-response=human&a=1";
    assert_eq!(only_request(&server).text(), form);
    expect_reason(client(&generic(&server)).grant("urn:x:y", &[]), Reason::UnsupportedGrant);
    assert_eq!(only_request(&server).text(), "client_id=demo-client&grant_type=urn%3Ax%3Ay");
}

#[test]
fn the_user_agent_is_the_one_that_was_set() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_user_agent("MyGame/1.2 (Linux; x86_64)").expect("a user agent");
    let seen = login(&server, &options);
    assert_eq!((seen.header("user-agent"), count(&seen, "user-agent")), (Some("MyGame/1.2 (Linux; x86_64)"), 1));
}

#[test]
fn an_api_key_does_not_go_to_the_token_endpoint() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_api_key("canary-api-key").expect("a key");
    let seen = login(&server, &options);
    assert!(!String::from_utf8_lossy(&seen.raw).contains("canary-api-key"));
}

#[test]
fn a_second_login_on_the_same_connection_is_framed_like_the_first() {
    let server = Standin::start();
    let client: Client = client(&loginradius(&server));
    expect_tokens(client.login("ada", PASSWORD));
    expect_tokens(client.login("ada", PASSWORD));
    let seen = server.take_requests();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].connection, seen[1].connection);
    assert_eq!(seen[0].raw, seen[1].raw);
}
