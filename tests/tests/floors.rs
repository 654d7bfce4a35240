//! The floors of the house: which room of a crate may use which, and no circles between files.
//!
//! When this fails it names the file, the line and the arrow. Move what is needed to a room beneath both, or hand it in as an
//! argument. A new room gets a line in the table; the exceptions are what is still to be taken out, and only ever shrink.

use std::path::Path;

use consent_tests::floors::House;

/// From the top down; rooms on one line do not use each other.
const CORE: &str = "
publication
evidence notice
check formats look render
backend site
cookie i18n
lifetime receipt
scope tlog_proof witness
checkpoint cosignature record
canonical decision holder key merkle note
digest id
archive base64url language number time
";

#[test]
fn the_core_stands() {
    stands("consent-core", CORE, "");
}

fn stands(name: &str, floors: &str, excused: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let own = name.replace('-', "_");
    let house = House::read(&root.join(name).join("src"), &own).unwrap();
    let faults = house.faults(floors, excused);
    assert!(faults.is_empty(), "{name}/src:\n{}", faults.join("\n"));
}
