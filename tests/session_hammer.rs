//! Two processes with sixteen threads each hammer one session, kept in one
//! file, through many ends of its access token, at a server that takes a
//! refresh token that comes twice for theft: one refresh each time, the same
//! tokens for all, none lost, and nobody waits longer than he said.
//!
//! `make test-all` runs it longer: `ROPC_TEST_EXPIRIES` says how often.

mod common;

use std::collections::HashSet;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use common::client;
use common::part::{Part, part, say, told};
use common::session::{LIFETIME_S, MARGIN_S, Place, Time, WAIT_MS, file_store, text, token};
use ropc::oauth::{Client, Clock, EndpointKind, Options, Reason, Session};
use standin::{CLIENT, PASSWORD, Standin};

const EXPIRIES: usize = 25;
const THREADS: u64 = 16;

/// What ends the access token, in turn.
const ENDS: [&str; 3] = ["late", "refused", "early"];

/// How much later than it said a call may come back on a busy machine.
const GRACE: Duration = Duration::from_secs(5);

#[test]
fn two_processes_hammer_one_session() {
    if let Some(told) = part() {
        return hammer(&told);
    }
    let expiries = std::env::var("ROPC_TEST_EXPIRIES").map_or(EXPIRIES, |text| text.parse().expect("a number"));
    let (server, place) = (Standin::start(), Place::new());
    let ca = place.folder().join("ca.pem").to_str().expect("UTF-8").to_owned();
    fs::write(&ca, server.ca_pem()).expect("a file");
    let client = client_at(&server.https(), &ca, Clock::system());
    let first = Session::login(&client, "ada", PASSWORD, Some(place.store()), None).expect("a session");
    let mut known = token(&first);
    drop(first);
    let start = || Part::start("two_processes_hammer_one_session", &[&server.https(), &ca, &place.file()]);
    let mut parts = [start(), start()];
    let started = Instant::now();
    for round in 1..=expiries {
        let end = ENDS[round % ENDS.len()];
        parts.iter_mut().for_each(|part| part.tell(end));
        let found = [0, 1].map(|at| parts[at].hear().unwrap_or_else(|| panic!("process {at} failed in round {round}")));
        assert_eq!(found[0], found[1], "round {round}, {end}: the processes have different tokens");
        assert_ne!(found[0], known, "round {round}, {end}");
        [known, _] = found;
        let counts = server.grant_counts();
        let told = (counts.refreshed, counts.reused, counts.refused, counts.dead_families);
        assert_eq!(told, (round as u64, 0, 0, 0), "round {round}, {end}: {counts:?}");
        client.userinfo(&known).unwrap_or_else(|error| panic!("round {round}, {end}: a dead token: {error:?}"));
        server.take_requests();
        if round % 100 == 0 {
            println!("{round} expiries, {} refreshes, {:.0?}", counts.refreshed, started.elapsed());
        }
    }
    parts.into_iter().for_each(Part::join);
    println!("{expiries} expiries, none reused, none lost, {:.1?}", started.elapsed());
}

fn client_at(url: &str, ca: &str, clock: Clock) -> Client {
    let mut options = Options::oauth2(&format!("{url}/token"), CLIENT).expect("valid settings");
    options.set_endpoint(EndpointKind::Userinfo, &format!("{url}/userinfo")).expect("a URL");
    options.set_ca_pem(&fs::read(ca).expect("a file")).expect("the stand-in's CA");
    options.set_proxy("").expect("no proxy");
    options.set_timeouts(60_000, 60_000).expect("valid");
    options.set_clock(clock);
    client(&options)
}

/// One of the two processes: ends the token as it is told, has all threads ask
/// for it, and says which one they got.
fn hammer(about: &[String]) {
    let [url, ca, file] = about else { panic!("{about:?}") };
    let time = Time::new();
    let client = client_at(url, ca, time.clock());
    let session = Session::resume(&client, file_store(file), "ada").expect("a session");
    let mut known = token(&session);
    for (round, end) in told().enumerate() {
        match end.as_str() {
            "late" => time.pass_ms(LIFETIME_S * 1000),
            "early" => time.pass_ms((LIFETIME_S - MARGIN_S) * 1000),
            _ => {}
        }
        let ask = |thread| ask_often(&session, &known, &end, 100 * round as u64 + thread);
        let found: HashSet<String> = thread::scope(|scope| {
            let ask = &ask;
            let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || ask(thread))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(found.len(), 1, "different tokens: {end}");
        known = found.into_iter().next().expect("one");
        say(&known);
    }
}

/// What one thread does in one round: asks in every way there is, until it has
/// the new token and then some more.
fn ask_often(session: &Session, known: &str, end: &str, seed: u64) -> String {
    // So that the threads come in another order each time.
    thread::sleep(Duration::from_micros(seed * 7919 % 2000));
    if end == "refused" {
        session.expire(known).expect("a token");
    }
    let mut new: Option<String> = None;
    let mut more = 20;
    let mut impatient = seed.is_multiple_of(3);
    while more > 0 {
        let wait = if impatient { (seed % 20) as u32 } else { WAIT_MS };
        let started = Instant::now();
        let result = session.token(0, wait, text);
        let took = started.elapsed();
        assert!(took < Duration::from_millis(wait.into()) + GRACE, "waited {took:?} instead of {wait} ms");
        let polled = session.poll(0, text).expect("no error");
        let found = match result {
            Ok(found) => found,
            Err(error) if impatient && error.reason == Reason::TimedOut => {
                impatient = false;
                continue;
            }
            Err(error) => panic!("no token: {error:?}"),
        };
        if found == known {
            assert!(end == "early" && new.is_none(), "an old token: {end}");
            thread::sleep(Duration::from_millis(1));
            continue;
        }
        assert_eq!(new.get_or_insert(found.clone()), &found);
        assert_eq!(polled, Some(found), "a token that comes and goes");
        more -= 1;
    }
    new.expect("it ends with one")
}
