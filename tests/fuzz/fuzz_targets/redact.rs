#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ropc_fuzz::redact(input));
