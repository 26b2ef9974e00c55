//! Certificates out of a PEM text (RFC 7468). The reader that comes with rustls
//! takes as long for each byte as for any other, which a key needs and a file
//! of all authorities does not: with it a new process spent a quarter of the
//! time to its first token there. Keys are still read with that one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memchr2;
use rustls::pki_types::CertificateDer;

use crate::oauth::error::Error;
use crate::oauth::limits;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// Calls `each` with the certificates in `pem`, of which there must be one.
/// What else is in it, keys and words around them, is passed over.
pub fn certificates(
    what: &str,
    pem: &[u8],
    mut each: impl FnMut(CertificateDer<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    limits::check(what, pem.len(), limits::PEM)?;
    let broken = || Error::argument(format_args!("{what} is broken PEM"));
    let (mut base64, mut der) = (Vec::new(), Vec::new());
    let (mut inside, mut found) = (false, false);
    for line in lines(pem.strip_prefix(b"\xef\xbb\xbf").unwrap_or(pem)) {
        match line.trim_ascii() {
            BEGIN if inside => return Err(broken()),
            BEGIN => inside = true,
            END if inside => {
                der.clear();
                STANDARD.decode_vec(&base64, &mut der).map_err(|_| broken())?;
                each(CertificateDer::from(der.as_slice()))?;
                base64.clear();
                (inside, found) = (false, true);
            }
            line if inside => base64.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace())),
            _ => {}
        }
    }
    match found {
        _ if inside => Err(broken()),
        true => Ok(()),
        false => Err(Error::argument(format_args!("{what} holds no certificate in PEM"))),
    }
}

/// Each line of a text, however the system ends lines that wrote it.
fn lines(mut text: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let end = memchr2(b'\n', b'\r', text).unwrap_or(text.len());
        let (line, rest) = text.split_at_checked(end)?;
        let done = text.is_empty();
        text = rest.split_first().map_or(&[], |(_, rest)| rest);
        (!done).then_some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read out of `pem`.
    fn read(pem: &str) -> Result<Vec<Vec<u8>>, String> {
        let mut all = Vec::new();
        let done = certificates("pem", pem.as_bytes(), |certificate| {
            all.push(certificate.to_vec());
            Ok(())
        });
        done.map(|()| all).map_err(|error| error.message.clone())
    }

    #[test]
    fn certificates_are_found_among_whatever_else_is_there() {
        let (one, two) =
            (b"\x30\x03one".to_vec(), b"\x30\x03two, which is longer than a line of base64 may be".to_vec());
        let text = |der: &[u8], end: &str| {
            let base64 = STANDARD.encode(der);
            let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
            format!("-----BEGIN CERTIFICATE-----{end}{}{end}-----END CERTIFICATE-----", lines.join(end))
        };
        let key = "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n";
        for end in ["\n", "\r\n", "\r", " \n", "\n\n", "\n\t"] {
            let pem = format!("Bag Attributes{end}{}{end}{key}# two{end}{}", text(&one, end), text(&two, end));
            assert_eq!(read(&pem), Ok(vec![one.clone(), two.clone()]), "{end:?}");
            let marked = format!("\u{feff}{}", text(&two, end).replace("MAN0", "MA N\t0"));
            assert_eq!(read(&marked), Ok(vec![two.clone()]), "{end:?}");
        }
        assert_eq!(read(&format!("{key}-----END CERTIFICATE-----")), Err(said("holds no certificate in PEM")));
        assert_eq!(
            read(&text(&one, "\n").replace("CERTIFICATE", "TRUSTED CERTIFICATE")),
            Err(said("holds no certificate in PEM"))
        );
    }

    fn said(why: &str) -> String {
        read("-").unwrap_err().replace("holds no certificate in PEM", why)
    }

    #[test]
    fn what_is_cut_or_garbled_is_refused_whole() {
        let whole = "-----BEGIN CERTIFICATE-----\nMANvbmU=\n-----END CERTIFICATE-----\n";
        assert!(read(whole).is_ok());
        for pem in [
            format!("{whole}-----BEGIN CERTIFICATE-----\nMANvbmU=\n"),
            format!("{whole}-----BEGIN CERTIFICATE-----"),
            format!("-----BEGIN CERTIFICATE-----\n{whole}"),
            whole.replace("MANv", "MA-v"),
            whole.replace('=', ""),
            whole.replace('=', "=="),
            whole.replace("MANv", "M\0Nv"),
            whole.replace("MANvbmU=", "MANvbmV="),
        ] {
            assert_eq!(read(&pem), Err(said("is broken PEM")), "{pem}");
        }
    }
}
