//! What a token is made of and how it is signed.

use super::*;

/// A header that is accepted, with `more` members.
fn header(more: &str) -> String {
    format!(r#"{{"alg":"RS256"{more}}}"#)
}

fn rsa_keys() -> Keys {
    keys(&[rs256().jwk("")])
}

/// What comes of the good claims, signed with RS256 under this header.
fn under(header: &str) -> Reason {
    reason(verify(&rs256().token(header, &object(GOOD)), &rsa_keys(), &expected()))
}

#[test]
fn each_algorithm_is_verified_and_gives_the_claims() {
    let rsa: [(&str, &'static dyn RsaEncoding); 4] = [
        ("RS256", &signature::RSA_PKCS1_SHA256),
        ("RS384", &signature::RSA_PKCS1_SHA384),
        ("RS512", &signature::RSA_PKCS1_SHA512),
        ("PS256", &signature::RSA_PSS_SHA256),
    ];
    let mut signers: Vec<(&str, Signer)> =
        rsa.into_iter().map(|(alg, encoding)| (alg, Signer::Rsa(encoding))).collect();
    signers.push(("ES256", p256()));
    let claims = object(GOOD);
    for (alg, signer) in &signers {
        let keys = keys(&[signer.jwk("")]);
        let token = signer.token(&format!(r#"{{"alg":"{alg}"}}"#), &claims);
        assert_eq!(verify(&token, &keys, &expected()).ok().as_deref(), Some(claims.as_str()), "{alg}");
        // The same signature under any other name is none.
        for (other, _) in signers.iter().filter(|(other, _)| other != alg) {
            let token = signer.token(&format!(r#"{{"alg":"{other}"}}"#), &claims);
            let refused = reason(verify(&token, &keys, &expected()));
            let kinds_differ = (*alg == "ES256") != (*other == "ES256");
            let why = if kinds_differ { Reason::IdTokenKey } else { Reason::IdTokenSignature };
            assert_eq!(refused, why, "{alg} as {other}");
        }
    }
}

#[test]
fn what_anyone_could_sign_is_refused() {
    let claims = encode(object(GOOD));
    for alg in ["none", "None", "NONE", "nOnE", "", "rs256", "RS256 ", "ES384", "EdDSA", "RSA1_5", "HS384", "HS512"] {
        let header = encode(format!(r#"{{"alg":"{alg}"}}"#));
        for signature in ["", "AAAA"] {
            let token = format!("{header}.{claims}.{signature}");
            assert_eq!(reason(verify(&token, &rsa_keys(), &expected())), Reason::IdTokenAlgorithm, "{alg}");
        }
    }
    // HMAC, whose secret is the public key, in the forms libraries took it.
    let pair = rsa_pair();
    let modulus = signature::RsaPublicKeyComponents::<Vec<u8>>::from(pair.public()).n;
    for secret in [pair.public().as_ref(), &modulus, rs256().jwk("").as_bytes()] {
        let signed = format!("{}.{claims}", encode(r#"{"alg":"HS256"}"#));
        let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        let token = format!("{signed}.{}", encode(ring::hmac::sign(&secret, signed.as_bytes())));
        assert_eq!(reason(verify(&token, &rsa_keys(), &expected())), Reason::IdTokenAlgorithm);
    }
    for header in ["{}", r#"{"alg":null}"#, r#"{"alg":["RS256"]}"#, r#"{"alg":256}"#, r#"{"Alg":"RS256"}"#] {
        assert_eq!(under(header), Reason::IdTokenAlgorithm, "{header}");
    }
}

#[test]
fn a_changed_token_or_another_key_is_refused() {
    let signer = p256();
    let token = signer.token(r#"{"alg":"ES256"}"#, &object(GOOD));
    let keys = keys(&[signer.jwk("")]);
    assert_eq!(reason(verify(&token, &keys, &expected())), Reason::None);
    let [_, payload, signature] = jwt::parts(&token).expect("three parts");
    let header = encode(r#"{ "alg":"ES256"}"#);
    let token_with = |header: &str, payload: &str| format!("{header}.{payload}.{signature}");
    let other_claims = encode(with("sub", r#""eve""#));
    for changed in [
        token_with(&encode(r#"{"alg":"ES256"}"#), &other_claims),
        token_with(&header, payload),
        p256().token(r#"{"alg":"ES256"}"#, &object(GOOD)),
    ] {
        assert_eq!(reason(verify(&changed, &keys, &expected())), Reason::IdTokenSignature, "{changed}");
    }
    // Nothing of the claims is told before the signature is right.
    let forged = p256().token(r#"{"alg":"ES256"}"#, &with("iss", r#""https://evil.example""#));
    let error = verify(&forged, &keys, &expected()).expect_err("forged");
    assert_eq!(error.reason, Reason::IdTokenSignature);
    assert!(!error.message.contains("evil"), "{error}");
}

#[test]
fn an_ecdsa_signature_is_two_numbers_in_range() {
    let signer = p256();
    let signed = format!("{}.{}", encode(r#"{"alg":"ES256"}"#), encode(object(GOOD)));
    let right = signer.sign(&signed);
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&order[at * 2..at * 2 + 2], 16).expect("hexadecimal")).collect();
    let keys = keys(&[signer.jwk("")]);
    let der = [&[0x30, 0x44, 0x02, 0x20], &right[..32], &[0x02, 0x20], &right[32..]].concat();
    for wrong in [vec![0; 64], order.repeat(2), right[..63].to_vec(), [right.as_slice(), &[0]].concat(), vec![1], der] {
        let token = format!("{signed}.{}", encode(&wrong));
        assert_eq!(reason(verify(&token, &keys, &expected())), Reason::IdTokenSignature, "{wrong:?}");
    }
    let token = format!("{signed}.{}", encode(&right));
    assert_eq!(reason(verify(&token, &keys, &expected())), Reason::None);
}

#[test]
fn a_point_off_the_curve_verifies_nothing() {
    let signer = p256();
    let token = signer.token(r#"{"alg":"ES256"}"#, &object(GOOD));
    let coordinate = encode([7; 32]);
    let off = format!(r#"{{"kty":"EC","crv":"P-256","x":"{coordinate}","y":"{coordinate}"}}"#);
    assert_eq!(reason(verify(&token, &keys(&[off]), &expected())), Reason::IdTokenSignature);
}

#[test]
fn weak_rsa_keys_are_as_good_as_none() {
    let token = rs256().token(&header(""), &object(GOOD));
    let public = signature::RsaPublicKeyComponents::<Vec<u8>>::from(rsa_pair().public());
    let jwk = |n: &[u8], e: &[u8]| format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, encode(n), encode(e));
    for weak in [jwk(&public.n[..128], &public.e), jwk(&public.n, &[1]), jwk(&public.n, &[0, 1])] {
        assert_eq!(reason(verify(&token, &keys(&[weak]), &expected())), Reason::IdTokenKey);
    }
    let zeros_in_front = jwk(&[&[0], public.n.as_slice()].concat(), &[&[0], public.e.as_slice()].concat());
    assert_eq!(reason(verify(&token, &keys(&[zeros_in_front]), &expected())), Reason::None);
}

#[test]
fn the_key_is_the_one_that_is_named() {
    let (first, second) = (p256(), p256());
    let listed = keys(&[
        first.jwk(r#""kid":"1","#),
        second.jwk(r#""kid":"2","#),
        rs256().jwk(r#""kid":"3","alg":"RS512","#),
        first.jwk(r#""kid":"twice","#),
        second.jwk(r#""kid":"twice","#),
    ]);
    let with_kid = |signer: &Signer, alg: &str, kid: &str| {
        let token = signer.token(&format!(r#"{{"alg":"{alg}","kid":"{kid}"}}"#), &object(GOOD));
        reason(verify(&token, &listed, &expected()))
    };
    assert_eq!(with_kid(&first, "ES256", "1"), Reason::None);
    assert_eq!(with_kid(&second, "ES256", "2"), Reason::None);
    // The other key would fit, and is not tried.
    assert_eq!(with_kid(&first, "ES256", "2"), Reason::IdTokenSignature);
    assert_eq!(with_kid(&first, "ES256", "4"), Reason::IdTokenKey);
    assert_eq!(with_kid(&first, "ES256", "twice"), Reason::IdTokenKey);
    assert_eq!(with_kid(&first, "ES256", "3"), Reason::IdTokenKey);
    assert_eq!(with_kid(&rs256(), "RS256", "3"), Reason::IdTokenKey, "the key is for RS512");
    assert_eq!(with_kid(&Signer::Rsa(&signature::RSA_PKCS1_SHA512), "RS512", "3"), Reason::None);

    let unnamed = first.token(r#"{"alg":"ES256"}"#, &object(GOOD));
    assert_eq!(reason(verify(&unnamed, &listed, &expected())), Reason::IdTokenKey, "several fit");
    let one = keys(&[first.jwk(r#""kid":"1","#), rs256().jwk("")]);
    assert_eq!(reason(verify(&unnamed, &one, &expected())), Reason::None);
    assert_eq!(reason(verify(&unnamed, &rsa_keys(), &expected())), Reason::IdTokenKey, "none fits");
}

#[test]
fn a_kid_is_any_text_and_nothing_but_text() {
    let kid = r#""../../etc/passwd' OR 1=1 \u0000%""#;
    let token = rs256().token(&header(&format!(r#","kid":{kid}"#)), &object(GOOD));
    assert_eq!(Token::parse(&token).ok().and_then(|token| token.kid), string_of(kid));
    assert_eq!(reason(verify(&token, &keys(&[rs256().jwk(&format!(r#""kid":{kid},"#))]), &expected())), Reason::None);
    assert_eq!(under(&header(r#","kid":1"#)), Reason::IdTokenMalformed);
    assert_eq!(under(&header(r#","kid":["1"]"#)), Reason::IdTokenMalformed);
}

fn string_of(json: &str) -> Option<String> {
    let object = format!(r#"{{"a":{json}}}"#);
    let members = Members::parse(object.as_bytes())?;
    members.get("a").and_then(string).map(Cow::into_owned)
}

#[test]
fn extensions_are_refused() {
    for more in [
        r#","crit":["exp"],"exp":1"#,
        r#","crit":["b64"],"b64":false"#,
        r#","crit":[]"#,
        r#","crit":null"#,
        r#","zip":"DEF""#,
        r#","zip":null"#,
    ] {
        assert_eq!(under(&header(more)), Reason::IdTokenMalformed, "{more}");
    }
    assert_eq!(under(&header(r#","unheard-of":{"a":[1]}"#)), Reason::None);
}

#[test]
fn keys_that_a_token_brings_along_are_not_looked_at() {
    let own = p256();
    let jwk = own.jwk("");
    for more in [
        format!(r#","jwk":{jwk}"#),
        r#","jku":"https://evil.example/keys""#.to_owned(),
        r#","x5u":"https://evil.example/chain","x5c":["MIIB"],"x5t":"AAAA""#.to_owned(),
        r#","jku":7"#.to_owned(),
    ] {
        assert_eq!(under(&header(&more)), Reason::None, "{more}");
        let forged = own.token(&format!(r#"{{"alg":"ES256"{more}}}"#), &object(GOOD));
        let listed = keys(&[p256().jwk("")]);
        assert_eq!(reason(verify(&forged, &listed, &expected())), Reason::IdTokenSignature, "{more}");
    }
}

#[test]
fn tokens_of_another_type_are_refused() {
    for typ in ["JWT", "jwt", "application/jwt", "application/JWT"] {
        assert_eq!(under(&header(&format!(r#","typ":"{typ}""#))), Reason::None, "{typ}");
    }
    for typ in [r#""at+jwt""#, r#""application/at+jwt""#, r#""JOSE+JSON""#, r#""logout+jwt""#, r#""""#, "7", "[]"] {
        assert_eq!(under(&header(&format!(r#","typ":{typ}"#))), Reason::IdTokenMalformed, "{typ}");
    }
}

#[test]
fn only_the_one_compact_form_is_read() {
    let token = rs256().token(&header(""), &object(GOOD));
    let [head, payload, signature] = jwt::parts(&token).expect("three parts");
    assert_eq!(reason(verify(&token, &rsa_keys(), &expected())), Reason::None);
    assert!(signature.contains('-') && signature.contains('_'), "RS256 signs the same in the same way: {signature}");
    for broken in [
        String::new(),
        "..".to_owned(),
        format!("{head}.{payload}"),
        format!("{head}.{payload}."),
        format!(".{payload}.{signature}"),
        format!("{token}."),
        format!("{token}.{signature}"),
        format!("{head}.{payload}.{signature}.{signature}.{signature}"),
        format!("{head}=.{payload}.{signature}"),
        format!("{token}="),
        format!("{token}=="),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{head}.{payload}\r\n.{signature}"),
        format!("{head}. {payload}.{signature}"),
        format!("{head}.{payload}.{}", signature.replace('-', "+")),
        format!("{head}.{payload}.{}", signature.replace('_', "/")),
        // 256 bytes leave two characters over, the last with four spare bits.
        format!("{}B", &token[..token.len() - 1]),
        format!("{}.{payload}.{signature}", encode("[]")),
        format!("{}.{payload}.{signature}", encode(r#"{"alg":"RS256","alg":"RS256"}"#)),
        format!("{}.{payload}.{signature}", encode(b"{\"alg\":\"RS256\",\"x\":\"\xff\"}")),
        rs256().token(&header(""), "[]"),
        rs256().token(&header(""), ""),
    ] {
        assert_eq!(reason(verify(&broken, &rsa_keys(), &expected())), Reason::IdTokenMalformed, "{broken}");
    }
}

#[test]
fn a_token_has_a_largest_size() {
    let padded = |chars: usize| rs256().token(&header(""), &with("more", &format!(r#""{}""#, "x".repeat(chars))));
    assert!(Token::parse(&padded(40_000)).is_ok());
    let token = padded(50_000);
    assert!(token.len() > 64 * 1024);
    for (chars, too_large) in [(65_536, false), (65_537, true)] {
        let error = Token::parse(&"x".repeat(chars)).err().expect("no token");
        assert_eq!(error.message.contains("larger than 64 KiB"), too_large, "{chars}: {error}");
    }
    assert_eq!(reason(verify(&token, &rsa_keys(), &expected())), Reason::IdTokenMalformed);
}
