//! The table of ARCHITECTURE.md as a test: which of our crates may import which, and what each must never see.
//! It exists because a boundary that is only written down is crossed by the first hurried change.
//! It must never list a crate that is not in the tree, nor leave out one that is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

struct Room {
    name: &'static str,
    /// Which of our crates it may import, besides in tests.
    may_import: &'static [&'static str],
    /// What must not be anywhere below it, by crate name.
    never_sees: &'static [&'static str],
}

const WINDOWS: &[&str] = &["tauri", "tao", "wry", "gtk", "rfd"];
const PICTURES: &[&str] = &["wgpu", "cosmic-text"];
const TENSORS: &[&str] = &["candle-core", "candle-nn", "safetensors"];
const MEDIA: &[&str] = &["gstreamer", "cpal", "rubato"];
const SPEECH: &[&str] = &["ttspico-sys"];
const STORAGE: &[&str] = &["sled", "zip", "tempfile", "fs4"];
const KEYCHAINS: &[&str] = &["keyring-core", "dbus-secret-service-keyring-store"];
const NETWORK: &[&str] = &["hyper", "reqwest", "ureq", "axum", "mio"];
const CHANCE_AND_THREADS: &[&str] = &["rand", "getrandom", "tokio", "rayon", "uuid", "chrono", "time"];

const PURE: &[&[&str]] = &[WINDOWS, PICTURES, TENSORS, MEDIA, SPEECH, STORAGE, KEYCHAINS, NETWORK, CHANCE_AND_THREADS];

const TABLE: &[(Room, &[&[&str]])] = &[
    (Room { name: "kinora-screenplay", may_import: &[], never_sees: &[] }, PURE),
    (Room { name: "kinora-document", may_import: &["kinora-screenplay"], never_sees: &[] }, PURE),
    (Room { name: "kinora-api", may_import: &["kinora-document"], never_sees: &[] }, PURE),
    (Room { name: "kinora-interchange", may_import: &["kinora-document"], never_sees: &[] }, PURE),
    (Room { name: "kinora-consent", may_import: &["kinora-document"], never_sees: &[] }, PURE),
    (Room { name: "kinora-policy", may_import: &[], never_sees: &[] }, PURE),
    (
        Room { name: "kinora-ports", may_import: &["kinora-consent", "kinora-document"], never_sees: &["tokio"] },
        &[WINDOWS, PICTURES, TENSORS, MEDIA, SPEECH, STORAGE, NETWORK],
    ),
    (
        Room {
            name: "kinora-backend",
            may_import: &[
                "kinora-api",
                "kinora-consent",
                "kinora-document",
                "kinora-policy",
                "kinora-ports",
                "kinora-screenplay",
            ],
            never_sees: &[],
        },
        &[WINDOWS, PICTURES, TENSORS, MEDIA, SPEECH, STORAGE, NETWORK],
    ),
    (
        Room { name: "kinora-store", may_import: &["kinora-ports", "kinora-document"], never_sees: &["tokio"] },
        &[WINDOWS, PICTURES, TENSORS, MEDIA, NETWORK],
    ),
    (
        Room {
            name: "kinora-engine",
            may_import: &["kinora-ports", "kinora-document", "kinora-models"],
            never_sees: &["tokio"],
        },
        &[WINDOWS, PICTURES, MEDIA, NETWORK],
    ),
    (
        Room {
            name: "kinora-faces",
            may_import: &["kinora-ports", "kinora-unpacked"],
            never_sees: &["tokio", "rayon"],
        },
        &[WINDOWS, PICTURES, TENSORS, MEDIA, SPEECH, STORAGE, NETWORK],
    ),
    (
        Room {
            name: "kinora-compositor",
            may_import: &["kinora-ports", "kinora-document", "kinora-shaders"],
            never_sees: &["tokio"],
        },
        &[WINDOWS, TENSORS, MEDIA, NETWORK],
    ),
    (
        Room { name: "kinora-media", may_import: &["kinora-ports", "kinora-document"], never_sees: &["tokio"] },
        &[WINDOWS, PICTURES, TENSORS, NETWORK],
    ),
    (
        Room { name: "kinora-vault", may_import: &["kinora-ports", "kinora-document"], never_sees: &["tokio"] },
        &[WINDOWS, PICTURES, TENSORS, MEDIA, SPEECH, NETWORK],
    ),
    (
        Room {
            name: "kinora-voice",
            // Tensor code alone, for Kokoro: a voice has no queue, no device and no manifest, which is what the engine is for.
            may_import: &["kinora-ports", "kinora-document", "kinora-models", "kinora-unpacked"],
            never_sees: &["tokio"],
        },
        &[WINDOWS, PICTURES, MEDIA, &["sled", "fs4"], NETWORK],
    ),
    // Reading and writing files with a history makes no connection, but its library has temporary files for formats we do not sign.
    (
        Room {
            name: "kinora-provenance",
            may_import: &["kinora-ports", "kinora-document"],
            never_sees: &["tokio", "openssl", "sled"],
        },
        &[WINDOWS, PICTURES, TENSORS, MEDIA, SPEECH, NETWORK],
    ),
    (
        Room { name: "kinora-remote", may_import: &["kinora-ports", "kinora-document"], never_sees: &["tokio"] },
        &[WINDOWS, PICTURES, TENSORS, MEDIA, SPEECH, STORAGE],
    ),
    (
        Room { name: "kinora-models", may_import: &[], never_sees: &["tokio"] },
        &[WINDOWS, PICTURES, MEDIA, &["sled", "fs4"], NETWORK],
    ),
    (
        Room { name: "kinora-shaders", may_import: &[], never_sees: &["tokio"] },
        &[WINDOWS, PICTURES, TENSORS, MEDIA, STORAGE, NETWORK],
    ),
    // The page may see the crates of the browser; of ours, what both sides of the bridge share.
    (
        Room { name: "kinora-ui", may_import: &["kinora-api", "kinora-document"], never_sees: &["kinora-backend"] },
        &[WINDOWS, PICTURES, TENSORS, MEDIA, &["sled"], &["hyper", "reqwest", "ureq", "axum"]],
    ),
    // Build scripts alone.
    (
        Room { name: "kinora-unpacked", may_import: &[], never_sees: &["tokio"] },
        &[WINDOWS, PICTURES, TENSORS, MEDIA, SPEECH, STORAGE, NETWORK],
    ),
    (Room { name: "xtask", may_import: &[], never_sees: &["tokio"] }, &[WINDOWS, TENSORS, NETWORK]),
    // The shell composes everything, and is what nobody imports.
    (
        Room {
            name: "kinora",
            may_import: &[
                "kinora-api",
                "kinora-backend",
                "kinora-compositor",
                "kinora-document",
                "kinora-engine",
                "kinora-faces",
                "kinora-interchange",
                "kinora-media",
                "kinora-models",
                "kinora-ports",
                "kinora-provenance",
                "kinora-remote",
                "kinora-screenplay",
                "kinora-shaders",
                "kinora-store",
                "kinora-vault",
                "kinora-voice",
            ],
            never_sees: &["kinora-ui", "xtask"],
        },
        &[],
    ),
];

