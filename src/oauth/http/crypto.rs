//! The cryptography that TLS uses: ring's, named here and never left to the
//! process default, which the host program may have set to another.
//!
//! Less than ring offers: every server that speaks TLS 1.3 must have AES-GCM
//! (RFC 8446, 9.1), and every one of TLS 1.2 in use does; no public authority
//! issues Ed25519 certificates. ChaCha20 and Ed25519 would add their assembly
//! and tables to a library whose size is promised.

use std::sync::Arc;

use ring::rand::SystemRandom;
use rustls::crypto::ring::{cipher_suite, kx_group, sign};
use rustls::crypto::{CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, WebPkiSupportedAlgorithms};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use rustls::{Error as TlsError, SignatureScheme};
use webpki::ring as check;

/// The provider for every connection.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: vec![
            cipher_suite::TLS13_AES_128_GCM_SHA256,
            cipher_suite::TLS13_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        ],
        kx_groups: vec![kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1],
        signature_verification_algorithms: SIGNATURES,
        secure_random: &Ring,
        key_provider: &Ring,
    }
}

/// Signatures that are checked, in certificates and in handshakes.
pub(super) const SIGNATURES: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[
        check::ECDSA_P256_SHA256,
        check::ECDSA_P256_SHA384,
        check::ECDSA_P384_SHA256,
        check::ECDSA_P384_SHA384,
        check::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        check::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
        check::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
        check::RSA_PKCS1_2048_8192_SHA256,
        check::RSA_PKCS1_2048_8192_SHA384,
        check::RSA_PKCS1_2048_8192_SHA512,
    ],
    // TLS 1.3 fixes the curve of each scheme and tries the first only.
    mapping: &[
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[check::ECDSA_P256_SHA256, check::ECDSA_P384_SHA256]),
        (SignatureScheme::ECDSA_NISTP384_SHA384, &[check::ECDSA_P384_SHA384, check::ECDSA_P256_SHA384]),
        (SignatureScheme::RSA_PSS_SHA256, &[check::RSA_PSS_2048_8192_SHA256_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA384, &[check::RSA_PSS_2048_8192_SHA384_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA512, &[check::RSA_PSS_2048_8192_SHA512_LEGACY_KEY]),
        (SignatureScheme::RSA_PKCS1_SHA256, &[check::RSA_PKCS1_2048_8192_SHA256]),
        (SignatureScheme::RSA_PKCS1_SHA384, &[check::RSA_PKCS1_2048_8192_SHA384]),
        (SignatureScheme::RSA_PKCS1_SHA512, &[check::RSA_PKCS1_2048_8192_SHA512]),
    ],
};

#[derive(Debug)]
struct Ring;

impl SecureRandom for Ring {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), GetRandomFailed> {
        ring::rand::SecureRandom::fill(&SystemRandom::new(), buffer).map_err(|_| GetRandomFailed)
    }
}

impl KeyProvider for Ring {
    fn load_private_key(&self, key: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, TlsError> {
        sign::any_supported_type(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_numbers_are_random() {
        let drawn = || {
            let mut bytes = [0; 32];
            Ring.fill(&mut bytes).expect("random numbers");
            bytes
        };
        let (first, second) = (drawn(), drawn());
        assert!(first != second && first != [0; 32] && second != [0; 32]);
    }
}
