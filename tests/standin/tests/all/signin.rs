//! Signing in, refreshing and asking: what the endpoints answer.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};
use standin::{ACCOUNTS, API_KEY, Builder, Extra, Shape, Standin, account};

use crate::client::{Answer, Client, json_request, login};

const TOKEN: &str = "/api/oauth/demo/token";

#[test]
fn every_account_answers_as_the_table_says() {
    let standin = Standin::start();
    let mut client = Client::tls(&standin);
    for account in ACCOUNTS {
        let answer = client.post_json(TOKEN, &login(account.user, account.password));
        assert_eq!(answer.status, account.status, "{}", account.user);
        if let Shape::Vendor(code) = account.shape {
            assert_eq!(answer.json()["ErrorCode"], code, "{}", account.user);
        }
        let signs_in = account.shape == Shape::Tokens && account.extra != Extra::SecondFactor;
        let token = answer.body.contains("\"access_token\":\"ey");
        assert_eq!(token, signs_in, "{}", account.user);

        let wrong = client.post_json(TOKEN, &login(account.user, "wrong"));
        assert!(wrong.status >= 400, "{}", account.user);
        assert_eq!(wrong.body.contains("wrong"), account.extra == Extra::EchoPassword);
    }
    assert_eq!(standin.connections(), 1);
    assert_eq!(standin.requests().len(), 2 * ACCOUNTS.len());
}

#[test]
fn the_generic_endpoint_knows_oauth_errors_only() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    for account in ACCOUNTS {
        let body =
            format!("grant_type=password&client_id=demo-client&username={}&password=correct+horse", account.user);
        let answer = client.post_form("/token", "", &body);
        assert!(!answer.body.contains("ErrorCode"), "{}", account.user);
        let tokens = ["ada", "captcha"];
        if matches!(account.shape, Shape::Vendor(_)) && !tokens.contains(&account.user) {
            assert_eq!(answer.member("error"), "invalid_grant", "{}", account.user);
        }
    }
}

#[test]
fn what_was_sent_is_kept_to_the_byte() {
    let standin = Standin::start();
    let bob = account("bøb").expect("he is in the table");
    let request = json_request("/api/oidc/my%20app/token", &login(bob.user, bob.password));
    let answer = Client::tls(&standin).send(&request).expect("an answer");
    assert_eq!(answer.status, 200);
    assert!(!answer.member("id_token").is_empty());
    let seen = standin.take_requests();
    assert_eq!(seen[0].raw, request.as_bytes());
    assert_eq!(seen[0].header("CONTENT-TYPE"), Some("application/json"));
    assert!(seen[0].tls && !seen[0].client_cert && !seen[0].resumed);
    assert_eq!(seen[0].server_name.as_deref(), Some("localhost"));
    assert!(standin.requests().is_empty());
}

#[test]
fn captcha_answered_signs_in() {
    let standin = Standin::start();
    let mut body = login("captcha", standin::PASSWORD);
    body["g-recaptcha-response"] = "human".into();
    let answer = Client::plain(&standin).post_json(TOKEN, &body);
    assert_eq!(answer.status, 200);
}

#[test]
fn app_client_and_grant_must_exist() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let good = login("ada", standin::PASSWORD);
    let mut ask = |target: &str, member: &str, value: Value| {
        let mut body = good.clone();
        body[member] = value;
        let answer = client.post_json(target, &body);
        (answer.status, answer.member("error"))
    };
    let refused = |status: u16, error: &str| (status, error.to_owned());
    assert_eq!(ask("/api/oauth/other/token", "x", json!(1)), refused(403, "unauthorized_client"));
    assert_eq!(ask(TOKEN, "client_id", json!("stranger")), refused(401, "invalid_client"));
    assert_eq!(ask(TOKEN, "grant_type", json!("magic")), refused(400, "unsupported_grant_type"));
    assert_eq!(ask(TOKEN, "grant_type", json!("client_credentials")), refused(403, "unauthorized_client"));
    assert_eq!(ask(TOKEN, "password", json!("")), refused(400, "invalid_request"));
}

#[test]
fn each_door_takes_its_own_basic() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let basic = |credentials: &str| {
        let encoded = BASE64_STANDARD.encode(credentials);
        format!("Authorization: Basic {encoded}\r\n")
    };
    let escaped = basic("secret-client:s%3Ae+c%25r%2Bt%2F%26");
    let raw = basic("secret-client:s:e c%r+t/&");
    let mut status = |target: &str, header: &str, more: &str| {
        let body = format!("grant_type=client_credentials{more}");
        client.post_form(target, header, &body).status
    };
    assert_eq!(status("/token", &escaped, ""), 200);
    assert_eq!(status("/token", &raw, ""), 401);
    assert_eq!(status("/token-raw", &raw, ""), 200);
    assert_eq!(status("/token-raw", &escaped, ""), 401);
    let post = "&client_id=secret-client&client_secret=s%3Ae+c%25r%2Bt%2F%26";
    assert_eq!(status("/token", "", post), 200);
    assert_eq!(status("/token", &escaped, post), 400);
    assert_eq!(status(TOKEN, "", "&client_id=secret-client"), 403);
}

