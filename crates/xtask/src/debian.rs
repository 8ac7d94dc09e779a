//! Asking dpkg what is missing, and apt to install it, on Debian and its children.
//! It exists because that is where a fresh machine can be made ready with no reading at all.
//! It must never install before it has named the packages, nor ask for a password that nobody can type.

use std::path::Path;
use std::process::Command;

use crate::packages::{self, Purpose};
use crate::trouble::Trouble;
use crate::{process, say};

/// Which system this is, in the words of `packages::advice`; Debian's children are "debian".
pub fn system() -> String {
    if cfg!(target_os = "macos") {
        return "macos".to_owned();
    }
    if cfg!(windows) {
        return "windows".to_owned();
    }
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    kind(&release).to_owned()
}

fn kind(release: &str) -> &'static str {
    let words: Vec<&str> = release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches('"').split_whitespace())
        .collect();
    for (names, kind) in [
        (&["debian", "ubuntu"][..], "debian"),
        (&["fedora", "rhel", "centos"][..], "fedora"),
        (&["arch", "archlinux"][..], "arch"),
    ] {
        if words.iter().any(|word| names.contains(word)) {
            return kind;
        }
    }
    "linux"
}

/// The packages of the list that dpkg does not know as installed.
pub fn missing(purpose: Purpose) -> Vec<&'static str> {
    let wanted = packages::debian(purpose);
    // dpkg-query fails when a name is unknown but still prints the others, so its status says nothing.
    let output =
        Command::new("dpkg-query").args(["-W", "-f", "${Package} ${db:Status-Status}\n"]).args(&wanted).output();
    let known = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let mut missing = not_installed(&wanted, &known);
    if purpose == Purpose::Test && !process::succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"])) {
        missing.extend(["python3", "python3-venv"]);
    }
    missing
}

fn not_installed(wanted: &[&'static str], known: &str) -> Vec<&'static str> {
    let installed: Vec<&str> = known.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    wanted.iter().copied().filter(|package| !installed.contains(package)).collect()
}

/// Names what is missing and installs it, once allowed.
pub fn install(packages: &[&str]) -> Result<(), Trouble> {
    let typed = format!("apt-get update && apt-get install --no-install-recommends {}", packages.join(" "));
    say::note(&format!("missing: {}", packages.join(" ")));
    let root = process::read(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    let sudo = Path::new("/usr/bin/sudo").exists();
    let quiet_sudo = sudo && process::succeeds(Command::new("sudo").args(["-n", "true"]));
    let allowed = root || quiet_sudo || (sudo && say::someone_is_there());
    if !allowed {
        return Err(Trouble::missing(format!(
            "These packages need an administrator. Run, and try again:\n  sudo sh -c '{typed}'"
        )));
    }
    if !say::ask("Install them now with apt (about a minute, up to 350 MB)?") {
        return Err(Trouble::missing(format!("Nothing was installed. When you want them:\n  sudo sh -c '{typed}'")));
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new(if root { "env" } else { "sudo" });
        if !root {
            command.arg("env");
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(arguments);
        command
    };
    say::step("Installing packages", "a minute");
    let failed = |_| {
        Trouble::missing(format!(
            "apt could not install what is missing. If this machine is offline, connect it; otherwise run by hand:\n  sudo sh -c '{typed}'"
        ))
    };
    process::run(&mut apt(&["update", "-qq"])).map_err(failed)?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    process::run(&mut apt(&arguments)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_known_by_its_family() {
        assert_eq!(kind("ID=debian\nVERSION_ID=\"12\""), "debian");
        assert_eq!(kind("ID=linuxmint\nID_LIKE=\"ubuntu debian\""), "debian");
        assert_eq!(kind("NAME=Fedora\nID=fedora"), "fedora");
        assert_eq!(kind("ID=endeavouros\nID_LIKE=arch"), "arch");
        assert_eq!(kind("ID=nixos"), "linux");
    }

    #[test]
    fn removed_but_configured_packages_count_as_missing() {
        let known = "cmake installed\nclang config-files\n";
        assert_eq!(not_installed(&["cmake", "clang", "lld"], known), ["clang", "lld"]);
    }
}
