//! Looking a project over, and mending it.
//!
//! Checking reads everything and changes nothing, so that it also serves on a disk nobody may write to. Repairing is opening, which mends
//! journal and index, and then checking; it never invents what is gone.

use crate::blobs::MEDIA;
use crate::folder::{ProjectFolder, unusable};
use crate::ledger::{JOURNAL, Loaded, PROJECT};
use crate::real_disk::RealDisk;
use kinora_document::{BlobHash, ClipSource, Film};
use kinora_ports::store::Edit;
use kinora_ports::{Disk, PortError};
use std::collections::BTreeMap;
use std::path::Path;

/// What `kinora project check` finds.
#[derive(Debug, Default, serde::Serialize)]
pub struct CheckReport {
    pub edits: usize,
    pub shots: usize,
    pub takes: usize,
    /// Sentences; empty when the project is whole.
    pub problems: Vec<String>,
}

/// Looks at everything and changes nothing.
pub fn check(root: &Path) -> Result<CheckReport, PortError> {
    let disk = RealDisk::new(root);
    let beginning = disk
        .read(Path::new(PROJECT))
        .map_err(|e| unusable(&root.join(PROJECT), "read", &e))
        .and_then(|bytes| kinora_document::migrate::decode_film(&bytes).map_err(PortError::Refused))?;
    let journal = match disk.read(Path::new(JOURNAL)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(unusable(&root.join(JOURNAL), "read", &error));
        }
        read => read.unwrap_or_default(),
    };
    let (lines, whole) = crate::Journal::inspect(&journal);
    let edits: Vec<Edit> = lines
        .into_iter()
        .filter_map(|line| if let crate::Line::Edit(edit) = line { Some(edit) } else { None })
        .collect();
    let loaded = Loaded { beginning, edits, records: BTreeMap::new(), damage: None };
    let (film, misfit) = loaded.replay();
    let mut problems: Vec<String> = misfit.into_iter().map(|misfit| misfit.sentence).collect();
    if !whole {
        problems.push("The journal has a damaged line; `kinora project repair` keeps everything before it.".to_owned());
    }
    for violation in kinora_document::check::check(&film) {
        problems.push(violation.text);
    }
    for (name, blob) in named_blobs(&film) {
        let place = root.join(MEDIA).join(blob.to_string().get(..2).unwrap_or_default());
        let place = place.join(blob.to_string().get(2..4).unwrap_or_default()).join(blob.to_string());
        match crate::blobs::hash_file(&place) {
            Ok(hash) if hash == blob => {}
            Ok(_) => problems.push(format!("{name} was changed on disk.")),
            Err(_) => problems.push(format!("{name} is missing from the media folder.")),
        }
    }
    Ok(CheckReport { edits: loaded.edits.len(), shots: film.shots.len(), takes: film.takes.len(), problems })
}

/// Opens (which mends journal and index) and then checks again.
pub fn repair(root: &Path) -> Result<(Vec<String>, CheckReport), PortError> {
    let (project, opened) = ProjectFolder::open(root)?;
    drop(project);
    Ok((opened.repairs, check(root)?))
}

fn named_blobs(film: &Film) -> Vec<(String, BlobHash)> {
    let used = |take| film.clips.iter().any(|clip| clip.source == ClipSource::Take(take));
    let mut blobs = Vec::new();
    for take in film.takes.iter() {
        let where_used = if used(take.id) { " (used on the timeline)" } else { "" };
        blobs.push((format!("The take {}{where_used}", take.id), take.blob));
        blobs.extend(take.thumbnail.map(|blob| (format!("The thumbnail of take {}", take.id), blob)));
    }
    for media in film.media.iter() {
        blobs.push((format!("The imported file “{}”", media.name), media.blob));
    }
    for member in film.cast.iter() {
        blobs.extend(member.references.iter().map(|blob| (format!("A reference picture of {}", member.name), *blob)));
    }
    blobs
}
