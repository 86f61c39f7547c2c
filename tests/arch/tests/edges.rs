//! The crate edges of the architecture page hold: an arrow that is not listed here fails.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Crate → our crates it may use. `daemon` wires everything, so nobody else has to.
const EDGES: &[(&str, &[&str])] = &[
    ("huddle-core", &[]),
    ("huddle-livekit", &["huddle-core"]),
    ("huddle-tap", &["huddle-core"]),
    ("huddle-sfu", &["huddle-core", "huddle-livekit", "huddle-tap"]),
    ("huddle-media", &["huddle-core", "huddle-tap"]),
    ("huddle-store", &["huddle-core"]),
    ("huddle-api", &["huddle-core", "huddle-livekit"]),
    ("huddle-board", &["huddle-core"]),
    (
        "huddlebox",
        &[
            "huddle-api",
            "huddle-board",
            "huddle-core",
            "huddle-livekit",
            "huddle-media",
            "huddle-sfu",
            "huddle-store",
            "huddle-tap",
        ],
    ),
    ("huddle-arch-tests", &[]),
    ("huddle-load", &["huddle-core", "huddle-livekit", "huddle-sfu", "huddle-store", "huddle-tap"]),
];

/// What the pure crates must not link, whatever the reason.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("huddle-core", &["tokio", "prost", "mio", "nix", "rand", "gstreamer", "redb", "axum"]),
    ("huddle-tap", &["tokio", "prost", "mio", "nix", "gstreamer", "str0m"]),
    ("huddle-livekit", &["tokio", "mio", "nix", "axum", "str0m"]),
];

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let normal = |d: &&cargo_metadata::Dependency| d.kind == DependencyKind::Normal;
    let packages = metadata.packages.into_iter().map(|p| {
        let names = p.dependencies.iter().filter(normal).map(|d| d.name.clone()).collect();
        (p.name.to_string(), names)
    });
    packages.collect()
}

#[test]
fn every_arrow_is_on_the_page() {
    let allowed: BTreeMap<_, _> = EDGES.iter().copied().collect();
    for (name, used) in dependencies() {
        let may = allowed.get(name.as_str()).unwrap_or_else(|| panic!("{name} is not on the page"));
        for ours in used.iter().filter(|d| d.starts_with("huddle")) {
            assert!(may.contains(&ours.as_str()), "{name} must not use {ours}");
        }
    }
}

#[test]
fn pure_crates_stay_pure() {
    let used = dependencies();
    for (name, forbidden) in FORBIDDEN {
        for dependency in &used[*name] {
            assert!(!forbidden.contains(&dependency.as_str()), "{name} must not use {dependency}");
        }
    }
}