/// Words of the standard library that a crate without a world must not write outside its tests.
const WORLD: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::io::std",
];
const FILES_AND_NETWORK: &[&str] = &["std::fs", "std::net", "std::process"];
const SOURCES: &[(&str, &[&str])] = &[
    ("crates/screenplay/src", WORLD),
    ("crates/document/src", WORLD),
    ("crates/api/src", WORLD),
    ("crates/interchange/src", WORLD),
    ("crates/consent/src", WORLD),
    ("crates/policy/src", WORLD),
    ("models/src", FILES_AND_NETWORK),
    ("shaders/src", FILES_AND_NETWORK),
];

/// Our packages, and for each the names of the packages below it.
struct Graph {
    ours: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
    below: BTreeMap<String, Vec<String>>,
}

impl Graph {
    /// As cargo sees it on this machine; normal and build dependencies, not those of tests.
    fn read() -> Self {
        let rustc = Command::new("rustc").arg("-vV").output().expect("rustc starts");
        let about = String::from_utf8(rustc.stdout).expect("rustc speaks UTF-8");
        let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", host])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo starts");
        assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let names: BTreeMap<String, String> =
            list(&metadata["packages"]).iter().map(|package| (text(&package["id"]), text(&package["name"]))).collect();
        let ours = list(&metadata["workspace_members"]).iter().map(|id| (names[&text(id)].clone(), text(id))).collect();
        let mut below = BTreeMap::new();
        for node in list(&metadata["resolve"]["nodes"]) {
            let real = |edge: &Value| list(&edge["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev");
            let edges = list(&node["deps"]).iter().filter(|edge| real(edge)).map(|edge| text(&edge["pkg"])).collect();
            below.insert(text(&node["id"]), edges);
        }
        Self { ours, names, below }
    }

    fn directly_below(&self, name: &str) -> BTreeSet<&str> {
        self.below[&self.ours[name]].iter().map(|id| self.names[id].as_str()).collect()
    }

    fn anywhere_below(&self, name: &str) -> BTreeSet<&str> {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut waiting: Vec<&str> = self.below[&self.ours[name]].iter().map(String::as_str).collect();
        while let Some(id) = waiting.pop() {
            if seen.insert(id) {
                waiting.extend(self.below[id].iter().map(String::as_str));
            }
        }
        seen.into_iter().map(|id| self.names[id].as_str()).collect()
    }
}

