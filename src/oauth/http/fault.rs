//! What sockets, rustls and ureq report, as reasons. Their own texts stay out:
//! nobody here knows what they may hold.

use std::fmt::Display;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError, Error as TlsError};

use super::trust::PinMismatch;
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::reason::{Reason, Stage};

/// A socket that could not be made or connected.
pub(super) fn from_connect(call: &Call, error: &io::Error, to: &dyn Display) -> Error {
    #[cfg(unix)]
    let short = matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM));
    #[cfg(windows)]
    let short = matches!(error.raw_os_error(), Some(10_024 | 10_055));
    if short {
        return call.error(Reason::Resources, "No socket could be had: the process or the system is at its limit");
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => call.error(Reason::ConnectionRefused, format_args!("Nothing listens at {to}")),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::NotConnected => {
            call.cut_off("The connection broke as soon as it was made")
        }
        kind => call.error(Reason::Unreachable, format_args!("{to} could not be reached ({kind})")),
    }
}

/// A handshake or a record that went wrong.
pub(super) fn from_tls(call: &Call, error: &TlsError) -> Error {
    let after_handshake = call.stage() as u8 > Stage::Tls as u8;
    if after_handshake && !is_about_our_certificate(error) {
        return call.cut_off("TLS broke down in the middle of the exchange");
    }
    let (reason, what) = match error {
        TlsError::InvalidCertificate(problem) => from_certificate(problem),
        TlsError::NoCertificatesPresented => (Reason::TlsCertificate, "The server shows no certificate"),
        TlsError::AlertReceived(_) if is_about_our_certificate(error) => {
            (Reason::TlsClientCertificate, "The server did not accept the client certificate, or wants one")
        }
        TlsError::AlertReceived(AlertDescription::UnrecognisedName) => {
            (Reason::TlsWrongHost, "The server has no certificate for this host name")
        }
        TlsError::AlertReceived(_) => (Reason::TlsProtocol, "The server refused the TLS handshake"),
        TlsError::InvalidMessage(_) => (Reason::TlsProtocol, "What answers at this port is not TLS"),
        TlsError::FailedToGetRandomBytes => (Reason::Resources, "The system gives no random numbers"),
        _ => (Reason::TlsProtocol, "The server does not follow TLS"),
    };
    call.error(reason, what)
}

/// In TLS 1.3 this alert comes after the handshake: what the server objects to
/// leaves with the request.
fn is_about_our_certificate(error: &TlsError) -> bool {
    use AlertDescription::*;
    matches!(
        error,
        TlsError::AlertReceived(
            CertificateRequired
                | BadCertificate
                | UnsupportedCertificate
                | CertificateRevoked
                | CertificateExpired
                | CertificateUnknown
                | UnknownCA
                | AccessDenied
        )
    )
}

fn from_certificate(problem: &CertificateError) -> (Reason, &'static str) {
    match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            (Reason::TlsExpired, "The server's certificate has expired")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            (Reason::TlsNotYetValid, "The server's certificate is not valid yet")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            (Reason::TlsWrongHost, "The server's certificate is for another host")
        }
        CertificateError::UnknownIssuer => {
            (Reason::TlsUnknownIssuer, "No trusted authority issued the server's certificate")
        }
        CertificateError::Other(other) if other.0.downcast_ref::<PinMismatch>().is_some() => {
            (Reason::TlsPin, "The server's certificate is trusted, but no key in its chain is pinned")
        }
        // A certificate that signs itself ends here, and one of an authority.
        CertificateError::Other(other) if matches!(other.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity)) => (
            Reason::TlsUnknownIssuer,
            "The server's certificate is an authority's, perhaps its own: that proves nothing",
        ),
        _ => (Reason::TlsCertificate, "The server's certificate is broken or made for another purpose"),
    }
}

/// What ureq found wrong with a body in chunks.
pub(super) fn from_chunks(call: &Call, error: &io::Error) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => call.cut_off("The connection ended in the middle of the answer"),
        _ => call.error(Reason::AnswerNotUnderstood, "The body of the answer is not what its head says"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::oauth::call::Limits;

    /// The reason for a TLS error at a stage.
    fn reason(stage: Stage, sent: bool, error: TlsError) -> Reason {
        let call = Call::new(Limits { connect_ms: 1000, total_ms: 1000 });
        call.enter(stage);
        if sent {
            call.set_sent();
        }
        from_tls(&call, &error).reason
    }

    #[test]
    fn what_an_alert_means_depends_on_when_it_comes() {
        let alert = |description| TlsError::AlertReceived(description);
        let internal = alert(AlertDescription::InternalError);
        assert_eq!(reason(Stage::Tls, false, internal.clone()), Reason::TlsProtocol);
        assert_eq!(reason(Stage::Receive, true, internal), Reason::CutOffAfterSent);
        assert_eq!(reason(Stage::Receive, true, TlsError::DecryptError), Reason::CutOffAfterSent);
        // TLS 1.3 says only then that it wants a certificate.
        let wanted = alert(AlertDescription::CertificateRequired);
        assert_eq!(reason(Stage::Receive, true, wanted), Reason::TlsClientCertificate);
        let unknown_name = alert(AlertDescription::UnrecognisedName);
        assert_eq!(reason(Stage::Tls, false, unknown_name), Reason::TlsWrongHost);
    }

    #[test]
    fn a_failed_handshake_says_what_failed() {
        let call = Call::new(Limits { connect_ms: 1000, total_ms: 1000 });
        call.enter(Stage::Tls);
        for (error, reason, part) in [
            (
                TlsError::AlertReceived(AlertDescription::HandshakeFailure),
                Reason::TlsProtocol,
                "refused the TLS handshake",
            ),
            (TlsError::InvalidMessage(rustls::InvalidMessage::InvalidContentType), Reason::TlsProtocol, "is not TLS"),
            (TlsError::FailedToGetRandomBytes, Reason::Resources, "no random numbers"),
            (TlsError::DecryptError, Reason::TlsProtocol, "does not follow TLS"),
        ] {
            let found = from_tls(&call, &error);
            assert!(found.reason == reason && found.message.contains(part), "{error}: {found}");
        }
    }

    #[test]
    fn a_certificate_that_is_missing_or_its_own_authority() {
        let other = |problem| CertificateError::Other(rustls::OtherError(Arc::new(problem)));
        for (error, wanted) in [
            (TlsError::NoCertificatesPresented, Reason::TlsCertificate),
            (TlsError::InvalidCertificate(other(webpki::Error::CaUsedAsEndEntity)), Reason::TlsUnknownIssuer),
            (TlsError::InvalidCertificate(other(webpki::Error::BadDer)), Reason::TlsCertificate),
        ] {
            assert_eq!(reason(Stage::Tls, false, error.clone()), wanted, "{error}");
        }
    }

    #[test]
    fn a_body_in_chunks_ends_early_or_is_none() {
        let call = Call::new(Limits { connect_ms: 1000, total_ms: 1000 });
        call.set_sent();
        for (error, wanted, part) in [
            (io::Error::from(ErrorKind::UnexpectedEof), Reason::CutOffAfterSent, "in the middle of the answer"),
            (io::Error::other("http://canary"), Reason::AnswerNotUnderstood, "not what its head says"),
        ] {
            let found = from_chunks(&call, &error);
            assert!(found.reason == wanted && found.message.contains(part), "{error}: {found}");
            assert!(!found.message.contains("canary"), "{error}: {found}");
        }
    }
}
