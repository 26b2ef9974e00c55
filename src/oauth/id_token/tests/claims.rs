//! What a signed token says, and what it must say.

use super::*;

/// What comes of these claims, well signed.
fn outcome(claims: &str, expected: &Expected<'_>) -> Result<String, Error> {
    let signer = p256();
    let token = signer.token(r#"{"alg":"ES256"}"#, claims);
    verify(&token, &keys(&[signer.jwk("")]), expected)
}

fn good_with(name: &str, value: &str) -> Reason {
    reason(outcome(&with(name, value), &expected()))
}

#[test]
fn the_issuer_is_the_one_that_is_expected_letter_by_letter() {
    for iss in [
        "https://id.example.com/oidc/",
        "https://id.example.com/OIDC",
        "https://id.example.com",
        "http://id.example.com/oidc",
        "https://id.example.com:443/oidc",
        "",
    ] {
        assert_eq!(good_with("iss", &format!(r#""{iss}""#)), Reason::IdTokenIssuer, "{iss}");
    }
    for iss in ["", "null", "7", r#"["https://id.example.com/oidc"]"#] {
        assert_eq!(good_with("iss", iss), Reason::IdTokenMalformed, "{iss}");
    }
    assert_eq!(good_with("iss", r#""https:\/\/id.example.com\/oidc""#), Reason::None);
}

#[test]
fn the_audience_is_this_application_and_no_stranger() {
    let aud = |aud, azp| reason(outcome(&with_all(&[("aud", aud), ("azp", azp)]), &expected()));
    for (audience, azp, why) in [
        (r#""client-1""#, "", Reason::None),
        (r#"["client-1"]"#, "", Reason::None),
        (r#"["client-1","client-1"]"#, "", Reason::None),
        (r#""client-1""#, r#""client-1""#, Reason::None),
        (r#"["api","client-1"]"#, r#""client-1""#, Reason::None),
        (r#"["api","client-1"]"#, "", Reason::IdTokenAudience),
        (r#"["api","client-1"]"#, "null", Reason::IdTokenAudience),
        (r#"["api","client-1"]"#, r#""api""#, Reason::IdTokenAudience),
        (r#""client-1""#, r#""client-2""#, Reason::IdTokenAudience),
        (r#""client-1""#, r#"["client-1"]"#, Reason::IdTokenAudience),
        (r#"["api"]"#, r#""client-1""#, Reason::IdTokenAudience),
        (r#""client-2""#, "", Reason::IdTokenAudience),
        (r#""client-10""#, "", Reason::IdTokenAudience),
        (r#""client-1 client-2""#, r#""client-1""#, Reason::IdTokenAudience),
        ("[]", "", Reason::IdTokenAudience),
        ("", "", Reason::IdTokenMalformed),
        ("7", "", Reason::IdTokenMalformed),
        (r#"["client-1",7]"#, r#""client-1""#, Reason::IdTokenMalformed),
        (r#"{"client-1":true}"#, "", Reason::IdTokenMalformed),
    ] {
        assert_eq!(aud(audience, azp), why, "{audience} {azp}");
    }
}

#[test]
fn a_token_ends() {
    // 60 seconds between the clocks are forgiven, and not one more.
    assert_eq!(good_with("exp", "1699999941"), Reason::None);
    assert_eq!(good_with("exp", "1699999940"), Reason::IdTokenExpired);
    assert_eq!(good_with("exp", "1699999941.9"), Reason::None);
    assert_eq!(good_with("exp", "1699999940.9"), Reason::IdTokenExpired);
    assert_eq!(good_with("exp", "1.7000003e9"), Reason::None);
    assert_eq!(good_with("exp", "0"), Reason::IdTokenExpired);
    assert_eq!(good_with("exp", "253402300799"), Reason::None);
    for exp in [
        "",
        "null",
        r#""1700000300""#,
        "true",
        "[1700000300]",
        "-1",
        "-1700000300",
        "-9223372036854775808",
        "253402300800",
        "1700000300000",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e300",
        "-1e300",
    ] {
        assert_eq!(good_with("exp", exp), Reason::IdTokenMalformed, "{exp}");
    }
}

#[test]
fn no_clock_is_too_odd() {
    for (now_at, why) in
        [(i64::MIN, Reason::IdTokenEarly), (0, Reason::IdTokenEarly), (i64::MAX, Reason::IdTokenExpired)]
    {
        assert_eq!(reason(outcome(&object(GOOD), &Expected { now_at, ..expected() })), why, "{now_at}");
    }
}

#[test]
fn a_token_of_the_future_is_refused() {
    for name in ["iat", "nbf"] {
        assert_eq!(good_with(name, "1700000060"), Reason::None, "{name}");
        assert_eq!(good_with(name, "1700000061"), Reason::IdTokenEarly, "{name}");
        assert_eq!(good_with(name, "1"), Reason::None, "{name}");
        for odd in [r#""1700000000""#, "false", "{}", "-5", "1e300"] {
            assert_eq!(good_with(name, odd), Reason::IdTokenMalformed, "{name} {odd}");
        }
    }
    let early = with_all(&[("iat", "1700000061"), ("nbf", "1")]);
    assert_eq!(reason(outcome(&early, &expected())), Reason::IdTokenEarly);
    assert_eq!(good_with("iat", ""), Reason::IdTokenMalformed);
    assert_eq!(good_with("nbf", "null"), Reason::None);
}

#[test]
fn a_subject_is_named() {
    let long = |chars: usize| format!(r#""{}""#, "ä".repeat(chars));
    assert_eq!(good_with("sub", &long(255)), Reason::None);
    for sub in ["", "null", r#""""#, "7", r#"["ada"]"#, &long(256)] {
        assert_eq!(good_with("sub", sub), Reason::IdTokenMalformed, "{sub}");
    }
}

#[test]
fn a_claim_comes_once() {
    for twice in [r#","aud":"client-1""#, r#","sub":"eve""#, r#","s\u0075b":"ada""#, r#","more":1,"more":1"#] {
        let claims = format!("{}{twice}}}", object(GOOD).trim_end_matches('}'));
        assert_eq!(reason(outcome(&claims, &expected())), Reason::IdTokenMalformed, "{twice}");
    }
    let deep = format!("{}0{}", "[".repeat(500), "]".repeat(500));
    assert_eq!(good_with("more", &deep), Reason::IdTokenMalformed);
}

#[test]
fn a_nonce_comes_back() {
    let nonce = |claim: &str, nonce| reason(outcome(&with("nonce", claim), &Expected { nonce, ..expected() }));
    assert_eq!(nonce(r#""n-0S6""#, Some("n-0S6")), Reason::None);
    assert_eq!(nonce(r#""n-0S6""#, None), Reason::None);
    assert_eq!(nonce("7", None), Reason::None);
    for claim in ["", "null", "7", r#""""#, r#""n-0S7""#, r#""N-0S6""#, r#"["n-0S6"]"#] {
        assert_eq!(nonce(claim, Some("n-0S6")), Reason::IdTokenNonce, "{claim}");
    }
}

#[test]
fn the_access_token_is_the_one_it_came_with() {
    let at_hash =
        |claim: &str, access_token| reason(outcome(&with("at_hash", claim), &Expected { access_token, ..expected() }));
    // The example of OIDC Core, A.3.
    let (access_token, hash) = ("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(at_hash(&format!(r#""{hash}""#), Some(access_token)), Reason::None);
    assert_eq!(at_hash(&format!(r#""{hash}""#), None), Reason::None);
    assert_eq!(at_hash("", Some(access_token)), Reason::None);
    assert_eq!(at_hash(&format!(r#""{hash}""#), Some("another")), Reason::IdTokenAccess);
    let whole = ring::digest::digest(&ring::digest::SHA256, access_token.as_bytes());
    for wrong in [encode(whole), format!("{hash}=="), hash.to_lowercase(), String::new()] {
        assert_eq!(at_hash(&format!(r#""{wrong}""#), Some(access_token)), Reason::IdTokenAccess, "{wrong}");
    }
    assert_eq!(at_hash("7", Some(access_token)), Reason::IdTokenAccess);
}

#[test]
fn the_hash_is_as_long_as_the_algorithm_says() {
    let rsa: [(&str, &'static dyn RsaEncoding, &'static ring::digest::Algorithm); 4] = [
        ("RS256", &signature::RSA_PKCS1_SHA256, &ring::digest::SHA256),
        ("RS384", &signature::RSA_PKCS1_SHA384, &ring::digest::SHA384),
        ("RS512", &signature::RSA_PKCS1_SHA512, &ring::digest::SHA512),
        ("PS256", &signature::RSA_PSS_SHA256, &ring::digest::SHA256),
    ];
    for (alg, encoding, digest) in rsa {
        let hash = ring::digest::digest(digest, b"access");
        let half = encode(&hash.as_ref()[..digest.output_len() / 2]);
        let signer = Signer::Rsa(encoding);
        let token = signer.token(&format!(r#"{{"alg":"{alg}"}}"#), &with("at_hash", &format!(r#""{half}""#)));
        let with_access = Expected { access_token: Some("access"), ..expected() };
        assert_eq!(reason(verify(&token, &keys(&[signer.jwk("")]), &with_access)), Reason::None, "{alg}");
    }
}

#[test]
fn messages_show_little_and_never_a_token() {
    let iss = format!("https://evil.example/\\n\\u001b[31m{}", "x".repeat(200));
    let error = outcome(&with("iss", &format!(r#""{iss}""#)), &expected()).expect_err("another issuer");
    assert!(error.message.starts_with("The ID token is of issuer \"https://evil.example/  [31mxxx"));
    assert!(error.message.contains(&format!("not of \"{ISSUER}\". Set the issuer")), "{error}");
    assert!(!error.message.contains(&"x".repeat(100)), "{error}");
    let error = outcome(&with("aud", r#""client-2""#), &expected()).expect_err("another audience");
    assert!(error.message.starts_with(r#"The ID token is for "client-2", not for "client-1". "#), "{error}");

    let access_token = Some("s3cret-access");
    let signer = p256();
    let token = signer.token(r#"{"alg":"ES256","kid":"s3cret-kid"}"#, &with("at_hash", r#""s3cret-hash""#));
    for jwk in [signer.jwk(r#""kid":"s3cret-kid","#), signer.jwk("")] {
        let error = verify(&token, &keys(&[jwk]), &Expected { access_token, ..expected() }).expect_err("refused");
        assert!(!error.message.contains("s3cret"), "{error}");
    }
    for claim in ["sub", "nonce", "exp"] {
        let expected = Expected { nonce: Some("s3cret-nonce"), ..expected() };
        let error = outcome(&with(claim, r#"["s3cret"]"#), &expected).expect_err("refused");
        assert!(!error.message.contains("s3cret"), "{error}");
    }
}

#[test]
fn a_refresh_brings_the_same_person() {
    let of = |claims: &str| Identity::of_claims(claims.as_bytes()).expect("an identity");
    let ada = of(r#"{"iss":"i","sub":"ada","aud":["a","b"],"exp":1}"#);
    assert_eq!((ada.iss.as_str(), ada.sub.as_str(), ada.aud.join(" ").as_str()), ("i", "ada", "a b"));
    for (claims, same) in [
        (r#"{"iss":"i","sub":"ada","aud":["a","b"]}"#, true),
        (r#"{"iss":"i","sub":"ada","aud":["b","a","b"],"exp":2}"#, true),
        (r#"{"iss":"j","sub":"ada","aud":["a","b"]}"#, false),
        (r#"{"iss":"i","sub":"Ada","aud":["a","b"]}"#, false),
        (r#"{"iss":"i","sub":"ada","aud":"a"}"#, false),
        (r#"{"iss":"i","sub":"ada","aud":["a","b","c"]}"#, false),
    ] {
        assert_eq!(ada.same(&of(claims)), same, "{claims}");
        assert_eq!(of(claims).same(&ada), same, "{claims}");
    }
    assert!(of(r#"{"iss":"i","sub":"s","aud":"a"}"#).same(&of(r#"{"iss":"i","sub":"s","aud":["a"]}"#)));
    for claims in [
        r#"{"sub":"s","aud":"a"}"#,
        r#"{"iss":"i","aud":"a"}"#,
        r#"{"iss":"i","sub":"s"}"#,
        r#"{"iss":"i","sub":7,"aud":"a"}"#,
        r#"{"iss":"i","sub":"s","aud":[7]}"#,
        "[]",
    ] {
        assert!(Identity::of_claims(claims.as_bytes()).is_none(), "{claims}");
    }
}

#[test]
fn an_identity_is_read_without_a_key() {
    let token = p256().token(r#"{"alg":"ES256"}"#, &object(GOOD));
    let read = Identity::of_unverified(&token).expect("an identity");
    assert!(Identity::of_claims(object(GOOD).as_bytes()).is_some_and(|same| same.same(&read)));
    assert!(Identity::of_unverified("opaque").is_none());
    assert!(Identity::of_unverified(&format!("{token}.b.c")).is_none());
}
