//! Throw-away certificates: an authority, an intermediate and a server, of one
//! kind of key, as servers on the Internet have them.

use std::process::{Command, Stdio};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// The keys of a chain.
#[derive(Clone, Copy)]
pub enum Kind {
    /// P-256.
    Ec,
    /// RSA with 2048 bits.
    Rsa,
}

impl Kind {
    /// As in the names of files and listeners.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ec => "ec",
            Kind::Rsa => "rsa",
        }
    }

    fn key(self) -> KeyPair {
        match self {
            Kind::Ec => KeyPair::generate().expect("ring makes P-256 keys"),
            Kind::Rsa => KeyPair::from_pem(&rsa_pem()).expect("openssl writes PKCS #8"),
        }
    }
}

/// ring makes no RSA keys.
fn rsa_pem() -> String {
    let made = Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        .stderr(Stdio::null())
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "openssl makes RSA keys");
    String::from_utf8(made.stdout).expect("PEM is text")
}

/// What clients trust, and what the server shows.
pub struct Authority {
    ca: Issuer,
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Authority {
    /// A new one, with new keys.
    pub fn new(kind: Kind) -> Authority {
        let ca = Issuer::self_signed(ca_params("benchmark CA"), kind.key()).expect("a CA of fixed shape");
        let intermediate =
            Issuer::signed_by(ca_params("benchmark intermediate"), kind.key(), &ca).expect("of fixed shape");
        let key = kind.key();
        let leaf = leaf_params().signed_by(&key, &intermediate).expect("of fixed shape");
        let chain = vec![leaf.der().clone(), intermediate.der().clone()];
        Authority { ca, chain, key: key.serialize_der() }
    }

    /// What clients are told to trust.
    pub fn ca_pem(&self) -> String {
        self.ca.pem()
    }

    /// TLS 1.3 with so many tickets after a handshake.
    pub fn server_config(&self, tickets: usize) -> Arc<ServerConfig> {
        let key = PrivatePkcs8KeyDer::from(self.key.clone());
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("ring serves TLS 1.3")
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), key.into())
            .expect("the key belongs to the certificate");
        config.send_tls13_tickets = tickets;
        Arc::new(config)
    }
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn leaf_params() -> CertificateParams {
    let names = ["localhost", "127.0.0.1"].map(str::to_owned);
    let mut params = CertificateParams::new(names).expect("valid names");
    params.distinguished_name.push(DnType::CommonName, "benchmark server");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params
}
