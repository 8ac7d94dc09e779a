//! A project as one file to hand on: a zip of `project.json`, the journal and the media.
//!
//! Reading one treats it as hostile: names are checked ([`SafeRelPath`]), sizes and counts are limited before anything is written, media must
//! have the hash they are named by, and all of it goes into a staging folder that is renamed only when everything was right. Lock, index,
//! scratch and window state never travel.

use crate::blobs::MEDIA;
use crate::folder::ProjectFolder;
use crate::ledger::{JOURNAL, PROJECT};
use crate::real_disk::RealDisk;
use crate::safe_path::SafeRelPath;
use kinora_document::{BlobHash, Film, Refusal};
use kinora_ports::{Disk, Fault, PortError};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A film of 5,000 shots with twenty takes each stays below.
const ENTRIES: usize = 250_000;
/// One media file.
const ENTRY_BYTES: u64 = 16 << 30;
const TOTAL_BYTES: u64 = 256 << 30;
/// All that is unpacked, to the size of the bundle: text compresses well, but not a thousandfold.
const RATIO: u64 = 200;
/// Below this nothing is a bomb.
const HARMLESS_BYTES: u64 = 64 << 20;
/// The journal and project file are text that is read into memory.
const TEXT_BYTES: u64 = 1 << 30;

#[derive(Debug, Default, Serialize)]
pub struct BundleReport {
    pub files: usize,
    pub bytes: u64,
    /// As sentences: media that were damaged on disk and did not travel, and what never travels.
    pub left_out: Vec<String>,
}

/// Writes the project at `root` into one file. All or nothing.
pub fn bundle(root: &Path, target: &Path) -> Result<BundleReport, PortError> {
    // Opening takes the lock, so nobody writes meanwhile, and mends a torn end.
    let (project, opened) = ProjectFolder::open(root)?;
    let part = part_name(target);
    let made = write_bundle(project.root(), &part).and_then(|mut report| {
        report.left_out.extend(stays_here(&opened.film));
        std::fs::rename(&part, target)?;
        sync_folder_of(target)?;
        Ok(report)
    });
    made.map_err(|error| {
        let _ = std::fs::remove_file(&part);
        Fault::new(
            format!("The bundle {} could not be written.", target.display()),
            "Check that there is space on the disk and that you may write there; the film itself is untouched.",
            error,
        )
        .into()
    })
}

/// Consents and recordings are no part of a project; whoever gets the bundle should know.
fn stays_here(film: &Film) -> Option<String> {
    let cameos: BTreeSet<_> = film.cast.iter().filter_map(|member| member.cameo).map(|using| using.cameo).collect();
    (!cameos.is_empty()).then(|| {
        let count = cameos.len();
        format!(
            "The consents and recordings of {count} cameos stay on this machine: whoever generates these shots elsewhere needs \
             their signed consent files."
        )
    })
}

fn write_bundle(root: &Path, part: &Path) -> io::Result<BundleReport> {
    let mut zip = ZipWriter::new(Quiet { file: File::create(part)?, failed: false });
    let mut report = BundleReport::default();
    let mut names = vec![PROJECT.to_owned()];
    if root.join(JOURNAL).exists() {
        names.push(JOURNAL.to_owned());
    }
    collect_media(root, &PathBuf::from(MEDIA), 0, &mut names)?;
    for name in names {
        if let Some(Some(wanted)) = expected_hash(&name)
            && crate::blobs::hash_file(&root.join(&name))? != wanted
        {
            // It would make whoever gets the bundle refuse all of it.
            report.left_out.push(format!("{name} was changed on disk and is left out."));
            continue;
        }
        // Media are compressed already.
        let method = if name.starts_with(MEDIA) { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default().compression_method(method).large_file(true);
        zip.start_file(&name, options).map_err(io::Error::other)?;
        report.bytes += io::copy(&mut File::open(root.join(&name))?, &mut zip)?;
        report.files += 1;
    }
    zip.finish().map_err(io::Error::other)?.file.sync_all()?;
    Ok(report)
}

/// Reports the first failure and then takes everything: the zip writer finishes its file even when it is given up, and would complain on the
/// terminal of whoever was told already.
struct Quiet {
    file: File,
    failed: bool,
}

impl Write for Quiet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed {
            return Ok(bytes.len());
        }
        self.file.write(bytes).inspect_err(|_| self.failed = true)
    }
    fn flush(&mut self) -> io::Result<()> {
        if self.failed { Ok(()) } else { self.file.flush() }
    }
}

impl io::Seek for Quiet {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

fn collect_media(root: &Path, folder: &Path, depth: usize, names: &mut Vec<String>) -> io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(root.join(folder))?.collect::<io::Result<_>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = folder.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < 2 && entry.file_name() != "scratch" {
            collect_media(root, &path, depth + 1, names)?;
        } else if kind.is_file() && depth == 2 {
            let name = path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
            // Desktops leave files of their own everywhere; those are not of the film.
            if expected_hash(&name).is_some() {
                names.push(name);
            }
        }
    }
    Ok(())
}

/// Makes a project folder at `target` from a bundle. Nothing is written outside a staging folder beside it, which is renamed at the end.
pub fn unbundle(file: &Path, target: &Path) -> Result<BundleReport, PortError> {
    if target.exists() {
        return Err(Refusal::new(
            "project.exists",
            format!("There is already something at {}.", target.display()),
            "Choose another name.",
        )
        .into());
    }
    let staging = make_staging(target)?;
    let result = read_bundle(file, &staging).and_then(|report| {
        prove(&staging)?;
        sync_all_folders(&staging)
            .and_then(|()| std::fs::rename(&staging, target))
            .and_then(|()| sync_folder_of(target))
            .map_err(|e| refuse(&format!("the folder could not be named ({e})")))?;
        Ok(report)
    });
    if result.is_err() {
        let _ = std::fs::remove_dir_all(&staging);
    }
    result
}

