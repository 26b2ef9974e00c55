//! What sockets, rustls and ureq report, as reasons. Their own texts stay out:
//! nobody here knows what they may hold.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, ErrorKind};

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error as TlsError};

use super::trust::PinMismatch;
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::limits;
use crate::oauth::reason::{Reason, Stage};
use crate::oauth::sys::is_short;
use crate::oauth::time;

/// Names of a certificate that are told.
const MOST_NAMES: usize = 3;

/// Longest name there is (RFC 1035, 3.1).
const NAME_BYTES: usize = 253;

/// A socket that could not be made or connected.
pub(super) fn from_connect(call: &Call, error: &io::Error, to: &dyn Display) -> Error {
    if is_short(error) {
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
        TlsError::InvalidCertificate(problem) => {
            let (reason, what) = from_certificate(problem);
            return call.error(reason, what);
        }
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

fn from_certificate(problem: &CertificateError) -> (Reason, Cow<'static, str>) {
    let (reason, what) = match problem {
        CertificateError::Expired => (Reason::TlsExpired, "The server's certificate has expired"),
        CertificateError::ExpiredContext { time, not_after } => {
            let what = format!("The server's certificate expired on {}, {}", date(not_after), clock(time));
            return (Reason::TlsExpired, what.into());
        }
        CertificateError::NotValidYet => (Reason::TlsNotYetValid, "The server's certificate is not valid yet"),
        CertificateError::NotValidYetContext { time, not_before } => {
            let what = format!("The server's certificate is not valid before {}, {}", date(not_before), clock(time));
            return (Reason::TlsNotYetValid, what.into());
        }
        CertificateError::NotValidForName => (Reason::TlsWrongHost, "The server's certificate is for another host"),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let what = format!("The server's certificate is for another host: {}", names(presented));
            return (Reason::TlsWrongHost, what.into());
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
    };
    (reason, what.into())
}

fn date(time: &UnixTime) -> String {
    time::http_date(time.as_secs())
}

/// Which of the two is wrong a person sees at once.
fn clock(time: &UnixTime) -> String {
    format!("and this machine's clock says {}", date(time))
}

/// The DNS names among those that webpki tells, each as `DnsName("...")`.
fn names(presented: &[String]) -> String {
    let names = presented.iter().filter_map(|name| name.strip_prefix("DnsName(\"")?.strip_suffix("\")"));
    // A certificate may say anything; what is longer or has other characters is
    // no name, and no text for a log.
    let names: Vec<&str> = names.filter(|name| name.len() <= NAME_BYTES && limits::is_visible(name, false)).collect();
    let told = names.get(..MOST_NAMES).unwrap_or(&names).join(", ");
    match names.len() {
        0 => "it names none".to_owned(),
        1..=MOST_NAMES => told,
        all => format!("{told} and {} more", all - MOST_NAMES),
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
    use crate::oauth::call::TimeLimits;

    /// The reason for a TLS error at a stage.
    fn reason(stage: Stage, sent: bool, error: TlsError) -> Reason {
        let call = Call::new(TimeLimits { connect_ms: 1000, total_ms: 1000 });
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
        let call = Call::new(TimeLimits { connect_ms: 1000, total_ms: 1000 });
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
    fn a_certificate_out_of_its_time_is_told_with_both_times() {
        let at = |seconds| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let (time, other) = (at(784_111_777), at(951_782_400));
        let now = "and this machine's clock says Sun, 06 Nov 1994 08:49:37 GMT. Check";
        for (error, wanted, part) in [
            (
                CertificateError::ExpiredContext { time, not_after: other },
                Reason::TlsExpired,
                "expired on Tue, 29 Feb 2000 00:00:00 GMT, ",
            ),
            (
                CertificateError::NotValidYetContext { time, not_before: other },
                Reason::TlsNotYetValid,
                "is not valid before Tue, 29 Feb 2000 00:00:00 GMT, ",
            ),
        ] {
            let call = Call::new(TimeLimits { connect_ms: 1000, total_ms: 1000 });
            let found = from_tls(&call, &error.into());
            assert!(found.reason == wanted && found.message.contains(&format!("{part}{now}")), "{found}");
        }
    }

    #[test]
    fn a_certificate_for_another_host_is_told_with_its_names() {
        let dns = |name: &str| format!("DnsName(\"{name}\")");
        let long = "a".repeat(253);
        for (presented, told) in [
            (vec![], "it names none. Check"),
            (vec![dns("a\nb"), dns("a b"), dns("\u{fc}"), dns(&"a".repeat(254))], "it names none. Check"),
            (vec![dns(&long)], &format!("{long}. Check")),
            (vec!["IpAddress(127.0.0.1)".to_owned(), dns("a.example")], "a.example. Check"),
            (["a", "b", "c"].map(dns).to_vec(), "a, b, c. Check"),
            (["a", "b", "c", "d", "e"].map(dns).to_vec(), "a, b, c and 2 more. Check"),
        ] {
            let expected = rustls::pki_types::ServerName::try_from("id.example").expect("a name");
            let call = Call::new(TimeLimits { connect_ms: 1000, total_ms: 1000 });
            let error = CertificateError::NotValidForNameContext { expected, presented };
            let found = from_tls(&call, &error.into());
            assert_eq!(found.reason, Reason::TlsWrongHost);
            assert!(found.message.contains(&format!("is for another host: {told}")), "{found}");
        }
    }

    #[test]
    fn a_body_in_chunks_ends_early_or_is_none() {
        let call = Call::new(TimeLimits { connect_ms: 1000, total_ms: 1000 });
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
