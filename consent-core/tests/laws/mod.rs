//! What must hold for any input whatever: one law a reader. The fuzz targets of `/fuzz` search for inputs that break
//! one, and `tests/seeds.rs` replays the inputs that are checked in.

pub(crate) mod canonical;
pub(crate) mod cookie;
pub(crate) mod receipt;
pub(crate) mod record;
pub(crate) mod site;

/// The law of this name: the name of its fuzz target, and of the folder of its seeds.
#[allow(dead_code, reason = "each fuzz target knows its own")]
pub(crate) fn of(name: &str) -> Option<fn(&[u8])> {
    Some(match name {
        "canonical" => canonical::holds,
        "cookie" => cookie::holds,
        "receipt" => receipt::holds,
        "record" => record::holds,
        "site" => site::holds,
        _ => return None,
    })
}
