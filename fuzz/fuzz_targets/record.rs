#![no_main]

#[path = "../../consent-core/tests/laws/mod.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|data: &[u8]| laws::record::holds(data));
