//! ID tokens and the keys that verify them: nothing is proven but what was
//! signed with the key of this file.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, KeyPair, RsaKeyPair, RsaPublicKeyComponents};
use ropc::oauth::fuzzing::{Expected, Keys, Token, unverified_claims};
use ropc::oauth::{Error, Reason, Secret, Status};

use crate::input::{Input, text};
use crate::json::{Json, Kind, member};
use crate::{rules, times};

const NOW_AT: i64 = 1_700_000_000;
const ISSUER: &str = "https://id.example";
const NONCE: &str = "n-0S6_WzA2Mj";
const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
/// `at_hash` of that token: the left half of its SHA-256.
const AT_HASH: &str = "77QmUPtjPfzWtF2AnpK9RQ";
const CLAIMS: &str =
    r#"{"iss":"https://id.example","sub":"ada","aud":"app","exp":1700000900,"iat":1700000000,"nonce":"n-0S6_WzA2Mj"}"#;

/// The keys, and a token that each has signed.
struct Signer {
    ec: EcdsaKeyPair,
    ec_jwk: String,
    rsa_jwk: String,
    tokens: [String; 2],
}

fn signer() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(|| {
        let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let ec = EcdsaKeyPair::from_pkcs8(algorithm, include_bytes!("../keys/ec.der"), &SystemRandom::new());
        let ec = ec.expect("a key");
        let rsa = RsaKeyPair::from_pkcs8(include_bytes!("../keys/rsa.der")).expect("a key");
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (x, y) = ec.public_key().as_ref()[1..].split_at(32);
        let ec_jwk = format!(r#"{{"kty":"EC","crv":"P-256","kid":"ec","x":"{}","y":"{}"}}"#, encode(x), encode(y));
        let public = rsa.public();
        let RsaPublicKeyComponents::<Vec<u8>> { n, e } = public.into();
        let (n, e) = (encode(&n), encode(&e));
        let rsa_jwk = format!(r#"{{"kty":"RSA","kid":"rsa","alg":"RS256","use":"sig","n":"{n}","e":"{e}"}}"#);
        let signed = format!("{}.{}", encode(br#"{"alg":"RS256","kid":"rsa"}"#), encode(CLAIMS.as_bytes()));
        let mut signature = vec![0; public.modulus_len()];
        rsa.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .expect("a signature");
        let rsa_token = format!("{signed}.{}", encode(&signature));
        let ec_token = sign(&ec, br#"{"alg":"ES256","kid":"ec"}"#, CLAIMS.as_bytes());
        Signer { ec, ec_jwk, rsa_jwk, tokens: [ec_token, rsa_token] }
    })
}

fn sign(key: &EcdsaKeyPair, header: &[u8], claims: &[u8]) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// The input: a byte that says what the rest is.
pub fn id_token(input: &[u8]) {
    let mut input = Input::new(input);
    let choices = input.byte();
    match choices % 4 {
        0 => any(text(input.rest())),
        1 => signed(choices, input.line(), input.rest()),
        2 => spoilt(&mut input),
        _ => keys(input.rest()),
    }
}

fn verify(token: &str, keys: &str, with: (Option<&str>, Option<&str>)) -> Result<Secret, Error> {
    let keys = Keys::parse(keys.as_bytes())?;
    let (nonce, access_token) = with;
    let expected = Expected { issuer: ISSUER, client_id: "app", nonce, access_token, now_at: NOW_AT };
    Token::parse(token)?.verify(&keys, &expected)
}

fn our_keys() -> String {
    format!(r#"{{"keys":[{},{}]}}"#, signer().ec_jwk, signer().rsa_jwk)
}

fn refused(error: &Error) {
    rules::error(error, &[]);
    assert!(matches!(error.status(), Status::IdToken | Status::Answer | Status::Unsupported), "{error}");
}

/// Any text as a token: read without proof, and never proven.
fn any(token: &str) {
    match (unverified_claims(token), claims_of(token)) {
        (Ok(claims), Some(expected)) => assert_eq!(claims.expose(), expected),
        (Err(error), None) => {
            assert_eq!(error.reason, Reason::NotAJwt);
            refused(&error);
        }
        (Ok(_), None) => panic!("{token:?} holds no claims, and some were read"),
        (Err(error), Some(_)) => panic!("{token:?} holds claims: {error}"),
    }
    match verify(token, &our_keys(), (None, None)) {
        Ok(_) => assert!(signer().tokens.iter().any(|ours| ours == token), "{token:?} was never signed"),
        Err(error) => refused(&error),
    }
}

fn claims_of(token: &str) -> Option<String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [_, payload, _] = parts.as_slice() else {
        return None;
    };
    let payload = String::from_utf8(base64url(payload)?).ok()?;
    Json::members(payload.as_bytes())?;
    Some(payload.trim_start_matches('\u{feff}').to_owned())
}

/// RFC 4648 (5) without padding, where each text is written in one way only.
fn base64url(text: &str) -> Option<Vec<u8>> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bytes, mut kept, mut bits) = (Vec::new(), 0u32, 0);
    for byte in text.bytes() {
        kept = kept << 6 | digits.iter().position(|digit| *digit == byte)? as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((kept >> bits) as u8);
            kept &= (1 << bits) - 1;
        }
    }
    (bits < 6 && kept == 0).then_some(bytes)
}

/// A header and claims of any kind, signed as they should be: proven if, and
/// only if, they say what they must.
fn signed(choices: u8, header: &[u8], claims: &[u8]) {
    let with = ((choices & 4 != 0).then_some(NONCE), (choices & 8 != 0).then_some(ACCESS_TOKEN));
    let token = sign(&signer().ec, header, claims);
    let good = header_is_good(header) && claims_are_good(claims, with).unwrap_or(false);
    match verify(&token, &our_keys(), with) {
        Ok(proven) => {
            assert!(good, "proven: {:?} {:?}", text(header), text(claims));
            assert_eq!(proven.expose(), text(claims).trim_start_matches('\u{feff}'));
        }
        Err(error) => {
            assert!(!good, "{error}: {:?} {:?}", text(header), text(claims));
            refused(&error);
        }
    }
}

fn header_is_good(header: &[u8]) -> bool {
    let Some(members) = Json::members(header) else {
        return false;
    };
    let said = |name| member(&members, &[name]).map(|value| value.text().unwrap_or("none").to_owned());
    let typ = said("typ").is_none_or(|typ| ["jwt", "application/jwt"].contains(&typ.to_ascii_lowercase().as_str()));
    let extended = members.iter().any(|(name, _)| name == "crit" || name == "zip");
    said("alg").as_deref() == Some("ES256") && typ && !extended && said("kid").is_none_or(|kid| kid == "ec")
}

/// `None`: a member that must be there is not, or is of another kind.
fn claims_are_good(claims: &[u8], with: (Option<&str>, Option<&str>)) -> Option<bool> {
    let members = Json::members(claims)?;
    let text = |name| member(&members, &[name]).map(|value| value.text().unwrap_or_default());
    let (nonce, access_token) = with;
    let audiences: Vec<&str> = match &member(&members, &["aud"])?.kind {
        Kind::Text(one) => vec![one.as_deref()?],
        Kind::List(list) => list.iter().map(Json::text).collect::<Option<_>>()?,
        _ => return None,
    };
    let alone = audiences.iter().all(|audience| *audience == "app");
    let azp = text("azp");
    let sub = text("sub")?.chars().count();
    let ends_at = instant(member(&members, &["exp"])?)?;
    let issued_at = instant(member(&members, &["iat"])?)?;
    let begins_at = match member(&members, &["nbf"]) {
        Some(nbf) => instant(nbf)?.max(issued_at),
        None => issued_at,
    };
    Some(
        text("iss")? == ISSUER
            && audiences.contains(&"app")
            && azp.map_or(alone, |azp| azp == "app")
            && ends_at > (NOW_AT - 60) as f64
            && begins_at <= (NOW_AT + 60) as f64
            && (1..=255).contains(&sub)
            && nonce.is_none_or(|nonce| text("nonce") == Some(nonce))
            && (access_token.is_none() || text("at_hash").is_none_or(|hash| hash == AT_HASH)),
    )
}

fn instant(value: &Json<'_>) -> Option<f64> {
    let number = match value.kind {
        Kind::Number => times::number(value.raw)?.trunc(),
        _ => return None,
    };
    (0.0..=rules::LATEST_AT as f64).contains(&number).then_some(number)
}

/// A good token with some bytes changed, moved or cut off.
fn spoilt(input: &mut Input<'_>) {
    let good = &signer().tokens[usize::from(input.byte() & 1)];
    let mut bytes = good.clone().into_bytes();
    while !input.is_empty() && !bytes.is_empty() {
        let (how, at) = (input.byte(), usize::from(input.number()) % bytes.len());
        match how % 5 {
            0 => bytes[at] = input.byte() & 0x7f,
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, input.byte() & 0x7f),
            3 => bytes.truncate(at),
            _ => bytes.rotate_left(at),
        }
    }
    let token = String::from_utf8(bytes).expect("ASCII");
    match verify(&token, &our_keys(), (Some(NONCE), None)) {
        Ok(_) => assert!(signer().tokens.contains(&token), "{token:?} was never signed"),
        Err(error) => {
            assert!(!signer().tokens.contains(&token), "{error}");
            refused(&error);
        }
    }
}

