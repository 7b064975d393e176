//! See `chirm::fuzz::names`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chirm::fuzz::names(data));
