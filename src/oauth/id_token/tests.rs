//! Each rule of OIDC Core (3.1.3.7) and RFC 8725, with tokens signed here.

mod claims;
mod shape;

use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{self, EcdsaKeyPair, KeyPair as _, RsaEncoding};

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

const NOW: i64 = 1_700_000_000;
const ISSUER: &str = "https://id.example.com/oidc";
const CLIENT: &str = "client-1";

/// Claims that are accepted as they are.
const GOOD: &[(&str, &str)] = &[
    ("iss", r#""https://id.example.com/oidc""#),
    ("aud", r#""client-1""#),
    ("sub", r#""ada""#),
    ("exp", "1700000300"),
    ("iat", "1700000000"),
];

/// A key that protects nothing: made for these tests, PKCS#8.
const RSA_KEY: &str = "\
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCgdegyhd+8QUg4gs73LI9Ob1QkxOnA9L7g8R5T/ekg8PO0Agfrbo3a/s94W2dF\
CQtPNV/oEwcgmuqhDzZbpjsV9WZxGk/h8P6f2av6ntMMdLXiNth9hQzGY+q4H0riEQymliXiDBY6v4c4kZoS1J9/7u28kUT+9zL/ELGlQXrp5ATo\
z08/0/0twyunRGOhGTGe10S+qSfodjFC9T4W6y1ZcEcsR11AgZWcWua9xBVAEOgxS70nTZ/u8iNFJsxvXtNxi2Dp5yxq/TRGxstLABNEuFCmSgKm\
ZyOvKLKDaMitDSl3QbJzAf45dNRWgKnX7nd/TOdaHrm9OHSb2pek2Ii3AgMBAAECggEABAiiwy5hXvqnJaCIMmeA3MBotZnrpGmiqMX29LaT1zun\
bLWGXHFFiKVSMtzdXjtpeN7HH+7mhXfPgSgAPlKR9q3aGurF6lCkHgGbVKwMcyo17k9hptoi5ZPacTF8MO2ryz5ICoQyRNzOuenTHTkSH2WyvURL\
nzs4oXfad2SLgfiqwjEYqWOkyj6HQu5z63MPuFWMjURQWQcSJvukkWSyMBMey+6B5o8Ad73umXDq33hhqaF4E3W4ZaGyMNB8K2XV9C676RbXe/du\
ssYOXUXxZV0NWHEUyng53w5cW2m51RgDFVqmQGSSEuTT4WVeFMJ8G9FhgkgiCbYKspr5un2sQQKBgQDS5kZZBZfRe0N4YgsmLuZ+uEdgRSV4gqh1\
9VOdcdLJ5j1LwM0NtRb9KnTIPiotRRpf/WaX/kNw91HzHeWFr7fbCbbOcj5fdc3tWU/tqzPGiCNA4N95HGE3BEZZETcCBJ8JLwmRTb4CdryHRN8i\
/sJ3vAJB0gjSvItEbZI/+8eHQQKBgQDCxlhZNhHgqauEvP5fGkCAfmk4BhUv7WQyKnfSDWWGhn84KwXL6+1FlfbZD2jBTnGn0nJv/XxCfcm0Owod\
0ofqfuBKFaYR5tMHf2krk8kWiWPtRrWhdfnAVqDeBrtBXStcIHtRYvtYYHP3QrHYj+WNMhWH+5f9P0j6UPwSwGPJ9wKBgAPVKXwerOairdQ3O+qi\
uY+d+7YVK5woC7WxEqbu1ZzTsVN6Gn/gRZ2uMtccwhl2gwcxjLbAaStZY0TeyzgFvHqfj5Hq45VKh8aDc/9muBcojDN2orkJuf6M9lZSCMThnp5F\
G5BncEeNLtnqd3+kT5ZrdUMK9RwXTxScRScihTrBAoGATmmrh77M07V656Vugrr+3LwHgBZy0Siw/cE7G8Vo6g+bh/FKFB6XFzyYdCpP8gKynu2K\
RKu4KsyZN4XNPNRVA4KwqSKuCOb0bkBNBs4oVnpZUFz3IllsgpJdkQUEvfvUSPKKsuk2Zw3toc2n65eCwqU3JdeUCNBBgQS5dpMdmWECgYBRhFFn\
BRuPZwV71hrXCOYOI5wmDZ5AqZkqPphaglErbV2D2fewHLKsyEdSiu80WHzkZTfCx2GfDAIGXOMfYM9m0MwY+hIt3AHndVjx/63k7+BRuPu7GUw1\
4mRV9qvPleQmz8pPVNgPtsZrYRa+/7Ha0bUCNDTuCvXe/FnBjHnOEQ==";

/// Signs the way a server does.
enum Signer {
    Rsa(&'static dyn RsaEncoding),
    P256(Box<EcdsaKeyPair>),
}

fn rsa_pair() -> RsaKeyPair {
    let key = STANDARD.decode(RSA_KEY).expect("base64");
    RsaKeyPair::from_pkcs8(&key).expect("a key")
}

fn p256() -> Signer {
    let (random, algorithm) = (SystemRandom::new(), &signature::ECDSA_P256_SHA256_FIXED_SIGNING);
    let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
    Signer::P256(Box::new(EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).expect("the same key")))
}

fn rs256() -> Signer {
    Signer::Rsa(&signature::RSA_PKCS1_SHA256)
}

impl Signer {
    fn sign(&self, message: &str) -> Vec<u8> {
        match self {
            Signer::Rsa(encoding) => {
                let pair = rsa_pair();
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).expect("a signature");
                signature
            }
            Signer::P256(pair) => {
                pair.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature").as_ref().to_vec()
            }
        }
    }

    /// The token with this header and these claims.
    fn token(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature = encode(self.sign(&signed));
        format!("{signed}.{signature}")
    }

    /// The public key, with further members in front.
    fn jwk(&self, members: &str) -> String {
        match self {
            Signer::Rsa(_) => {
                let key = signature::RsaPublicKeyComponents::<Vec<u8>>::from(rsa_pair().public());
                format!(r#"{{{members}"kty":"RSA","n":"{}","e":"{}"}}"#, encode(key.n), encode(key.e))
            }
            Signer::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                format!(r#"{{{members}"kty":"EC","crv":"P-256","x":"{}","y":"{}"}}"#, encode(x), encode(y))
            }
        }
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn keys(jwks: &[String]) -> Keys {
    Keys::parse(format!(r#"{{"keys":[{}]}}"#, jwks.join(",")).as_bytes()).expect("a JWK Set")
}

fn object(members: &[(&str, &str)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
    format!("{{{}}}", members.join(","))
}

/// The good claims with these set; without those whose value is empty.
fn with_all(changes: &[(&str, &str)]) -> String {
    let kept = GOOD.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let members: Vec<(&str, &str)> = kept.chain(changes).copied().filter(|(_, value)| !value.is_empty()).collect();
    object(&members)
}

fn with(name: &str, value: &str) -> String {
    with_all(&[(name, value)])
}

fn expected<'a>() -> Expected<'a> {
    Expected { issuer: ISSUER, client_id: CLIENT, nonce: None, access_token: None, now_at: NOW }
}

/// What comes of a token.
fn verify(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<String, Error> {
    let claims = Token::parse(token)?.verify(keys, expected)?;
    Ok(claims.expose().to_owned())
}

/// Only why it was refused.
fn reason(result: Result<String, Error>) -> Reason {
    result.map_or_else(|error| error.reason, |_| Reason::None)
}
