#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| realmward_fuzz::conversations::tds(octets));
