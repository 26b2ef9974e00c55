//! A GET over rustls.

use std::ffi::{CStr, c_char};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// Installs the provider that every rustls of this process takes which is not told
/// another: 1 when it was the first.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_provider() -> i32 {
    i32::from(ring::default_provider().install_default().is_ok())
}

/// The HTTP status of a GET of /api/echo at `host_port` by the provider that is
/// installed, with the only authority in the file `ca`; -1 when it fails.
///
/// # Safety
/// Both are texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn neighbour_get(host_port: *const c_char, ca: *const c_char) -> i32 {
    // SAFETY: as the function's own.
    let (host_port, ca) = unsafe { (CStr::from_ptr(host_port), CStr::from_ptr(ca)) };
    get(&host_port.to_string_lossy(), &ca.to_string_lossy()).unwrap_or(-1)
}

fn get(host_port: &str, ca: &str) -> Option<i32> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).ok()? {
        roots.add(certificate.ok()?).ok()?;
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(host_port.split(':').next()?.to_owned()).ok()?;
    let tls = ClientConnection::new(Arc::new(config), name).ok()?;
    let mut stream = StreamOwned::new(tls, TcpStream::connect(host_port).ok()?);
    write!(stream, "GET /api/echo HTTP/1.1\r\nHost: {host_port}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).ok()?;
    std::str::from_utf8(&answer).ok()?.strip_prefix("HTTP/1.1 ")?.parse().ok()
}
