//! Replays the checked-in inputs of the fuzz targets (`/fuzz/seeds`): hand-picked ones, and every one that broke a law.
#![cfg(all(feature = "receipt", feature = "site"))]

mod laws;

use std::path::Path;

#[test]
fn every_law_holds_for_every_seed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    let mut replayed = 0;
    for target in std::fs::read_dir(folder).unwrap() {
        let target = target.unwrap();
        let name = target.file_name().into_string().unwrap();
        let law = laws::of(&name).unwrap_or_else(|| panic!("no law is called {name}"));
        for seed in std::fs::read_dir(target.path()).unwrap() {
            let path = seed.unwrap().path();
            let data = std::fs::read(&path).unwrap();
            let held = std::panic::catch_unwind(|| law(&data));
            assert!(held.is_ok(), "{}", path.display());
            replayed += 1;
        }
    }
    assert!(replayed > 30, "{replayed}");
}
