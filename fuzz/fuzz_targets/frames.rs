//! See `chirm::fuzz::frames`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chirm::fuzz::frames(data));
