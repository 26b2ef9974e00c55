//! Whom TLS trusts: roots, pins and client certificates, and the rustls
//! configurations made of them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, TrustAnchor, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, OtherError, RootCertStore,
    SignatureScheme,
};
use rustls_native_certs::ErrorKind;
use webpki::{EndEntityCert, KeyUsage};

use super::aside::{Aside, Place};
use super::pem::certificates;
use super::{Shared, crypto};
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::limits;
use crate::oauth::reason::Reason;
use crate::oauth::sys::is_short;
use crate::oauth::sys::sync::{Mutex, lock};
use crate::oauth::url::Origin;

/// Resumable sessions kept for each configuration: one server, a few hosts.
const SESSIONS: usize = 8;

/// The authorities that are trusted.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Mozilla's, as they were when this library was built.
    Bundled,
    /// The operating system's, read when the first connection is made.
    System,
    /// These and no others.
    These(Arc<RootCertStore>),
}

impl Trust {
    /// Trusts the certificates in `pem` and no others.
    pub fn from_pem(pem: &[u8]) -> Result<Trust, Error> {
        let mut roots = RootCertStore::empty();
        certificates("pem", pem, |certificate| {
            roots.add(certificate).map_err(|_| Error::argument("pem holds a certificate that cannot be read"))
        })?;
        Ok(Trust::These(Arc::new(roots)))
    }
}

type Reading = Aside<Arc<RootCertStore>>;

/// What is wrong when nothing is wrong with the certificates.
const SHORT: &str = "the process is out of files or memory";

/// The system's authorities: files on some systems, which may be anywhere.
fn system_roots() -> Result<Arc<RootCertStore>, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    if found.errors.iter().any(|error| matches!(&error.kind, ErrorKind::Io { inner, .. } if is_short(inner))) {
        return Err(SHORT.to_owned());
    }
    // Single unreadable certificates are common and harmless.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() { Err("it is empty or cannot be read".to_owned()) } else { Ok(Arc::new(roots)) }
}

/// A certificate to show to a server that asks for one, and its key.
pub struct ClientCertificate {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl ClientCertificate {
    /// From PEM; the leaf first. Certificate and key must belong together.
    pub fn from_pem(cert: &[u8], key: &[u8]) -> Result<ClientCertificate, Error> {
        let mut chain = Vec::new();
        certificates("cert", cert, |certificate| {
            chain.push(certificate.into_owned());
            Ok(())
        })?;
        limits::check("key", key.len(), limits::PEM)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| Error::argument("key holds no private key in PEM"))?;
        let certificate = ClientCertificate { chain, key };
        let signer = any_supported_type(&certificate.key)
            .map_err(|_| Error::argument("key is of a kind or size that TLS cannot use"))?;
        let certified = rustls::sign::CertifiedKey::new(certificate.chain.clone(), signer);
        match certified.keys_match() {
            Ok(()) => Ok(certificate),
            Err(_) => Err(Error::argument("cert and key do not belong together")),
        }
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCertificate")
    }
}

/// The configurations of a client, made when they are first needed: for each
/// origin with pins or a certificate one, for all others one.
#[derive(Default)]
pub(crate) struct Configs {
    made: Mutex<Vec<(Option<Origin>, Arc<ClientConfig>)>>,
    system: Mutex<Option<Arc<Reading>>>,
}

impl Configs {
    /// The configuration for `origin`.
    pub fn config(&self, call: &Call, shared: &Shared, origin: &Origin) -> Result<Arc<ClientConfig>, Error> {
        let special =
            shared.pins.iter().any(|(of, _)| of == origin) || shared.certificates.iter().any(|(of, _)| of == origin);
        let key = special.then(|| origin.clone());
        let known = |made: &Vec<(Option<Origin>, Arc<ClientConfig>)>| {
            made.iter().find(|(of, _)| *of == key).map(|(_, config)| config.clone())
        };
        if let Some(config) = known(&lock(&self.made)) {
            return Ok(config);
        }
        let roots = self.roots(call, &shared.trust)?;
        let mut made = lock(&self.made);
        // Another call may have been first: all share its sessions.
        if let Some(config) = known(&made) {
            return Ok(config);
        }
        let config = Arc::new(build(shared, roots, origin)?);
        made.push((key, config.clone()));
        Ok(config)
    }

    fn roots(&self, call: &Call, trust: &Trust) -> Result<Arc<RootCertStore>, Error> {
        match trust {
            Trust::These(roots) => Ok(roots.clone()),
            Trust::Bundled => Ok(Arc::new(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })),
            Trust::System => {
                let known = serving(&lock(&self.system));
                let reading = known.map_or_else(|| self.read_system(call), Ok)?;
                reading.wait(call)?.map_err(|problem| {
                    let what = format_args!("The system's certificate store cannot be used: {problem}");
                    call.error(if problem == SHORT { Reason::Resources } else { Reason::TlsUnknownIssuer }, what)
                })
            }
        }
    }

    fn read_system(&self, call: &Call) -> Result<Arc<Reading>, Error> {
        let place = Place::take(call)?;
        let mut system = lock(&self.system);
        // Another call may have been quicker.
        if let Some(reading) = serving(&system) {
            return Ok(reading);
        }
        let reading = Aside::start(call, place, "reading the system's certificates", system_roots)?;
        *system = Some(reading.clone());
        Ok(reading)
    }
}