fn refreshed_after_reuse(builder: Builder) -> u16 {
    let standin = builder.start();
    let mut client = Client::tls(&standin);
    let first = client.login("ada").member("refresh_token");
    let second = client.refresh(&first).member("refresh_token");
    assert_ne!(first, second);
    let reused = client.refresh(&first);
    assert_eq!((reused.status, &reused.json()["ErrorCode"]), (403, &json!(1217)));
    client.refresh(&second).status
}

#[test]
fn reuse_ends_the_family_if_detected() {
    assert_eq!(refreshed_after_reuse(Standin::builder()), 403);
    let lenient = Standin::builder().reuse_detection(false);
    assert_eq!(refreshed_after_reuse(lenient), 200);
}

#[test]
fn without_rotation_the_token_stays() {
    let standin = Standin::builder().rotation(false).start();
    let mut client = Client::plain(&standin);
    let token = client.login("ada").member("refresh_token");
    for _ in 0..2 {
        let answer = client.refresh(&token);
        assert_eq!(answer.status, 200);
        assert!(answer.member("refresh_token").is_empty());
    }
}

#[test]
fn a_refresh_can_be_lost_on_the_way_back() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let token = client.login("ada").member("refresh_token");
    standin.treat_refresh_as(Some("fault:drop_before"));
    let body = json!({
        "client_id": standin::CLIENT, "grant_type": "refresh_token", "refresh_token": token,
    });
    assert!(client.send(&json_request(TOKEN, &body)).is_err());
    standin.treat_refresh_as(None);
    // It was rotated all the same.
    assert_eq!(Client::plain(&standin).refresh(&token).status, 403);
}

#[test]
fn revoked_and_exchanged() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let tokens = client.login("ada");
    let exchange = json!({
        "client_id": standin::CLIENT, "grant_type": "exchange_token",
        "token": tokens.member("access_token"),
    });
    let other = client.post_json("/api/oidc/demo/token", &exchange);
    assert_eq!(other.status, 200);
    let refresh = tokens.member("refresh_token");
    let revoke = json!({"client_id": standin::CLIENT, "token": refresh, "refresh_token": refresh});
    let answer = client.post_json("/api/oauth/demo/revoke", &revoke);
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    assert_eq!(client.refresh(&refresh).status, 403);
    assert_eq!(client.refresh(&other.member("refresh_token")).status, 200);
}

#[test]
fn the_key_set_verifies_the_tokens() {
    let standin = Standin::start();
    let mut client = Client::tls(&standin);
    let token = client.login("ada").member("access_token");
    let keys = client.get("/service/oidc/demo/jwks", "").json();
    let number = |name: &str| {
        let text = keys["keys"][0][name].as_str().expect("a number");
        BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")
    };
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    RsaPublicKeyComponents { n: number("n"), e: number("e") }
        .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)
        .expect("the signature is good");
    let claims = signed.split_once('.').expect("two parts").1;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("claims");
    let issuer = format!("{}/service/oauth/demo", standin.https());
    assert_eq!(claims["iss"], issuer);
    assert_eq!(claims["aud"], json!([standin::CLIENT]));
}

#[test]
fn the_identity_api_wants_token_and_key() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let token = client.login("ada").member("access_token");
    let base = "/identity/v2/auth";
    let account = format!("{base}/account?apikey={API_KEY}");
    let code = |answer: Answer| answer.json()["ErrorCode"].as_i64();
    assert_eq!(code(client.get(&format!("{base}/account"), &token)), Some(901));
    assert_eq!(code(client.get(&account, "stranger")), Some(905));
    let profile = client.get(&format!("{account}&fields=Uid,UserName"), &token);
    assert_eq!(profile.member("UserName"), "ada");
    assert_eq!(profile.json().as_object().map(|m| m.len()), Some(2));
    let end = format!("{base}/access_token/invalidate?apikey={API_KEY}&preventRefresh=true");
    assert_eq!(client.get(&end, &token).json()["IsPosted"], true);
    assert_eq!(code(client.get(&account, &token)), Some(905));

    let brief = Standin::builder().access_lifetime_s(0).start();
    let mut client = Client::plain(&brief);
    let token = client.login("ada").member("access_token");
    assert_eq!(code(client.get(&account, &token)), Some(906));
    assert_eq!(client.get("/service/oidc/demo/userinfo", &token).status, 401);
}

#[test]
fn discovery_points_here() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    for target in [
        "/oauth/demo/.well-known/oauth-authorization-server",
        "/service/oidc/my%20app/.well-known/openid-configuration",
    ] {
        let answer = client.get(target, "");
        assert!(answer.member("token_endpoint").starts_with(&standin.http()));
    }
}
