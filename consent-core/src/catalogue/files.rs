//! The files of the catalogue, compiled in. A test finds every file of the folder here.

/// The id of each service, and its file; in the order of ids.
pub(super) const FILES: &[(&str, &str)] = &[
    (
        "google-analytics",
        include_str!("../../services/google-analytics.toml"),
    ),
    ("meta-pixel", include_str!("../../services/meta-pixel.toml")),
    ("youtube", include_str!("../../services/youtube.toml")),
];