/// The reading that serves now, if there is one: a good one for ever.
fn serving(system: &Option<Arc<Reading>>) -> Option<Arc<Reading>> {
    system.as_ref().filter(|reading| reading.serves(Duration::MAX, |_| true)).cloned()
}

fn build(shared: &Shared, roots: Arc<RootCertStore>, origin: &Origin) -> Result<ClientConfig, Error> {
    let provider = Arc::new(crypto::provider());
    let bug = |what: &str| Error::new(Reason::Bug, format_args!("TLS could not be set up: {what}"));
    let webpki = WebPkiServerVerifier::builder_with_provider(roots.clone(), provider.clone())
        .build()
        .map_err(|_| Error::new(Reason::TlsUnknownIssuer, "No authority is trusted"))?;
    let pins: Vec<[u8; 32]> = shared.pins.iter().filter(|(of, _)| of == origin).map(|(_, pin)| *pin).collect();
    let verifier: Arc<dyn ServerCertVerifier> = match pins.is_empty() {
        true => webpki,
        false => Arc::new(Pinned { webpki, roots, pins }),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| bug("no protocol version"))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let certificate = shared.certificates.iter().find(|(of, _)| of == origin);
    let mut config = match certificate {
        None => builder.with_no_client_auth(),
        Some((_, certificate)) => builder
            .with_client_auth_cert(certificate.chain.clone(), certificate.key.clone_key())
            .map_err(|_| Error::argument("the client certificate cannot be used"))?,
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::in_memory_sessions(SESSIONS);
    // A password in early data could be replayed.
    config.enable_early_data = false;
    Ok(config)
}

/// Verifies as always, then demands that the chain *that was verified* holds a
/// pinned key: a certificate that is merely presented proves nothing.
#[derive(Debug)]
struct Pinned {
    webpki: Arc<WebPkiServerVerifier>,
    roots: Arc<RootCertStore>,
    pins: Vec<[u8; 32]>,
}

/// How a failed pin travels through rustls; see `fault`.
#[derive(Debug)]
pub(crate) struct PinMismatch;

impl fmt::Display for PinMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no key of the verified chain is pinned")
    }
}

impl std::error::Error for PinMismatch {}

impl Pinned {
    fn is_pinned(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<bool, webpki::Error> {
        let leaf = EndEntityCert::try_from(leaf)?;
        let pinned = |key: &[u8]| self.pins.iter().any(|pin| pin[..] == *digest(&SHA256, key).as_ref());
        let algorithms = crypto::SIGNATURES.all;
        let usage = KeyUsage::server_auth();
        // Several chains may lead to a root: any that holds a pinned key will do.
        let matches = |path: &webpki::VerifiedPath<'_>| {
            let found = pinned(path.end_entity().subject_public_key_info().as_ref())
                || path.intermediate_certificates().any(|cert| pinned(cert.subject_public_key_info().as_ref()))
                || pinned(&anchor_key(path.anchor()));
            if found { Ok(()) } else { Err(webpki::Error::UnknownIssuer) }
        };
        let path = leaf.verify_for_usage(algorithms, &self.roots.roots, others, now, usage, None, Some(&matches));
        Ok(path.is_ok())
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verified = self.webpki.verify_server_cert(leaf, others, name, ocsp, now)?;
        match self.is_pinned(leaf, others, now) {
            Ok(true) => Ok(verified),
            _ => Err(CertificateError::Other(OtherError(Arc::new(PinMismatch))).into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.webpki.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.webpki.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}

/// The SubjectPublicKeyInfo of a root: kept there without its outer SEQUENCE,
/// which a pin includes.
fn anchor_key(anchor: &TrustAnchor<'_>) -> Vec<u8> {
    let content = anchor.subject_public_key_info.as_ref();
    let length = content.len().to_be_bytes();
    let significant =
        length.iter().position(|&byte| byte != 0).map_or(&length[..0], |at| length.get(at..).unwrap_or_default());
    let mut key = vec![0x30];
    if content.len() >= 0x80 {
        key.push(0x80 | significant.len() as u8);
    }
    key.extend_from_slice(significant);
    key.extend_from_slice(content);
    key
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// What `openssl x509 -pubkey` and `openssl dgst -sha256` say of two roots,
    /// whose keys are longer and shorter than one byte of a length can tell.
    #[test]
    fn a_root_is_pinned_by_its_whole_key() {
        for (root, pin) in [
            ("ISRG Root X1", "C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M="),
            ("ISRG Root X2", "diGVwiVYbubAI3RW4hB9xU8e/CH2GnkuvVFZE8zmgzI="),
        ] {
            let has_name =
                |anchor: &&TrustAnchor<'_>| anchor.subject.windows(root.len()).any(|at| at == root.as_bytes());
            let anchor = webpki_roots::TLS_SERVER_ROOTS.iter().find(has_name).expect("a root of Mozilla's");
            assert_eq!(STANDARD.encode(digest(&SHA256, &anchor_key(anchor))), pin, "{root}");
        }
    }
}
