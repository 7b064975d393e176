//! See `chirm::fuzz::request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chirm::fuzz::request(data));
