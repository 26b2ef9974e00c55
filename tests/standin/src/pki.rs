//! Throw-away certificates: one authority per stand-in, and every way a
//! server certificate can be wrong.

use std::sync::Arc;
use std::sync::OnceLock;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PublicKeyData, date_time_ymd,
};
use ring::digest::{SHA256, digest};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

use crate::{clock, random_hex};

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// Names and addresses at which loopback is reached.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// A certificate chain with the key of its first certificate.
pub(crate) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

/// What a listener's certificate should be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavor {
    Good,
    Expired,
    NotYetValid,
    SelfSigned,
    WrongHost,
    UnknownCa,
    MissingIntermediate,
    WithIntermediate,
    Decoy,
    CnOnly,
    ClientAuthOnly,
}

/// The throw-away CA with all that was issued under it.
pub(crate) struct Authority {
    ca: Issuer,
    leaf: Identity,
    intermediate: Issuer,
    decoy: OnceLock<Issuer>,
    client: OnceLock<Identity>,
}

impl Authority {
    pub fn new() -> Authority {
        // Unique, so that two authorities never pass for one by their name.
        let ca = Issuer::self_signed(ca_params(&format!("standin CA {}", random_hex(4))), key())
            .expect("a CA of fixed shape");
        let params = ca_params("standin intermediate");
        let intermediate = Issuer::signed_by(params, key(), &ca).expect("of fixed shape");
        let leaf = issue(leaf_params(&LOOPBACK), &ca);
        Authority { ca, leaf, intermediate, decoy: OnceLock::new(), client: OnceLock::new() }
    }

    pub fn ca_pem(&self) -> String {
        self.ca.pem()
    }

    pub fn ca_spki_sha256(&self) -> [u8; 32] {
        spki_sha256(self.ca.key())
    }

    pub fn leaf_spki_sha256(&self) -> [u8; 32] {
        spki_sha256(&self.leaf.key)
    }

    pub fn intermediate_spki_sha256(&self) -> [u8; 32] {
        spki_sha256(self.intermediate.key())
    }

    pub fn decoy_spki_sha256(&self) -> [u8; 32] {
        spki_sha256(self.decoy().key())
    }

    pub fn client_cert_pem(&self) -> String {
        pem("CERTIFICATE", &self.client().chain[0])
    }

    pub fn client_key_pem(&self) -> String {
        self.client().key.serialize_pem()
    }

    fn decoy(&self) -> &Issuer {
        self.decoy.get_or_init(|| stranger("standin decoy that signed nothing"))
    }

    fn client(&self) -> &Identity {
        self.client.get_or_init(|| {
            let mut params = leaf_params(&["client.standin.test"]);
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            issue(params, &self.ca)
        })
    }

    /// The chain and key of this flavor, ready for rustls.
    fn identity(&self, flavor: Flavor) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let mut params = leaf_params(&LOOPBACK);
        let identity = match flavor {
            Flavor::Good => return self.leaf.parts(),
            Flavor::Decoy => {
                let (mut chain, key) = self.leaf.parts();
                chain.push(self.decoy().der().clone());
                return (chain, key);
            }
            Flavor::Expired => {
                params.not_before = date_time_ymd(2020, 1, 1);
                params.not_after = date_time_ymd(2020, 2, 1);
                issue(params, &self.ca)
            }
            Flavor::NotYetValid => {
                params.not_before = date_time_ymd(2090, 1, 1);
                params.not_after = date_time_ymd(2091, 1, 1);
                issue(params, &self.ca)
            }
            Flavor::SelfSigned => {
                let key = key();
                let cert = params.self_signed(&key).expect("of fixed shape");
                identity(cert, key)
            }
            Flavor::WrongHost => issue(leaf_params(&["wrong.standin.test"]), &self.ca),
            Flavor::UnknownCa => issue(params, &stranger("a CA nobody trusts")),
            Flavor::MissingIntermediate => issue(params, &self.intermediate),
            Flavor::WithIntermediate => {
                let mut identity = issue(params, &self.intermediate);
                identity.chain.push(self.intermediate.der().clone());
                identity
            }
            Flavor::CnOnly => {
                let mut params = leaf_params(&[]);
                params.distinguished_name.push(DnType::CommonName, "localhost");
                issue(params, &self.ca)
            }
            Flavor::ClientAuthOnly => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
                issue(params, &self.ca)
            }
        };
        identity.parts()
    }

    /// The TLS configuration of a listener.
    pub fn server_config(
        &self,
        flavor: Flavor,
        versions: &[&'static SupportedProtocolVersion],
        tickets: usize,
        ask_client: bool,
    ) -> Arc<ServerConfig> {
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .expect("ring serves both versions");
        let builder = if ask_client {
            let mut roots = RootCertStore::empty();
            roots.add(self.ca.der().clone()).expect("our own CA");
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().expect("one root"))
        } else {
            builder.with_no_client_auth()
        };
        let (chain, key) = self.identity(flavor);
        let mut config = builder.with_single_cert(chain, key).expect("the key belongs to the certificate");
        config.send_tls13_tickets = tickets;
        Arc::new(config)
    }
}

impl Identity {
    fn parts(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der());
        (self.chain.clone(), key.into())
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("ring makes P-256 keys")
}

fn identity(cert: Certificate, key: KeyPair) -> Identity {
    let chain = vec![cert.der().clone()];
    Identity { chain, key }
}

fn issue(params: CertificateParams, issuer: &Issuer) -> Identity {
    let key = key();
    let cert = params.signed_by(&key, issuer).expect("of fixed shape");
    identity(cert, key)
}

/// A CA of its own that the stand-in's CA knows nothing of.
fn stranger(name: &str) -> Issuer {
    Issuer::self_signed(ca_params(name), key()).expect("a CA of fixed shape")
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = dated(&[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn leaf_params(names: &[&str]) -> CertificateParams {
    let mut params = dated(names);
    params.distinguished_name.push(DnType::CommonName, "standin");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params
}

/// Valid from yesterday on, for less than the 825 days Apple grants.
fn dated(names: &[&str]) -> CertificateParams {
    const DAY: u64 = 86_400;
    let date = |seconds| {
        let (year, month, day) = clock::civil(seconds);
        date_time_ymd(year as i32, month as u8, day as u8)
    };
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("valid names");
    params.not_before = date(clock::now_at() - DAY);
    params.not_after = date(clock::now_at() + 365 * DAY);
    params
}

fn spki_sha256(key: &KeyPair) -> [u8; 32] {
    let hash = digest(&SHA256, &key.subject_public_key_info());
    hash.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine};
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    let body = lines.join("\n");
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}
