//! `kinora models --get`: the files of a model from its hub, after a yes to their size and licence.
//!
//! What is downloaded is named by the model's manifest with the hash that each file must have; what is already there is not asked for
//! again. Nothing is downloaded without the yes, and the model is used only when all of it came.

use super::output::Output;
use crate::places;
use kinora_backend::Trouble;
use kinora_engine::{Download, LocalEngine};
use kinora_ports::Flow;
use kinora_remote::{Address, Downloader, Wanted};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

#[derive(Debug, Serialize)]
struct Report {
    model: String,
    folder: PathBuf,
    files: usize,
    bytes: u64,
}

pub fn run(name: &str, agreed: bool, output: &Output) -> Result<(), Trouble> {
    let engine = LocalEngine::open(&places::models())?.with_own(&places::own_models());
    let (model, downloads) = engine.downloads(name)?;
    let addresses = downloads.iter().map(|file| Address::parse(&file.url)).collect::<Result<Vec<_>, _>>()?;
    let folder = places::own_models().join(name);
    let bytes: u64 = downloads.iter().map(|file| file.bytes).sum();
    let hosts: BTreeSet<&str> = addresses.iter().map(Address::host).collect();
    let hosts = hosts.into_iter().collect::<Vec<_>>().join(", ");
    output.say(&format!(
        "{}: {} files, {}, from {hosts}, into {}.\nLicence: {}",
        model.title,
        downloads.len(),
        size(bytes),
        folder.display(),
        model.licence
    ));
    if !agreed && !says_yes() {
        return Err(Trouble::refuse(
            "download.agree",
            format!(
                "Nothing was downloaded: {} has {}, under the licence “{}”.",
                model.title,
                size(bytes),
                model.licence
            ),
            "Say yes when asked, or add --yes if you agree.",
        ));
    }
    let bar = output.bar("Downloading");
    let mut before = 0;
    for (Download { path, bytes: length, blake3, .. }, address) in downloads.iter().zip(addresses) {
        let wanted = Wanted { address, name: path, bytes: *length, blake3: *blake3 };
        Downloader::default().fetch(&wanted, &folder.join(path), &mut |have| {
            bar.advance(u32::try_from((before + have) * 1000 / bytes.max(1)).unwrap_or(1000));
            Flow::Continue
        })?;
        before += length;
    }
    drop(bar);
    engine.point(&places::own_models(), name, &folder)?;
    let report = Report { model: name.to_owned(), folder, files: downloads.len(), bytes };
    output.result(&report, &format!("{}: {} files in {}", report.model, report.files, report.folder.display()));
    Ok(())
}

/// Asks on a terminal; without one nobody can say yes.
fn says_yes() -> bool {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return false;
    }
    let _ = write!(std::io::stderr().lock(), "Download? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "Yes")
}

pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}
