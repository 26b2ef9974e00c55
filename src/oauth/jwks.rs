//! A server's public keys (JWK Set, RFC 7517) and the signatures they verify.
//! ring does the verifying.

mod cache;
mod fetch;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey};

use super::error::Error;
use super::json::{Members, elements, string};
use super::reason::Reason;

pub use cache::{Cache, Next};
pub use fetch::KeyRing;

/// Largest set that is read; a usual one has 2 to 10 KiB.
const MOST_BYTES: usize = 256 * 1024;

/// Most keys a set may have, usable or not.
const MOST_KEYS: usize = 100;

/// A way to sign (RFC 7518, 3.1) that this library accepts. All are
/// asymmetric: with HMAC, anyone could sign with a public key (RFC 8725, 2.1).
pub struct Algorithm {
    name: &'static str,
    scheme: Scheme,
    hash: &'static digest::Algorithm,
}

enum Scheme {
    Rsa(&'static RsaParameters),
    P256,
}

static ALGORITHMS: [Algorithm; 5] = [
    Algorithm { name: "RS256", scheme: Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256), hash: &digest::SHA256 },
    Algorithm { name: "RS384", scheme: Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384), hash: &digest::SHA384 },
    Algorithm { name: "RS512", scheme: Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512), hash: &digest::SHA512 },
    Algorithm { name: "PS256", scheme: Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA256), hash: &digest::SHA256 },
    Algorithm { name: "ES256", scheme: Scheme::P256, hash: &digest::SHA256 },
];

impl Algorithm {
    /// The one that `alg` names, letter by letter.
    pub fn named(alg: &str) -> Option<&'static Algorithm> {
        ALGORITHMS.iter().find(|algorithm| algorithm.name == alg)
    }

    /// The left half of its hash of `text`, as OIDC Core (3.1.3.6) writes it.
    pub fn half_hash(&self, text: &str) -> String {
        let hash = digest::digest(self.hash, text.as_bytes());
        URL_SAFE_NO_PAD.encode(hash.as_ref().get(..self.hash.output_len() / 2).unwrap_or_default())
    }
}

/// One public key.
pub struct Key {
    kid: Option<String>,
    /// The only algorithm it is for, when the server says so.
    algorithm: Option<&'static Algorithm>,
    material: Material,
}

enum Material {
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    /// An uncompressed point (SEC 1, 2.3.3). That it is on the curve is
    /// checked by ring, at each use.
    P256(Vec<u8>),
}

impl Key {
    /// `None` for what cannot verify an ID token: another use, kind, curve or
    /// algorithm, a member that is missing or malformed, a weak key.
    fn parse(jwk: &str) -> Option<Key> {
        let jwk = Members::parse(jwk.as_bytes())?;
        if jwk.get("use").is_some_and(|value| string(value).as_deref() != Some("sig")) {
            return None;
        }
        if let Some(operations) = jwk.get("key_ops")
            && !elements(operations)?.into_iter().any(|operation| string(operation).as_deref() == Some("verify"))
        {
            return None;
        }
        let text = |name| jwk.get(name).map(|value| string(value).ok_or(())).transpose();
        let kid = text("kid").ok()?.map(|kid| kid.into_owned());
        let algorithm = match text("alg").ok()? {
            Some(alg) => Some(Algorithm::named(&alg)?),
            None => None,
        };
        let material = match text("kty").ok()??.as_ref() {
            "RSA" => rsa(&jwk)?,
            "EC" if text("crv").ok()?? == "P-256" => p256(&jwk)?,
            _ => return None,
        };
        let key = Key { kid, algorithm, material };
        algorithm.is_none_or(|algorithm| key.fits(algorithm)).then_some(key)
    }

    /// Whether the key may verify what is signed with `algorithm`.
    fn fits(&self, algorithm: &Algorithm) -> bool {
        let kind = match self.material {
            Material::Rsa(_) => matches!(algorithm.scheme, Scheme::Rsa(_)),
            Material::P256(_) => matches!(algorithm.scheme, Scheme::P256),
        };
        kind && self.algorithm.is_none_or(|only| only.name == algorithm.name)
    }

