//! Signed tokens, and the key set that verifies them.

use std::sync::OnceLock;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

/// The two RSA keys that generations take turns with: making one is slow.
fn rsa(generation: usize) -> &'static RsaKeyPair {
    const FILES: [&[u8]; 2] = [include_bytes!("jwt_key.pem"), include_bytes!("jwt_key_2.pem")];
    static KEYS: [OnceLock<RsaKeyPair>; 2] = [const { OnceLock::new() }; 2];
    let turn = generation % 2;
    KEYS[turn].get_or_init(|| {
        let der = PrivatePkcs8KeyDer::from_pem_slice(FILES[turn]).expect("the file holds one key");
        RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).expect("made by openssl")
    })
}

fn new_elliptic() -> EcdsaKeyPair {
    let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let made = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("the system has randomness");
    EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).expect("just made")
}

/// The signing keys of one stand-in: always one RS256 and one ES256 key, and
/// the public parts of those that were rotated out but are still listed.
pub(crate) struct Keys {
    generation: usize,
    es256: bool,
    elliptic: EcdsaKeyPair,
    old: Vec<Value>,
}

impl Keys {
    pub fn new(es256: bool) -> Keys {
        Keys { generation: 0, es256, elliptic: new_elliptic(), old: Vec::new() }
    }

    /// Makes new keys under new ids. The old ones stay in the set, or all
    /// leave it.
    pub fn rotate(&mut self, keep_old: bool) {
        let listed = self.listed();
        self.old = if keep_old { listed } else { Vec::new() };
        self.generation += 1;
        self.elliptic = new_elliptic();
    }

    /// The id of the key that signs with this algorithm now.
    pub fn id(&self, es256: bool) -> String {
        let generation = self.generation + 1;
        if es256 { format!("standin-{generation}-es") } else { format!("standin-{generation}") }
    }

    /// Signs the claims. `kind` is the `typ` of the header: `at+jwt` or `JWT`.
    pub fn sign(&self, kind: &str, claims: &Value) -> String {
        let algorithm = if self.es256 { "ES256" } else { "RS256" };
        let header = json!({"alg": algorithm, "kid": self.id(self.es256), "typ": kind});
        self.sign_text(&header.to_string(), &claims.to_string(), self.es256)
    }

    /// Signs these two texts, whatever they say.
    pub fn sign_text(&self, header: &str, claims: &str, es256: bool) -> String {
        let signed = format!("{}.{}", encode(header), encode(claims));
        let random = SystemRandom::new();
        let signature = if es256 {
            let signature = self.elliptic.sign(&random, signed.as_bytes());
            signature.expect("the system has randomness").as_ref().to_vec()
        } else {
            let key = rsa(self.generation);
            let mut signature = vec![0; key.public().modulus_len()];
            key.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature)
                .expect("the signature fits the modulus");
            signature
        };
        format!("{signed}.{}", encode(signature))
    }

    /// The public parts as a JSON Web Key Set.
    pub fn set(&self) -> Value {
        json!({"keys": self.listed()})
    }

    fn listed(&self) -> Vec<Value> {
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(rsa(self.generation).public());
        // An uncompressed point: the byte 4, then both coordinates.
        let (x, y) = self.elliptic.public_key().as_ref()[1..].split_at(32);
        let mut keys = vec![
            json!({
                "kty": "RSA",
                "use": "sig",
                "alg": "RS256",
                "kid": self.id(false),
                "n": encode(&public.n),
                "e": encode(&public.e),
            }),
            json!({
                "kty": "EC",
                "use": "sig",
                "alg": "ES256",
                "kid": self.id(true),
                "crv": "P-256",
                "x": encode(x),
                "y": encode(y),
            }),
        ];
        keys.extend_from_slice(&self.old);
        keys
    }
}

/// The `at_hash` of an access token: the left half of its SHA-256.
pub(crate) fn half_hash(token: &str) -> String {
    encode(&digest(&SHA256, token.as_bytes()).as_ref()[..16])
}

fn encode(part: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(part)
}