#[test]
fn every_crate_is_in_the_table() {
    let graph = Graph::read();
    let listed: BTreeSet<&str> = TABLE.iter().map(|(room, _)| room.name).collect();
    let present: BTreeSet<&str> = graph.ours.keys().map(String::as_str).collect();
    assert_eq!(
        present, listed,
        "left: in the workspace, right: in the table of tests/architecture.rs and ARCHITECTURE.md"
    );
}

#[test]
fn crates_import_only_what_the_table_allows() {
    let graph = Graph::read();
    let mut crossed = Vec::new();
    for (room, _) in TABLE {
        for import in graph.directly_below(room.name) {
            if graph.ours.contains_key(import) && !room.may_import.contains(&import) {
                crossed.push(format!("{} imports {import}", room.name));
            }
        }
    }
    assert!(crossed.is_empty(), "{crossed:#?}");
}

#[test]
fn technology_stays_behind_its_port() {
    let graph = Graph::read();
    let mut crossed = Vec::new();
    for (room, kinds) in TABLE {
        let below = graph.anywhere_below(room.name);
        for forbidden in kinds.iter().copied().flatten().chain(room.never_sees) {
            if below.contains(forbidden) {
                crossed.push(format!("{} has {forbidden} below it", room.name));
            }
        }
    }
    assert!(crossed.is_empty(), "{crossed:#?}");
}

#[test]
fn crates_without_a_world_do_not_reach_for_it() {
    let mut crossed = Vec::new();
    for (folder, words) in SOURCES {
        for file in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) {
            let text = std::fs::read_to_string(&file).expect("a source file can be read");
            // Tests stand at the end of a file or in files of their own, and may do as they like.
            let written = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
            for (number, line) in written.enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                for word in words.iter().filter(|word| line.contains(**word)) {
                    crossed.push(format!("{}:{}: {word}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(crossed.is_empty(), "{crossed:#?}");
}

#[test]
fn one_file_of_the_page_knows_tauri() {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src");
    let knowing: Vec<PathBuf> = rust_files(&ui)
        .into_iter()
        .filter(|file| {
            let text = std::fs::read_to_string(file).expect("a source file can be read");
            text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains("__TAURI"))
        })
        .collect();
    assert!(knowing.iter().all(|file| file.ends_with("ui/src/bridge.rs")), "besides bridge.rs: {knowing:?}");
}

/// The released files of Kokoro are pickles. What reads them is private to its folder, behind a conversion that one file calls.
#[test]
fn a_pickle_is_read_where_a_person_has_it_converted_and_nowhere_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["crates", "src-tauri", "ui/src"].map(|folder| rust_files(&root.join(folder)));
    let calling = folders.into_iter().flatten().filter(|file| {
        let text = std::fs::read_to_string(file).expect("a source file can be read");
        let mut written = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        written.any(|line| line.contains("released_model") || line.contains("released_voice"))
    });
    let calling: Vec<PathBuf> = calling.collect();
    assert_eq!(calling, [root.join("crates/voice/src/kokoro/convert.rs")]);
    let family = std::fs::read_to_string(root.join("models/src/kokoro/mod.rs")).expect("a source file can be read");
    assert!(family.lines().any(|line| line == "mod pickle;"), "its reader is not private");
}

#[test]
fn every_crate_takes_the_one_set_of_lints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut manifests = vec![
        root.join("Cargo.toml"),
        root.join("models/Cargo.toml"),
        root.join("shaders/Cargo.toml"),
        root.join("ui/Cargo.toml"),
    ];
    let crates = std::fs::read_dir(root.join("crates")).expect("crates/ can be read");
    manifests.extend(crates.map(|entry| entry.expect("an entry").path().join("Cargo.toml")));
    for manifest in manifests {
        let text = std::fs::read_to_string(&manifest).expect("a manifest can be read");
        assert!(
            text.contains("[lints]\nworkspace = true"),
            "{} does not take the workspace's lints",
            manifest.display()
        );
    }
}

#[test]
fn the_window_runs_under_a_strict_content_policy() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tauri.conf.json")).expect("readable");
    let configuration: Value = serde_json::from_str(&text).expect("tauri.conf.json is JSON");
    let policy = &configuration["app"]["security"]["csp"];
    assert_eq!(policy["default-src"], "'none'");
    assert_eq!(policy["script-src"], "'self' 'wasm-unsafe-eval'");
    assert_eq!(policy["style-src"], "'self'");
    assert_eq!(policy["frame-src"], "'none'");
    let all = policy.to_string();
    for forbidden in ["unsafe-inline", "'unsafe-eval'", "https:", "*"] {
        assert!(!all.contains(forbidden), "{forbidden} in the content policy");
    }
    assert!(configuration["app"]["security"]["dangerousDisableAssetCspModification"].as_bool() != Some(true));
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "tests" {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests.rs" {
            found.push(path);
        }
    }
    found.sort();
    found
}
