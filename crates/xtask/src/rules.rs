//! The house rules a program can check: how files open, how long they are, what they must not hold.
//! It exists once and is used twice, by `cargo xtask tidy` and, as an ordinary test, by `tests/tidy.rs`.
//! It must never depend on anything outside the standard library, so that the test can include it as it is.

use std::io;
use std::path::{Path, PathBuf};

/// A file longer than this is two rooms.
const LONGEST_FILE: usize = 600;
/// A file says at least what it is. The front door of a crate says also why it exists and what it must never do.
const OPENING_LINES: usize = 1;
const FRONT_DOOR_LINES: usize = 3;
const SKIPPED_FOLDERS: [&str; 5] = ["target", "dist", "dist.part", "node_modules", "__pycache__"];

/// Everything that breaks a rule, as "path:line: sentence", in the order of paths.
pub fn findings(root: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    list(root, &mut files)?;
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let Ok(text) = String::from_utf8(std::fs::read(&file)?) else { continue };
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        for (line, sentence) in check(&name, &text) {
            found.push(format!("{name}:{line}: {sentence}"));
        }
        if name.ends_with(".md") && !name.contains("fixtures") {
            for (line, target) in broken_links(&file, &text) {
                found.push(format!("{name}:{line}: the link to {target} leads nowhere"));
            }
        }
    }
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap_or_default();
    for command in ["cargo xtask run", "cargo xtask test"] {
        if !readme.contains(command) {
            found.push(format!("README.md:1: does not name `{command}`"));
        }
    }
    Ok(found)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let hidden = name.starts_with('.') && ![".ci", ".github", ".cargo", ".config"].contains(&name.as_str());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !hidden && !SKIPPED_FOLDERS.contains(&name.as_str()) && !name.ends_with(".kinora") {
                list(&path, files)?;
            }
        } else if kind.is_file() && !hidden {
            files.push(path);
        }
    }
    Ok(())
}

/// The rules on one file: (line, sentence) for each that it breaks.
fn check(name: &str, text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_code = ["rs", "py", "wgsl", "css", "js"].contains(&extension);
    let these_rules = name.ends_with("xtask/src/rules.rs");
    if is_code {
        if let Some(sentence) = opening(name, extension, text) {
            found.push((1, sentence.to_owned()));
        }
        let length = text.lines().count();
        if length > LONGEST_FILE {
            found.push((length, format!("{length} lines; {LONGEST_FILE} is the most, split it by what it does")));
        }
    }
    let written =
        is_code || ["toml", "md", "json", "yml", "html", "sh", "fountain"].contains(&extension) || name == ".ci/run";
    for (number, line) in text.lines().enumerate().filter(|_| written && !these_rules) {
        if extension == "rs" && ["todo!(", "unimplemented!("].iter().any(|stub| line.contains(stub)) {
            found.push((number + 1, "a stub: write it, or leave it out".to_owned()));
        }
        if is_code && ["TODO", "FIXME", "XXX"].iter().any(|mark| has_word(line, mark)) {
            found.push((number + 1, "a note to self: do it, or open an issue".to_owned()));
        }
        if let Some(path) = machine_path(line) {
            found.push((number + 1, format!("a path of one machine ({path}…): use a relative one")));
        }
    }
    found
}

/// Every source file says what it is before it says anything else.
fn opening(name: &str, extension: &str, text: &str) -> Option<&'static str> {
    let front_door = name.ends_with("src/lib.rs") || name.ends_with("src/main.rs");
    let least = if front_door { FRONT_DOOR_LINES } else { OPENING_LINES };
    let introduced = text.lines().take_while(|line| line.starts_with("//!")).count();
    let first = text.lines().find(|line| !line.starts_with("#!")).unwrap_or("").trim_start();
    match extension {
        _ if text.trim().is_empty() => None,
        "rs" if introduced < least && front_door => {
            Some("a crate's front door opens with three `//!` lines: what it is, why it exists, what it must never do")
        }
        "rs" if introduced < least => {
            Some("opens without `//!` lines: what it is, why it exists, what it must never do")
        }
        "py" if !first.starts_with("\"\"\"") => {
            Some("opens without a docstring: what it is, why it exists, what it must never do")
        }
        "wgsl" | "js" if !first.starts_with("//") => Some("opens without a comment: what it is and why it exists"),
        "css" if !first.starts_with("/*") => Some("opens without a comment: what it is and why it exists"),
        _ => None,
    }
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let edge = |side: Option<char>| side.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_');
        edge(line[..at].chars().next_back()) && edge(line[at + word.len()..].chars().next())
    })
}

/// A folder that exists on somebody's machine only.
fn machine_path(line: &str) -> Option<&'static str> {
    ["/home/", "/Users/", "/root/", "/work/", "C:\\Users\\"].into_iter().find(|path| {
        line.match_indices(path).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|letter| !letter.is_alphanumeric() && !['.', '-', '_', '/', '}', '~'].contains(&letter))
        })
    })
}

/// Relative links whose file is not there.
fn broken_links(file: &Path, text: &str) -> Vec<(usize, String)> {
    let mut broken = Vec::new();
    let mut in_code = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for (at, _) in line.match_indices("](") {
            let target = line[at + 2..].split([')', ' ', '#']).next().unwrap_or("");
            let elsewhere = target.is_empty() || target.contains(':') || target.starts_with('/');
            if !elsewhere && !file.parent().is_some_and(|folder| folder.join(target).exists()) {
                broken.push((number + 1, target.to_owned()));
            }
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "//! What.\n//! Why.\n//! Never.\nfn f() {}\n";

    fn sentences(name: &str, text: &str) -> usize {
        check(name, text).len()
    }

    #[test]
    fn a_file_that_introduces_itself_is_left_alone() {
        assert_eq!(sentences("a.rs", GOOD), 0);
        assert_eq!(sentences("a.py", "#!/usr/bin/env python3\n\"\"\"What, why.\"\"\"\n"), 0);
        assert_eq!(sentences("__init__.py", ""), 0);
    }

    #[test]
    fn each_rule_is_noticed() {
        assert_eq!(sentences("a.rs", "fn f() {}\n"), 1);
        assert_eq!(sentences("a/src/lib.rs", "//! What.\nfn f() {}\n"), 1);
        assert_eq!(sentences("a.rs", &format!("{GOOD}{}", "// \n".repeat(LONGEST_FILE))), 1);
        assert_eq!(sentences("a.rs", &format!("{GOOD}fn g() {{ todo!() }}\n")), 1);
        assert_eq!(sentences("a.rs", &format!("{GOOD}// FIXME later\n")), 1);
        assert_eq!(sentences("a.md", "see /home/anna/film\n"), 1);
        assert_eq!(sentences("a.css", "a { b: c }\n"), 1);
    }

    #[test]
    fn addresses_and_other_folders_are_not_machine_paths() {
        assert_eq!(sentences("a.md", "https://example.org/work/1 and ~/work/ and target/work/x\n"), 0);
    }
}
