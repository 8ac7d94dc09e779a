//! A path that cannot leave its folder, as a value one must possess to write from an archive.
//!
//! Minted only here, from the names in a bundle. Everything that any system could read as something else than a plain file below the folder is
//! refused: parents, roots, drive letters, device names, streams, control characters, trailing dots, look-alike separators.

use std::path::{Path, PathBuf};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeRelPath(PathBuf);

/// Longest name the common file systems take.
const NAME_BYTES: usize = 255;
const PATH_BYTES: usize = 1024;
const DEPTH: usize = 8;
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

impl SafeRelPath {
    /// `name` as it stands in an archive, with `/` between folders.
    pub fn parse(name: &str) -> Result<Self, &'static str> {
        if name.is_empty() || name.len() > PATH_BYTES {
            return Err("its name is empty or too long");
        }
        if name.chars().any(|c| {
            c.is_control()
                || matches!(c, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{2215}' | '\u{ff0f}' | '\u{ff3c}')
        }) {
            return Err("its name has a character that is not allowed in a project");
        }
        let parts: Vec<&str> = name.split('/').collect();
        if parts.len() > DEPTH {
            return Err("it lies too deep");
        }
        for part in &parts {
            if part.is_empty() || *part == "." || *part == ".." {
                return Err("its path leaves the project or is not plain");
            }
            if part.len() > NAME_BYTES || part.ends_with(['.', ' ']) || part.starts_with(' ') {
                return Err("its name means something else on another system");
            }
            let stem = part.split('.').next().unwrap_or_default().trim_end().to_lowercase();
            if DEVICES.contains(&stem.as_str()) || stem.ends_with('$') {
                return Err("its name is a device on some systems");
            }
        }
        Ok(Self(parts.iter().collect()))
    }

    pub fn as_path(&self) -> &Path {
        &self.0
    }
}
