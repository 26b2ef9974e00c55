//! Which keys of a set are used, which of them for a token, and how long.

use super::*;

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An odd number of so many bits.
fn modulus(bits: usize) -> Vec<u8> {
    let mut octets = vec![0x55; bits.div_ceil(8)];
    octets[0] = 1 << ((bits - 1) % 8);
    octets
}

/// An RSA key of so many bits, with further members in front.
fn rsa_of(members: &str, bits: usize, e: &str) -> String {
    format!(r#"{{{members}"kty":"RSA","n":"{}","e":"{e}"}}"#, encoded(&modulus(bits)))
}

fn rsa(members: &str) -> String {
    rsa_of(members, 2048, "AQAB")
}

fn ec(members: &str, crv: &str, x: usize, y: usize) -> String {
    let (x, y) = (encoded(&vec![7; x]), encoded(&vec![7; y]));
    format!(r#"{{{members}"kty":"EC","crv":"{crv}","x":"{x}","y":"{y}"}}"#)
}

fn set(keys: &[String]) -> Keys {
    Keys::parse(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes()).expect("a JWK Set")
}

fn algorithm(name: &str) -> &'static Algorithm {
    Algorithm::named(name).expect("an algorithm")
}

#[test]
fn what_can_verify_is_used_and_the_rest_passed_over() {
    for used in [
        rsa(""),
        rsa(r#""use":"sig","alg":"RS256","kid":"","x5c":["MIIB"],"#),
        rsa(r#""key_ops":["sign","verify"],"#),
        rsa(r#""alg":"PS256","#),
        rsa_of("", 8192, "AQAB"),
        rsa_of("", 2049, "Aw"),
        rsa_of("", 2048, "AAEAAQ"),
        ec("", "P-256", 32, 32),
        ec(r#""alg":"ES256","#, "P-256", 32, 32),
    ] {
        assert_eq!(set(std::slice::from_ref(&used)).0.len(), 1, "{used}");
    }
    for passed_over in [
        rsa(r#""use":"enc","#),
        rsa(r#""use":7,"#),
        rsa(r#""key_ops":["encrypt"],"#),
        rsa(r#""key_ops":[],"#),
        rsa(r#""key_ops":"verify","#),
        rsa(r#""alg":"RSA-OAEP","#),
        rsa(r#""alg":"HS256","#),
        rsa(r#""alg":"none","#),
        rsa(r#""alg":"ES256","#),
        rsa(r#""alg":7,"#),
        rsa(r#""kid":7,"#),
        rsa(r#""kid":"1","kid":"1","#),
        rsa_of("", 512, "AQAB"),
        rsa_of("", 1024, "AQAB"),
        rsa_of("", 2047, "AQAB"),
        rsa_of("", 8193, "AQAB"),
        rsa_of("", 2048, "AQ"),
        rsa_of("", 2048, "AAAB"),
        rsa_of("", 2048, "BA"),
        rsa_of("", 2048, ""),
        rsa_of("", 2048, "AA"),
        rsa_of("", 2048, "AQAB="),
        rsa("").replace(r#""e":"#, r#""E":"#),
        rsa("").replace(r#""n":"#, r#""N":"#),
        rsa("").replace("RSA", "rsa"),
        ec("", "P-256", 31, 32),
        ec("", "P-256", 32, 33),
        ec("", "P-384", 48, 48),
        ec("", "secp256k1", 32, 32),
        ec(r#""alg":"RS256","#, "P-256", 32, 32),
        ec("", "P-256", 32, 32).replace(r#""crv":"P-256","#, ""),
        ec("", "P-256", 32, 32).replace("EC", "OKP"),
        r#"{"kty":"oct","k":"c2VjcmV0"}"#.to_owned(),
        r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#.to_owned(),
        "{}".to_owned(),
        "null".to_owned(),
        "7".to_owned(),
    ] {
        let keys = set(&[passed_over.clone(), rsa(r#""kid":"good","#)]);
        assert_eq!(keys.0.len(), 1, "{passed_over}");
        assert!(keys.knows("good"));
    }
    assert!(set(&[]).0.is_empty());
}

#[test]
fn what_is_no_set_of_bounded_size_is_refused() {
    let reason = |body: &[u8]| Keys::parse(body).map_or_else(|error| error.reason, |_| Reason::None);
    for body in ["", "[]", "<html>", "{}", r#"{"keys":null}"#, r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
        assert_eq!(reason(body.as_bytes()), Reason::AnswerNotUnderstood, "{body}");
    }
    let many = |count: usize| format!(r#"{{"keys":[{}]}}"#, vec!["{}"; count].join(","));
    assert_eq!(reason(many(100).as_bytes()), Reason::None);
    assert_eq!(reason(many(101).as_bytes()), Reason::AnswerTooLarge);
    let padded = |bytes: usize| [br#"{"keys":[]}"#, vec![b' '; bytes - 11].as_slice()].concat();
    assert_eq!(reason(&padded(262_144)), Reason::None);
    assert_eq!(reason(&padded(262_145)), Reason::AnswerTooLarge);
}

#[test]
fn a_key_is_found_by_its_id_or_because_it_is_the_only_one() {
    let keys = set(&[
        rsa(r#""kid":"1","#),
        rsa(r#""kid":"2","#),
        ec(r#""kid":"3","#, "P-256", 32, 32),
        rsa(r#""kid":"2","#),
        // Another use of the same id does not count.
        rsa(r#""kid":"1","use":"enc","#),
        ec(r#""kid":"","#, "P-256", 31, 32),
    ]);
    let found = |kid, alg| keys.find(kid, algorithm(alg)).map(|key| key.kid.as_deref());
    assert_eq!(found(Some("1"), "RS384"), Ok(Some("1")));
    assert_eq!(found(Some("3"), "ES256"), Ok(Some("3")));
    assert_eq!(found(None, "ES256"), Ok(Some("3")));
    for (kid, alg, problem) in [
        (Some("2"), "RS256", "more than once"),
        (Some("3"), "RS256", "for another algorithm"),
        (Some("1"), "ES256", "for another algorithm"),
        (Some("4"), "RS256", "does not list"),
        (Some(""), "ES256", "does not list"),
        (None, "RS256", "several that fit"),
    ] {
        assert!(found(kid, alg).is_err_and(|said| said.contains(problem)), "{kid:?} {alg}");
    }
    assert!(set(&[]).find(None, algorithm("ES256")).is_err_and(|said| said.contains("none that fits")));
}

#[test]
fn a_key_never_verifies_for_another_kind() {
    let keys = set(&[rsa(""), ec("", "P-256", 32, 32)]);
    let [rsa, p256] = keys.0.as_slice() else { panic!("two keys") };
    assert!(!rsa.verifies(algorithm("ES256"), b"", b""));
    assert!(!p256.verifies(algorithm("RS256"), b"", b""));
}

const HOUR: u64 = 60 * 60 * 1000;
const MINUTE: u64 = 60 * 1000;

/// "fetch", or how many keys are used.
fn next(cache: &Cache, kid: Option<&str>, now_ms: u64) -> String {
    match cache.next(kid, now_ms) {
        Next::Fetch => "fetch".to_owned(),
        Next::Use(keys) => format!("use {}", keys.0.len()),
    }
}

fn kept(keys: Option<std::sync::Arc<Keys>>) -> Option<usize> {
    keys.map(|keys| keys.0.len())
}

#[test]
fn keys_serve_for_an_hour() {
    let mut cache = Cache::default();
    assert_eq!(next(&cache, Some("1"), 5), "fetch");
    assert_eq!(cache.fetched(set(&[rsa(r#""kid":"1","#)]), 5).0.len(), 1);
    assert_eq!(next(&cache, Some("1"), 5), "use 1");
    assert_eq!(next(&cache, Some("1"), 5 + HOUR - 1), "use 1");
    assert_eq!(next(&cache, Some("1"), 5 + HOUR), "fetch");
    assert_eq!(next(&cache, Some("1"), u64::MAX), "fetch");
}

#[test]
fn the_newest_keys_are_all_that_counts() {
    let mut cache = Cache::default();
    cache.fetched(set(&[rsa(r#""kid":"1","#)]), 0);
    let both = cache.fetched(set(&[rsa(r#""kid":"1","#), rsa(r#""kid":"2","#)]), HOUR);
    assert!(both.knows("1") && both.knows("2"));
    assert_eq!(next(&cache, Some("1"), HOUR + MINUTE), "use 2");
    // The server withdrew a key, then all of them.
    cache.fetched(set(&[rsa(r#""kid":"2","#)]), 2 * HOUR);
    assert_eq!(next(&cache, Some("1"), 2 * HOUR + MINUTE), "fetch");
    cache.fetched(set(&[]), 3 * HOUR);
    assert_eq!(next(&cache, Some("2"), 3 * HOUR + 1), "use 0");
    assert_eq!(kept(cache.failed(Some("2"), 3 * HOUR + MINUTE)), None);
}

#[test]
fn an_unknown_key_is_asked_for_once_a_minute() {
    let mut cache = Cache::default();
    cache.fetched(set(&[rsa(r#""kid":"1","#)]), 0);
    for kid in [Some("2"), None] {
        assert_eq!(next(&cache, kid, MINUTE - 1), "use 1", "{kid:?}");
        assert_eq!(next(&cache, kid, MINUTE), "fetch", "{kid:?}");
    }
    cache.fetched(set(&[rsa(r#""kid":"1","#)]), MINUTE);
    assert_eq!(next(&cache, Some("2"), 2 * MINUTE - 1), "use 1");
    // A fetch that failed counts too.
    assert_eq!(next(&cache, Some("2"), 2 * MINUTE), "fetch");
    assert_eq!(kept(cache.failed(Some("2"), 2 * MINUTE)), None);
    assert_eq!(next(&cache, Some("2"), 3 * MINUTE - 1), "use 1");
    assert_eq!(next(&cache, Some("2"), 3 * MINUTE), "fetch");
}

#[test]
fn old_keys_bridge_an_outage_of_a_day() {
    let mut cache = Cache::default();
    assert_eq!(kept(cache.failed(Some("1"), 0)), None);
    assert_eq!(next(&cache, Some("1"), 1), "fetch", "nothing else could be done");
    cache.fetched(set(&[rsa(r#""kid":"1","#)]), 0);
    assert_eq!(kept(cache.failed(Some("1"), 2 * HOUR)), Some(1));
    assert_eq!(kept(cache.failed(None, 2 * HOUR)), Some(1));
    assert_eq!(kept(cache.failed(Some("2"), 2 * HOUR)), None);
    // Not every call has to wait for a server that does not answer.
    assert_eq!(next(&cache, Some("1"), 2 * HOUR + MINUTE - 1), "use 1");
    assert_eq!(next(&cache, Some("1"), 2 * HOUR + MINUTE), "fetch");
    assert_eq!(kept(cache.failed(Some("1"), 24 * HOUR - 1)), Some(1));
    assert_eq!(next(&cache, Some("1"), 24 * HOUR), "fetch");
    assert_eq!(kept(cache.failed(Some("1"), 24 * HOUR)), None);
}

#[test]
fn a_clock_that_jumps_back_only_costs_a_fetch() {
    let mut cache = Cache::default();
    cache.fetched(set(&[rsa(r#""kid":"1","#)]), 100 * HOUR);
    for kid in [Some("1"), Some("2")] {
        assert_eq!(next(&cache, kid, 100 * HOUR - 1), "fetch", "{kid:?}");
    }
    // Of unknown age, they do not bridge an outage.
    assert_eq!(kept(cache.failed(Some("1"), 50 * HOUR)), None);
    cache.fetched(set(&[rsa(r#""kid":"1","#)]), 50 * HOUR);
    assert_eq!(next(&cache, Some("1"), 50 * HOUR + 1), "use 1");
    assert_eq!(next(&cache, Some("2"), 50 * HOUR + MINUTE), "fetch");
}
