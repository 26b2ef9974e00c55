//! A process that does nothing but refresh is killed, at any moment. The next
//! start reads the store; it is signed in, or it is told that nobody knows;
//! and never does it send a refresh token for a second time by itself.
//!
//! `make test-all` runs it longer: `ROPC_TEST_KILLS` says how often.

mod common;

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use common::client;
use common::part::{Part, part, say};
use common::session::{Place, WAIT_MS, file_store, text};
use common::trouble::SOON;
use ropc::oauth::store::Store;
use ropc::oauth::{Client, EndpointKind, Held, Limit, Options, Reason, Session, Status};
use standin::{CLIENT, PASSWORD, Standin};

const KILLS: usize = 15;

/// What the starts after the kills were told.
#[derive(Debug, Default)]
struct Starts {
    signed_in: usize,
    /// Unclear, and the refresh token had not been used.
    not_used: usize,
    /// Unclear, and it had been.
    used: usize,
    /// How often something was left of a file that was being written.
    torn: usize,
}

#[test]
fn a_killed_process_leaves_a_session_or_the_truth() {
    if let Some(told) = part() {
        return refresh_for_ever(&told);
    }
    let kills = std::env::var("ROPC_TEST_KILLS").map_or(KILLS, |text| text.parse().expect("a number"));
    let (server, place) = (Standin::start(), Place::new());
    let ca = place.folder().join("ca.pem").to_str().expect("UTF-8").to_owned();
    fs::write(&ca, server.ca_pem()).expect("a file");
    // No connection stays, so that those of a killed process can be counted.
    let client = client_at(&server.https(), &ca, 0);
    drop(login(&client, &place.store()));
    let mut starts = Starts::default();
    let mut seed = u64::from(std::process::id());
    let started = Instant::now();
    for kill in 1..=kills {
        // Now and then the answer is on the way for a while.
        server.treat_refresh_as((kill % 2 == 0).then_some("fault:delay_3"));
        let test = "a_killed_process_leaves_a_session_or_the_truth";
        let mut part = Part::start(test, &[&server.https(), &ca, &place.file()]);
        let generation = kill_at_some_moment(&mut part, &mut seed);
        server.treat_refresh_as(None);
        // What it sent last has arrived, before anybody tries once more.
        assert!(server.wait_open(0, SOON));
        starts.torn += usize::from(has_left_overs(&place));
        start_again(&client, &server, &place, generation, &mut starts);
        server.take_requests();
        if kill % 50 == 0 {
            println!("{kill} kills, {:.0?}: {starts:?}", started.elapsed());
        }
    }
    println!("{kills} kills, {:.1?}: {starts:?}", started.elapsed());
    assert_eq!(starts.signed_in + starts.not_used + starts.used, kills);
    assert!(kills < 100 || (starts.used > 0 && starts.signed_in > 0), "the kills came at no interesting moment");
}

fn client_at(url: &str, ca: &str, idle_connections: u64) -> Client {
    let mut options = Options::oauth2(&format!("{url}/token"), CLIENT).expect("valid settings");
    options.set_endpoint(EndpointKind::Userinfo, &format!("{url}/userinfo")).expect("a URL");
    options.set_ca_pem(&fs::read(ca).expect("a file")).expect("the stand-in's CA");
    options.set_proxy("").expect("no proxy");
    options.set_limit(Limit::IdleConnections, idle_connections).expect("allowed");
    client(&options)
}

fn login(client: &Client, store: &Arc<Store>) -> Session {
    Session::login(client, "ada", PASSWORD, Some(store.clone()), None).expect("a session")
}

/// The process that is killed: says which tokens it uses.
fn refresh_for_ever(about: &[String]) {
    let [url, ca, file] = about else { panic!("{about:?}") };
    let session = Session::resume(&client_at(url, ca, 1), file_store(file), "ada").expect("a session");
    loop {
        say(session.token(0, WAIT_MS, generation).expect("a token"));
        session.refresh(false, WAIT_MS).expect("a refresh");
    }
}

fn generation(held: &Held) -> u64 {
    held.generation
}

/// Kills it somewhere in its refreshes; the generation that it used last.
fn kill_at_some_moment(part: &mut Part, seed: &mut u64) -> u64 {
    let mut hear = || (part.hear().expect("it lives"), Instant::now());
    // The first refresh connects; the second tells how long one takes here.
    let [_, (_, begin), (mut said, end)] = [hear(), hear(), hear()];
    *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    let fraction = (*seed >> 32) as f64 / f64::from(u32::MAX);
    let moment = end + (end - begin).mul_f64(1.25 * fraction);
    // A sleep would end at the ticks of a clock.
    while Instant::now() < moment {}
    part.kill();
    while let Some(more) = part.hear() {
        said = more;
    }
    said.parse().expect("a number")
}

fn has_left_overs(place: &Place) -> bool {
    let mut files = fs::read_dir(place.folder()).expect("a folder");
    files.any(|file| file.expect("a file").path().extension().is_some_and(|kind| kind == "new"))
}

/// The next start, with what the killed one left.
fn start_again(client: &Client, server: &Standin, place: &Place, used: u64, starts: &mut Starts) {
    let store = place.store();
    let session = Session::resume(client, store.clone(), "ada").expect("the store is readable");
    let found = session.token(0, WAIT_MS, generation).expect("its access token is good");
    assert!(found >= used, "generation {used} was used before it was saved; {found} was");
    accepts(client, &session);
    let reused = server.grant_counts().reused;
    let result = session.refresh(false, WAIT_MS);
    assert_eq!(server.grant_counts().reused, reused, "a refresh token was sent twice: {result:?}");
    match result.map_err(|error| error.status()) {
        Ok(_) => starts.signed_in += 1,
        Err(Status::Unclear) => match session.refresh(true, WAIT_MS) {
            Ok(_) => starts.not_used += 1,
            Err(error) => {
                assert_eq!(error.reason, Reason::RefreshEnded, "{error:?}");
                starts.used += 1;
                let gone = Session::resume(client, store.clone(), "ada").map(drop).expect_err("nobody is signed in");
                assert_eq!(gone.reason, Reason::NothingStored, "{gone:?}");
                accepts(client, &login(client, &store));
                return;
            }
        },
        Err(status) => panic!("neither signed in nor unclear: {status:?}"),
    }
    accepts(client, &session);
}

/// The server takes the session's token.
#[track_caller]
fn accepts(client: &Client, session: &Session) {
    let token = session.token(0, WAIT_MS, text).expect("a token");
    client.userinfo(&token).expect("a token that is good");
}
