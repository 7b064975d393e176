//! See `chirm::fuzz::rest`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chirm::fuzz::rest(data));