    /// Whether `signature` of `message` was made with this key.
    pub fn verifies(&self, algorithm: &Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let verified = match (&self.material, &algorithm.scheme) {
            (Material::Rsa(key), Scheme::Rsa(parameters)) => key.verify(parameters, message, signature),
            (Material::P256(point), Scheme::P256) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            _ => return false,
        };
        verified.is_ok()
    }
}

/// RFC 7518 (6.3.1), and at least 2048 bits (3.3). Zeros in front, which it
/// forbids and some servers write, are passed over.
fn rsa(jwk: &Members<'_>) -> Option<Material> {
    let number = |name| {
        let octets = octets(jwk, name)?;
        let zeros = octets.iter().take_while(|octet| **octet == 0).count();
        octets.get(zeros..).map(<[u8]>::to_vec)
    };
    let (n, e) = (number("n")?, number("e")?);
    let bits = n.len() * 8 - n.first()?.leading_zeros() as usize;
    // With an exponent of 1 every message is its own signature.
    let odd = e.last()? % 2 == 1;
    let usable = (2048..=8192).contains(&bits) && odd && e != [1];
    usable.then_some(Material::Rsa(RsaPublicKeyComponents { n, e }))
}

/// RFC 7518 (6.2.1): both coordinates in full length.
fn p256(jwk: &Members<'_>) -> Option<Material> {
    let (x, y) = (octets(jwk, "x")?, octets(jwk, "y")?);
    let whole = x.len() == 32 && y.len() == 32;
    whole.then(|| Material::P256([&[4], x.as_slice(), y.as_slice()].concat()))
}

fn octets(jwk: &Members<'_>, name: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(string(jwk.get(name)?)?.as_bytes()).ok()
}

/// The keys of a server that can verify ID tokens.
pub struct Keys(Vec<Key>);

impl Keys {
    /// Reads a JWK Set. What cannot be used in it is passed over (RFC 7517, 5);
    /// it may leave no key at all.
    pub fn parse(body: &[u8]) -> Result<Keys, Error> {
        let large = |what: &str| Err(Error::new(Reason::AnswerTooLarge, format_args!("The server's keys are {what}")));
        if body.len() > MOST_BYTES {
            return large("larger than 256 KiB");
        }
        let set = Members::parse(body);
        let Some(keys) = set.and_then(|set| elements(set.get("keys")?)) else {
            return Err(Error::new(Reason::AnswerNotUnderstood, "The server's keys are no JWK Set (RFC 7517)"));
        };
        if keys.len() > MOST_KEYS {
            return large("more than 100");
        }
        Ok(Keys(keys.into_iter().filter_map(|key| Key::parse(key.get())).collect()))
    }

    /// Whether a key has this id.
    fn knows(&self, kid: &str) -> bool {
        self.0.iter().any(|key| key.kid.as_deref() == Some(kid))
    }

    /// The one key that a token with this `kid`, signed with `algorithm`, can
    /// be verified with; never a choice among several. Else why there is none.
    pub fn find(&self, kid: Option<&str>, algorithm: &Algorithm) -> Result<&Key, &'static str> {
        let meant = |key: &&Key| match kid {
            Some(_) => key.kid.as_deref() == kid,
            None => key.fits(algorithm),
        };
        let mut keys = self.0.iter().filter(meant);
        match (keys.next(), keys.next()) {
            (Some(key), None) if key.fits(algorithm) => Ok(key),
            (Some(_), None) => Err("names a key of the server that is for another algorithm"),
            (None, _) if kid.is_some() => Err("names a key that the server does not list"),
            (None, _) => Err("names no key, and the server has none that fits"),
            (Some(_), Some(_)) if kid.is_some() => Err("names a key that the server lists more than once"),
            (Some(_), Some(_)) => Err("names no key, and the server has several that fit"),
        }
    }
}