/// A folder beside `target` that did not exist before, so that nothing of anybody's is in it.
fn make_staging(target: &Path) -> Result<PathBuf, PortError> {
    let mut number = 0;
    loop {
        let mut staging = part_name(target).into_os_string();
        staging.push(number.to_string());
        let staging = PathBuf::from(staging);
        match std::fs::create_dir(&staging) {
            Ok(()) => return Ok(staging),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1_000 => number += 1,
            Err(error) => {
                return Err(Fault::new(
                    format!("The film could not be unpacked to {}.", target.display()),
                    "Check that the folder around it exists and that you may write there, or choose another place.",
                    error,
                )
                .into());
            }
        }
    }
}

/// The film must open as it is, with nothing to mend and nothing that no film can have, before the folder gets its name.
fn prove(staging: &Path) -> Result<(), PortError> {
    let (_, opened) =
        ProjectFolder::open(staging).map_err(|error| refuse(&format!("its film cannot be opened ({error})")))?;
    if let Some(repair) = opened.repairs.first() {
        return Err(refuse(&format!("it is damaged ({repair})")));
    }
    match kinora_document::check(&opened.film).first() {
        Some(violation) => Err(refuse(&format!("its film is not one that can be ({})", violation.text))),
        None => Ok(()),
    }
}

/// The names in `folder` and below are durable afterwards.
fn sync_all_folders(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_all_folders(&entry.path())?;
        }
    }
    RealDisk::new(folder).sync_folder(Path::new(""))
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    RealDisk::new(folder).sync_folder(Path::new(""))
}

fn read_bundle(file: &Path, staging: &Path) -> Result<BundleReport, PortError> {
    let packed = std::fs::metadata(file).map_or(0, |about| about.len());
    let most = packed.saturating_mul(RATIO).clamp(HARMLESS_BYTES, TOTAL_BYTES);
    let opened = File::open(file).map_err(|e| refuse(&format!("it could not be opened ({e})")))?;
    let mut zip = ZipArchive::new(opened).map_err(|e| refuse(&format!("it is not a bundle ({e})")))?;
    if zip.len() > ENTRIES {
        return Err(refuse("it holds more files than any film has"));
    }
    let mut seen = BTreeSet::new();
    let mut report = BundleReport::default();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|e| refuse(&format!("entry {index} cannot be read ({e})")))?;
        let name =
            entry.name().map_err(|e| refuse(&format!("entry {index} has an unreadable name ({e})")))?.into_owned();
        let safe = SafeRelPath::parse(&name).map_err(|why| refuse(&format!("“{}”: {why}", shown(&name))))?;
        if !entry.is_file() || entry.is_symlink() {
            return Err(refuse(&format!("“{}” is not a plain file", shown(&name))));
        }
        if !seen.insert(name.to_lowercase()) {
            return Err(refuse(&format!("“{}” is in it twice", shown(&name))));
        }
        let wanted =
            expected_hash(&name).ok_or_else(|| refuse(&format!("“{}” does not belong in a film", shown(&name))))?;
        let limit = if wanted.is_some() { ENTRY_BYTES } else { TEXT_BYTES };
        let size = entry.size();
        if size > limit || size > most.saturating_sub(report.bytes) {
            return Err(refuse(&format!("“{}” is larger than it may be", shown(&name))));
        }
        let path = staging.join(safe.as_path());
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| copy_hashed(&mut entry, &path, limit.min(size)))
            .map_err(|e| refuse(&format!("“{}” could not be unpacked ({e})", shown(&name))))?;
        if wanted.is_some_and(|wanted| wanted != written.1) {
            return Err(refuse(&format!("“{}” was changed: its content is not what its name says", shown(&name))));
        }
        report.files += 1;
        report.bytes += written.0;
    }
    if !seen.contains(PROJECT) {
        return Err(refuse("its project.json is missing"));
    }
    Ok(report)
}

/// None: such a name has no place in a bundle. Some(None): text. Some(Some(hash)): media with that content.
fn expected_hash(name: &str) -> Option<Option<BlobHash>> {
    if name == PROJECT || name == JOURNAL {
        return Some(None);
    }
    match name.split('/').collect::<Vec<_>>().as_slice() {
        [folder, first, second, hash] if *folder == MEDIA => {
            let parsed: BlobHash = hash.parse().ok()?;
            (parsed.to_string() == *hash && hash.get(..2) == Some(first) && hash.get(2..4) == Some(second))
                .then_some(Some(parsed))
        }
        _ => None,
    }
}

/// Never writes more than `limit` bytes, whatever the header claimed.
fn copy_hashed(from: &mut impl Read, to: &Path, limit: u64) -> io::Result<(u64, BlobHash)> {
    let mut file = File::options().write(true).create_new(true).open(to)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    let mut total = 0u64;
    loop {
        let read = from.read(&mut buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        total += read as u64;
        if total > limit {
            return Err(io::Error::other("it is larger than its header says"));
        }
        if read == 0 {
            file.sync_all()?;
            return Ok((total, BlobHash(*hasher.finalize().as_bytes())));
        }
        hasher.update(bytes);
        file.write_all(bytes)?;
    }
}

fn part_name(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    target.with_file_name(name)
}

fn shown(name: &str) -> String {
    name.chars().take(80).map(|c| if c.is_control() { '�' } else { c }).collect()
}

fn refuse(why: &str) -> PortError {
    Refusal::new(
        "bundle.unusable",
        format!("The bundle was not opened: {why}."),
        "Ask for the bundle again from whoever made it; nothing was written.",
    )
    .into()
}
