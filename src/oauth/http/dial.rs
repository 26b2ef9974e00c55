//! A new connection: look up, connect to whichever address answers first,
//! through the proxy if there is one, then TLS.

use std::io;
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use socket2::Socket;

use super::conn::Conn;
use super::{Shared, fault, proxy};
use crate::oauth::call::{Call, Wait};
use crate::oauth::choices::Level;
use crate::oauth::error::Error;
use crate::oauth::reason::{Reason, Stage};
use crate::oauth::sys::socket::{begin_connect, wait_connected};
use crate::oauth::sys::sync::{Mutex, lock};
use crate::oauth::url::Origin;

/// How long an address has the field for itself (RFC 8305, 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// How long a wait may last before the call is looked at: Linux and the BSDs
/// wake whoever waits for a connect that is shut down, Windows does not.
const SLICE: Duration = Duration::from_millis(50);

/// A connection to `origin` that is ready for a request.
pub(crate) fn dial(call: &Arc<Call>, shared: &Arc<Shared>, origin: &Origin) -> Result<Box<Conn>, Error> {
    let started = Instant::now();
    let mut conn = match shared.proxy_to(origin) {
        Some(proxy) => {
            let conn = connect(call, shared, &proxy.host, proxy.port, false);
            let mut conn = conn.map_err(|error| proxy::unreachable(call, proxy, error))?;
            proxy.open_tunnel(call, &mut conn, origin)?;
            conn
        }
        None => connect(call, shared, &origin.host, origin.port, !origin.https)?,
    };
    if origin.https {
        let wrong = |_| Error::argument(format_args!("{} is no name a certificate can be for", origin.host));
        let name = ServerName::try_from(origin.host.to_string()).map_err(wrong)?;
        call.enter(Stage::Tls);
        let config = shared.state().tls.config(call, shared, origin)?;
        conn.start_tls(call, config, name)?;
    }
    shared.log.line(call, Level::Debug, format_args!("connected to {origin} in {} ms", started.elapsed().as_millis()));
    Ok(conn)
}

fn connect(call: &Arc<Call>, shared: &Arc<Shared>, host: &str, port: u16, plain: bool) -> Result<Box<Conn>, Error> {
    let addresses = &shared.state().addresses;
    call.enter(Stage::Lookup);
    let mut found = addresses.find(call, shared.lookup.as_ref(), host)?;
    if plain {
        // Checked on what was looked up: a name says nothing about where it leads.
        found.retain(IpAddr::is_loopback);
        if found.is_empty() {
            let what = format_args!("http://{host} leads to an address that is not loopback; nothing was sent");
            return Err(call.error(Reason::PlainHttp, what));
        }
    }
    call.enter(Stage::Connect);
    let targets: Vec<SocketAddr> = interleave(&found).map(|address| SocketAddr::new(address, port)).collect();
    let connecting = Arc::new(Connecting::default());
    match call.waiting(connecting.clone(), || race(call, &connecting, &targets, host, port)) {
        Ok(socket) => Conn::new(socket, call),
        Err(error) => {
            // It may have moved: look it up again next time.
            addresses.forget(host);
            Err(error)
        }
    }
}

/// IPv6 and IPv4 in turn, the family that came first first (RFC 8305, 4).
fn interleave(addresses: &[IpAddr]) -> impl Iterator<Item = IpAddr> {
    let first_is_v6 = addresses.first().is_some_and(IpAddr::is_ipv6);
    let (first, second): (Vec<IpAddr>, Vec<IpAddr>) =
        addresses.iter().partition(|address| address.is_ipv6() == first_is_v6);
    let most = first.len().max(second.len());
    (0..most).flat_map(move |at| [first.get(at).copied(), second.get(at).copied()]).flatten()
}

/// The sockets of a race, for a cancel to end.
#[derive(Default)]
struct Connecting(Mutex<Vec<Arc<Socket>>>);

impl Wait for Connecting {
    fn end(&self, _: Stage) {
        for socket in lock(&self.0).iter() {
            // Refused where a connect cannot be ended so; then the race looks.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// Connects to all `targets`, each a little later than the one before it or as
/// soon as that failed; the first that answers wins.
fn race(
    call: &Call,
    connecting: &Connecting,
    targets: &[SocketAddr],
    host: &str,
    port: u16,
) -> Result<TcpStream, Error> {
    let mut waiting = targets.iter();
    let mut start_next_at = Instant::now();
    let mut last: Option<io::Error> = None;
    let failed = |error: &io::Error| fault::from_connect(call, error, &format_args!("{host} port {port}"));
    loop {
        let left = call.left()?;
        let mut running = lock(&connecting.0).clone();
        if Instant::now() >= start_next_at || running.is_empty() {
            match waiting.next() {
                Some(target) => match begin_connect(*target) {
                    Ok(socket) => {
                        running.push(Arc::new(socket));
                        lock(&connecting.0).clone_from(&running);
                        // A cancel before this line did not find the socket.
                        call.check()?;
                        start_next_at = Instant::now() + HEAD_START;
                    }
                    Err(error) => {
                        last = Some(error);
                        continue;
                    }
                },
                None if running.is_empty() => {
                    return Err(failed(&last.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into())));
                }
                None => start_next_at = Instant::now() + HEAD_START,
            }
        }
        let next = start_next_at.saturating_duration_since(Instant::now());
        let ended = wait_connected(&running, left.min(next).min(SLICE)).map_err(|error| failed(&error))?;
        // A socket that a cancel ended looks connected.
        call.check()?;
        for (socket, _) in running.into_iter().zip(ended).filter(|(_, ended)| *ended) {
            lock(&connecting.0).retain(|other| !Arc::ptr_eq(other, &socket));
            match socket.take_error() {
                Ok(None) => {
                    let socket = Arc::into_inner(socket).ok_or_else(|| call.cut_off("The connection broke"))?;
                    return Ok(socket.into());
                }
                Ok(Some(error)) | Err(error) => {
                    last = Some(error);
                    start_next_at = Instant::now();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_cancel_ends_a_connect_that_nobody_answers() {
        // A backlog that is full.
        let listener = Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        listener.bind(&SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0)).into()).expect("a port");
        listener.listen(0).expect("it is bound");
        let address = listener.local_addr().expect("its address").as_socket().expect("of IPv4");
        let patience = Duration::from_millis(200);
        let _fill: Vec<TcpStream> =
            std::iter::from_fn(|| TcpStream::connect_timeout(&address, patience).ok()).collect();
        let socket = Arc::new(begin_connect(address).expect("begun"));
        let connecting = Connecting::default();
        lock(&connecting.0).push(socket.clone());
        let ended = |wait| wait_connected(std::slice::from_ref(&socket), wait).expect("a wait");
        assert_eq!(ended(Duration::from_millis(1)), [false]);
        connecting.end(Stage::Connect);
        assert_eq!(ended(Duration::from_secs(60)), [true]);
    }

    #[test]
    fn families_take_turns_and_the_first_address_stays_first() {
        let addresses = |text: &str| -> Vec<IpAddr> {
            text.split_whitespace().map(|address| address.parse().expect("an address")).collect()
        };
        for (given, expected) in [
            ("", ""),
            ("192.0.2.1", "192.0.2.1"),
            ("::1 ::2 192.0.2.1", "::1 192.0.2.1 ::2"),
            ("192.0.2.1 ::1 192.0.2.2 192.0.2.3 ::2", "192.0.2.1 ::1 192.0.2.2 ::2 192.0.2.3"),
        ] {
            assert_eq!(interleave(&addresses(given)).collect::<Vec<_>>(), addresses(expected), "{given}");
        }
    }
}
