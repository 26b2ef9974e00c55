//! What the fuzz targets do with an input. Each is a plain function, so that
//! the same is done to every kept input by a test that needs no fuzzer: see
//! tests/replay.rs. A target panics when the library broke a promise.

#[cfg(not(fuzzing))]
compile_error!("the library shows its inside only under --cfg fuzzing: run tests/fuzz/run.py, or cargo in tests/fuzz");

mod addresses;
mod c_api;
mod http;
mod id_token;
mod input;
mod json;
mod quoted;
mod record;
mod redact;
mod refusal;
mod rules;
mod server;
mod times;
mod token_answer;

pub use addresses::addresses;
pub use c_api::c_api;
pub use http::http;
pub use id_token::id_token;
pub use record::record;
pub use redact::redact;
pub use refusal::refusal;
pub use times::times;
pub use token_answer::token_answer;

/// A target: its name, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by name.
pub const TARGETS: [Target; 9] = [
    ("addresses", addresses),
    ("c_api", c_api),
    ("http", http),
    ("id_token", id_token),
    ("record", record),
    ("redact", redact),
    ("refusal", refusal),
    ("times", times),
    ("token_answer", token_answer),
];
