//! Keys, ID tokens and metadata.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use ring::digest::{SHA256, digest};
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Value, json};
use standin::{ISSUERS, Standin};

use crate::client::{Client, login};

fn decode(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).expect("three parts");
    serde_json::from_slice(&decode(part)).expect("JSON")
}

/// Whether the key of this set with the token's id verifies it.
fn verifies(token: &str, set: &Value) -> bool {
    let kid = &part(token, 0)["kid"];
    let Some(key) = set["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == *kid) else {
        return false;
    };
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let number = |name: &str| decode(key[name].as_str().expect("a number"));
    assert_eq!(part(token, 0)["alg"], key["alg"]);
    let outcome = if key["kty"] == "RSA" {
        let key = RsaPublicKeyComponents { n: number("n"), e: number("e") };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &decode(signature))
    } else {
        let point = [vec![4], number("x"), number("y")].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &decode(signature))
    };
    outcome.is_ok()
}

fn sign_in(client: &mut Client, nonce: &str) -> (String, String) {
    let mut body = login("ada", standin::PASSWORD);
    body["nonce"] = nonce.into();
    let answer = client.post_json("/api/oidc/demo/token", &body);
    (answer.member("id_token"), answer.member("refresh_token"))
}

#[test]
fn an_id_token_is_bound_to_its_access_token_and_request() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let mut body = login("ada", standin::PASSWORD);
    body["nonce"] = "n-0S6".into();
    let first = client.post_json("/api/oidc/demo/token", &body);
    let bound = |answer: &crate::client::Answer| {
        let hash = digest(&SHA256, answer.member("access_token").as_bytes());
        let claims = part(&answer.member("id_token"), 1);
        assert_eq!(decode(claims["at_hash"].as_str().expect("a hash")), hash.as_ref()[..16]);
        claims
    };
    let claims = bound(&first);
    assert_eq!(claims["nonce"], "n-0S6");
    let ago = claims["iat"].as_u64().zip(claims["auth_time"].as_u64()).map(|(now, then)| now - then);
    assert!(ago.is_some_and(|seconds| seconds < 60), "{claims}");
    assert!(part(&first.member("access_token"), 1).get("nonce").is_none());
    let mut refresh = |nonce: Option<&str>, token: &str| {
        let mut body = json!({
            "client_id": standin::CLIENT, "grant_type": "refresh_token", "refresh_token": token,
        });
        if let Some(nonce) = nonce {
            body["nonce"] = nonce.into();
        }
        client.post_json("/api/oidc/demo/token", &body)
    };
    let second = refresh(Some("again"), &first.member("refresh_token"));
    assert_eq!(bound(&second)["nonce"], "again");
    let third = refresh(None, &second.member("refresh_token"));
    let last = bound(&third);
    assert!(last.get("nonce").is_none());
    for same in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(last[same], claims[same], "{same}");
    }
}

#[test]
fn both_keys_verify_what_they_sign() {
    for (es256, algorithm) in [(false, "RS256"), (true, "ES256")] {
        let standin = Standin::builder().sign_with_es256(es256).start();
        let mut client = Client::plain(&standin);
        let (token, _) = sign_in(&mut client, "");
        assert_eq!(part(&token, 0)["alg"], algorithm);
        assert_eq!(part(&token, 0)["kid"], standin.key_id(es256));
        let set = client.get("/jwks", "");
        assert_eq!(set.body, standin.key_set());
        assert_eq!(set.body, client.get("/service/oidc/demo/jwks", "").body);
        assert!(verifies(&token, &set.json()));
        let own = standin.sign_jwt(&json!({"alg": algorithm, "kid": standin.key_id(es256)}).to_string(), "{}", es256);
        assert!(verifies(&own, &set.json()));
        let other = own.replacen(".e30.", ".e31.", 1);
        assert!(!verifies(&other, &set.json()));
    }
}

#[test]
fn keys_rotate_and_the_old_ones_stay_or_go() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let (first, _) = sign_in(&mut client, "");
    standin.rotate_keys(true);
    let (second, _) = sign_in(&mut client, "");
    let set = client.get("/jwks", "").json();
    assert_ne!(part(&first, 0)["kid"], part(&second, 0)["kid"]);
    assert!(verifies(&first, &set) && verifies(&second, &set));
    assert_eq!(set["keys"].as_array().map(Vec::len), Some(4));
    // New keys, not old ones by a new name.
    for member in ["n", "x"] {
        let values = set["keys"].as_array().expect("keys").iter().filter_map(|key| key[member].as_str());
        let mut values: Vec<&str> = values.collect();
        values.dedup();
        assert_eq!(values.len(), 2, "{member}");
    }
    standin.rotate_keys(false);
    let (third, _) = sign_in(&mut client, "");
    let set = client.get("/jwks", "").json();
    assert!(verifies(&third, &set) && !verifies(&first, &set) && !verifies(&second, &set));
}

#[test]
fn metadata_is_where_both_documents_say() {
    let standin = Standin::start();
    let mut client = Client::tls(&standin);
    let origin = standin.https();
    for issuer in ISSUERS {
        let openid = client.get(&format!("{issuer}/.well-known/openid-configuration"), "");
        let oauth = client.get(&format!("/.well-known/oauth-authorization-server{issuer}"), "");
        assert_eq!(oauth.status, 200, "{issuer}");
        if issuer == "/only8414" {
            assert_eq!(openid.status, 404);
        } else {
            assert_eq!(openid.body, oauth.body, "{issuer}");
        }
        let right = oauth.member("issuer") == format!("{origin}{issuer}");
        assert_eq!(right, issuer != "/wrong-issuer", "{issuer}");
        for (member, what) in [
            ("token_endpoint", "token"),
            ("revocation_endpoint", "revoke"),
            ("userinfo_endpoint", "userinfo"),
            ("jwks_uri", "jwks"),
        ] {
            let other = origin.replace("localhost", "127.0.0.1");
            let host = if issuer == "/other-host" { &other } else { &origin };
            assert_eq!(oauth.member(member), format!("{host}{issuer}/{what}"));
        }
    }
    assert_eq!(client.get("/tenant/a/.well-known/oauth-authorization-server", "").status, 404);
    let plain = Client::plain(&standin).get("/.well-known/oauth-authorization-server/other-host", "");
    assert_eq!(plain.member("jwks_uri"), format!("http://localhost:{}/other-host/jwks", standin.http_port()));
}

#[test]
fn each_issuer_issues_in_its_own_name() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    for issuer in ISSUERS {
        let body = "grant_type=password&client_id=demo-client&username=ada&password=correct+horse&scope=openid";
        let answer = client.post_form(&format!("{issuer}/token"), "", body);
        let wanted = standin.http() + issuer;
        assert_eq!(part(&answer.member("id_token"), 1)["iss"], wanted);
        let set = client.get(&format!("{issuer}/jwks"), "").json();
        assert!(verifies(&answer.member("id_token"), &set), "{issuer}");
        let user = client.get(&format!("{issuer}/userinfo"), &answer.member("access_token"));
        assert_eq!(user.member("sub"), part(&answer.member("id_token"), 1)["sub"]);
    }
}