/// Any key set, in which two bytes that no text has stand for our keys. A good
/// token is proven only by a set that has the key it names, for this use.
fn keys(set: &[u8]) {
    let mut bytes = Vec::with_capacity(set.len());
    for byte in set {
        match byte {
            0xff => bytes.extend_from_slice(signer().ec_jwk.as_bytes()),
            0xfe => bytes.extend_from_slice(signer().rsa_jwk.as_bytes()),
            _ => bytes.push(*byte),
        }
    }
    let set = text(&bytes);
    for (token, kid, own) in
        [(&signer().tokens[0], "ec", &signer().ec_jwk), (&signer().tokens[1], "rsa", &signer().rsa_jwk)]
    {
        match verify(token, set, (Some(NONCE), None)) {
            Ok(_) => assert!(lists(set, kid, own), "{kid} is not in {set:?}"),
            Err(error) => refused(&error),
        }
    }
}

fn lists(set: &str, kid: &str, own: &str) -> bool {
    let members = Json::members(set.as_bytes()).expect("a key set");
    let Some(Json { kind: Kind::List(keys), .. }) = member(&members, &["keys"]) else {
        return false;
    };
    let own = Json::members(own.as_bytes()).expect("our key");
    keys.iter().filter_map(|key| Json::members(key.raw.as_bytes())).any(|key| {
        let said = |name: &str| member(&key, &[name]).map(|value| value.text().unwrap_or("none").to_owned());
        // Zeros in front mean nothing to a number.
        let number = |text: Option<&str>| {
            base64url(text?).map(|octets| octets.into_iter().skip_while(|octet| *octet == 0).collect::<Vec<_>>())
        };
        let same = |name: &&str| number(member(&own, &[name]).and_then(Json::text)) == number(said(name).as_deref());
        let numbers = if kid == "ec" { ["x", "y"] } else { ["n", "e"] };
        numbers.iter().all(same) && said("kid").as_deref() == Some(kid) && said("use").is_none_or(|of| of == "sig")
    })
}
