//! The floors of the house: which room of a crate may use which, and no circles between files.
//!
//! When this fails it names the file, the line and the arrow. Move what is needed to a room beneath both, or hand it in as an
//! argument. A new room gets a line in the table.

use std::path::Path;

use consent_tests::floors::House;

/// From the top down; rooms on one line do not use each other.
const CORE: &str = "
publication
evidence notice
changes check formats look render
backend site
catalogue cookie i18n
lifetime receipt storage
scope tlog_proof witness
checkpoint cosignature record
canonical decision holder key merkle note
digest id
archive base64url json language number time
";

/// From the top down.
const SERVER: &str = "
cli
demo server
serve
router
admin
api
app
readiness reload
intake
retired
evidence serving
publish
cache folder
last
moving
fsck
retention
log rotation
witness
keys
export
published_declarations
auth session
store
apart metrics staff timestamp
bundle declarations gate
body static_file
data problem
calls clock cookie_header cores day fault input limit live outgoing preference presented repeats sha256 texts timeline url verdict
";

#[test]
fn the_core_stands() {
    stands("consent-core", CORE);
}

#[test]
fn the_server_stands() {
    stands("consent-server", SERVER);
}

/// What is outside of a package's folder is not in the package that `cargo package` makes. A link in the folder is followed.
#[test]
fn nothing_is_included_from_outside_a_package() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in ["consent-core", "consent-server"] {
        let folder = root.join(name);
        for path in House::includes(&folder.join("src")).unwrap() {
            assert!(
                path.starts_with(&folder),
                "{} is outside of {name}: link to it from {name}/embedded",
                path.display()
            );
            assert!(path.exists(), "{} is not there", path.display());
        }
    }
}

fn stands(name: &str, floors: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let own = name.replace('-', "_");
    let house = House::read(&root.join(name).join("src"), &own).unwrap();
    let faults = house.faults(floors, "");
    assert!(faults.is_empty(), "{name}/src:\n{}", faults.join("\n"));
}
