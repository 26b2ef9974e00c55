#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ropc_fuzz::c_api(input));
