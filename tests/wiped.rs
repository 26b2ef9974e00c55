//! What held a secret is overwritten before it is freed: this program's
//! allocator looks into every block that is given back.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ropc::oauth::store::{Binding, Record};
use ropc::oauth::{Held, Options, Secret, SecretBytes, SecretMethod, TokenKind, Tokens};

/// In no other text of this program; all but its last byte is enough.
const SECRET: &str = "freed-9d41b7-secret";

struct Looking;

static FOUND: AtomicUsize = AtomicUsize::new(0);
static FREED: AtomicUsize = AtomicUsize::new(0);

fn look(block: *mut u8, len: usize) {
    // SAFETY: a block that is about to be given back. What its owner did not
    // write is whatever was there before, which is only compared.
    let bytes = unsafe { std::slice::from_raw_parts(block, len) };
    let secret = &SECRET.as_bytes()[..SECRET.len() - 1];
    FREED.fetch_add(1, Ordering::Relaxed);
    FOUND.fetch_add(bytes.windows(secret.len()).filter(|window| *window == secret).count(), Ordering::Relaxed);
}

// SAFETY: the system's allocator; a block is read before it is given back.
unsafe impl GlobalAlloc for Looking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the function's own. Zeros, so that no block shows what an
        // earlier one held.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        look(block, layout.size());
        // SAFETY: as the function's own.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static LOOKING: Looking = Looking;

/// How many freed blocks showed the secret while `work` ran; some were freed.
fn shown(work: impl FnOnce()) -> usize {
    let (found, freed) = (FOUND.load(Ordering::Relaxed), FREED.load(Ordering::Relaxed));
    work();
    assert!(FREED.load(Ordering::Relaxed) > freed, "nothing was freed");
    FOUND.load(Ordering::Relaxed) - found
}

fn record() -> Record {
    Record {
        access_token: Some(Secret::new(SECRET)),
        refresh_token: Some(Secret::new(SECRET)),
        id_token: Some(Secret::from_string(SECRET.to_owned())),
        expires_at: 2_000_000_000,
        ..Record::default()
    }
}

/// One test: others would free blocks of their own meanwhile.
#[test]
fn no_freed_block_shows_a_secret() {
    assert_eq!(shown(|| drop(SECRET.to_owned())), 1, "a plain text does");
    assert_eq!(shown(|| drop(Secret::new(SECRET))), 0);
    assert_eq!(shown(|| drop(Secret::from_string(SECRET.to_owned()))), 0);
    let grown = shown(|| {
        let mut bytes = SecretBytes::with_capacity(1);
        for _ in 0..100 {
            bytes.push(SECRET.as_bytes());
            let read = bytes.push_from(1, |room| {
                let count = room.len().min(SECRET.len());
                room[..count].copy_from_slice(&SECRET.as_bytes()[..count]);
                Ok::<_, ()>(count)
            });
            assert!(read.is_ok());
        }
    });
    assert_eq!(grown, 0, "bytes that were moved");
    let failed = shown(|| {
        let mut bytes = SecretBytes::with_capacity(SECRET.len());
        let read = bytes.push_from(1, |room| {
            room[..SECRET.len()].copy_from_slice(SECRET.as_bytes());
            Err::<usize, _>(())
        });
        assert!(read.is_err());
    });
    assert_eq!(failed, 0, "what a read that failed left behind");
    let binding = Binding { origin: "https://a.example".into(), client_id: "app".into(), user_key: "ada".into() };
    let written = record().to_json(&binding).expect("a record");
    assert_eq!(shown(|| drop(record().to_json(&binding).expect("a record"))), 0);
    assert_eq!(shown(|| drop(Record::parse(written.expose(), &binding).expect("a record"))), 0);
    assert_eq!(shown(|| drop(written)), 0);
    let mut options = Options::loginradius("acme.example", "demo", "client").expect("settings");
    options.set_secret(SECRET, SecretMethod::Post).expect("a secret");
    options.set_api_key(SECRET).expect("a key");
    assert_eq!(shown(|| drop(options)), 0);
    let claims = format!(r#"{{"sub":"{SECRET}"}}"#);
    let jwt = format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(&claims));
    let tokens = |access_token: &str| Tokens {
        access_token: Secret::new(access_token),
        token_type: "Bearer".to_owned(),
        refresh_token: Some(Secret::new(SECRET)),
        id_token: Some(Secret::new(SECRET)),
        scope: None,
        expires_at: 0,
        received_at: 0,
        server_date_at: 0,
        extras: vec![("more".to_owned(), Secret::new(SECRET))],
    };
    assert_eq!(shown(|| drop(tokens(&jwt).unverified_claims(TokenKind::Access).expect("claims"))), 0);
    assert_eq!(shown(|| drop(Held::from_tokens(tokens(SECRET), 1, 0))), 0);
}
