//! The server, tried from outside: one file a subject, all in one program, because linking the server takes longer than most of them run.
//!
//! They run beside each other in one process. A test that changes what the whole process has (its environment, its working folder, the
//! subscriber of `tracing`) is a program of its own: see the manifest.
#![allow(clippy::disallowed_methods, reason = "tests spoil files on purpose")]

mod support;

mod audit;
mod backends;
mod beside;
mod bits;
mod changes;
mod clock;
mod commands;
mod config;
mod crash;
mod declarations;
mod desk_accesses;
mod desk_notices;
mod desk_proof;
mod embedding;
mod evidence;
mod exports;
mod faults;
mod files;
mod fsck;
mod holders;
mod https;
mod keys;
mod later;
mod log;
mod log_crash;
mod log_setback;
mod metrics;
mod monitoring;
mod one_peer;
mod openapi;
mod owner;
mod postgres;
mod pressure;
mod pruning;
mod records;
mod refusals;
mod reload;
mod retired;
mod staff;
mod staff_door;
mod staff_erasure;
mod staff_session;
mod start;
mod starter;
mod timestamp;
mod tokens;
mod trying;
mod verdicts;
mod vouched;
mod witness;

#[test]
fn every_file_of_this_folder_is_run() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let (here, manifest) = (include_str!("all.rs"), include_str!("../Cargo.toml"));
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = file.strip_suffix(".rs") else {
            continue;
        };
        let is_run = here.contains(&format!("\nmod {name};\n"))
            || manifest.contains(&format!("\npath = \"tests/{file}\"\n"));
        assert!(
            is_run,
            "tests/{file} is not run: add `mod {name};` to tests/all.rs"
        );
    }
}
