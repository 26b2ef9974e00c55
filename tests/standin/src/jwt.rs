//! RS256 tokens and the key set that verifies them.

use std::sync::OnceLock;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

const KEY_ID: &str = "standin-1";

fn key() -> &'static RsaKeyPair {
    static KEY: OnceLock<RsaKeyPair> = OnceLock::new();
    KEY.get_or_init(|| {
        let der = PrivatePkcs8KeyDer::from_pem_slice(include_bytes!("jwt_key.pem")).expect("the file holds one key");
        RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).expect("made by openssl")
    })
}

/// Signs the claims. `kind` is the `typ` of the header: `at+jwt` or `JWT`.
pub(crate) fn sign(kind: &str, claims: &Value) -> String {
    let header = json!({"alg": "RS256", "kid": KEY_ID, "typ": kind});
    let mut token = format!("{}.{}", encode(&header), encode(claims));
    let mut signature = vec![0; key().public().modulus_len()];
    key()
        .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
        .expect("the signature fits the modulus");
    token.push('.');
    token + &BASE64_URL_SAFE_NO_PAD.encode(signature)
}

/// The public part as a JSON Web Key Set.
pub(crate) fn key_set() -> Value {
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(key().public());
    let number = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    json!({"keys": [{
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": KEY_ID,
        "n": number(&public.n),
        "e": number(&public.e),
    }]})
}

fn encode(part: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(part.to_string())
}
