//! The house rules as an ordinary test, so that `cargo test` knows them too.
//! It exists because a rule that only a separate tool checks is forgotten; the rules themselves are xtask's.
//! It must never have an exception of its own: what the task refuses, this refuses.

#[path = "../crates/xtask/src/rules.rs"]
mod rules;

use std::path::Path;

#[test]
fn the_tree_keeps_the_house_rules() {
    let found = rules::findings(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the tree can be read");
    assert!(found.is_empty(), "{} places to tidy:\n{}", found.len(), found.join("\n"));
}
