//! What belongs to the subject, handed over or destroyed: one action each.
//!
//! An export is a folder of plain files that a person asked for and may do with what they like; it appears whole or not at all. Deleting
//! destroys the key first. Neither reaches into films: their takes are named, and purged where the film is open.

use super::Consents;
use super::adding::PICTURE;
use crate::problem::Trouble;
use kinora_consent::Denied;
use kinora_document::CameoId;
use kinora_ports::Fault;
use std::path::{Path, PathBuf};

impl Consents {
    /// The newest consent as a file to hand on. It says who may use it; it holds no recording.
    pub fn consent_file(&self, cameo: CameoId) -> Result<String, Trouble> {
        let ledger = self.ledger(cameo)?;
        let standing = ledger.current().filter(|standing| standing.revoked_at.is_none());
        let standing = standing.ok_or_else(|| super::refused(Denied::Missing))?;
        Ok(standing.signed.write())
    }

    /// Everything there is about the subject: recordings, chosen pictures, consents, the record itself, and the list of what was made.
    pub fn export(&self, cameo: CameoId, folder: &Path) -> Result<usize, Trouble> {
        if folder.exists() {
            return Err(Trouble::refuse(
                "cameo.export_exists",
                format!("There is already something at {}.", folder.display()),
                "Choose another name.",
            ));
        }
        let view = self.view_of(cameo)?;
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        for sealed in self.tools.vault.names(cameo)? {
            files.push((sealed.name.clone(), self.tools.vault.read(cameo, &sealed.name)?));
        }
        if let Ok(ledger) = self.ledger(cameo) {
            let numbered = ledger.consents().iter().enumerate();
            files.extend(
                numbered.map(|(at, own)| (format!("consent-{}.json", at + 1), own.signed.write().into_bytes())),
            );
        }
        files.push(("record.log".to_owned(), self.lock().records.text(cameo)?));
        let about = serde_json::to_vec_pretty(&view).map_err(|e| unwritten(folder, &e))?;
        files.push(("about.json".to_owned(), about));
        let part = part_of(folder);
        let written = std::fs::create_dir(&part)
            .and_then(|()| files.iter().try_for_each(|(name, bytes)| std::fs::write(part.join(name), bytes)))
            .and_then(|()| std::fs::rename(&part, folder));
        written.map_err(|error| {
            let _ = std::fs::remove_dir_all(&part);
            unwritten(folder, &error)
        })?;
        Ok(files.len())
    }

    /// Takes back every consent, destroys key and recordings, and forgets the name. What that is worth, and what is left, as sentences.
    pub fn delete(&self, cameo: CameoId) -> Result<Vec<String>, Trouble> {
        // A record that cannot be read stops nobody from deleting what it is about.
        let films = self.ledger(cameo).map(|ledger| {
            let mut films: Vec<String> = ledger.used().iter().map(|used| used.film.clone()).collect();
            films.sort();
            films.dedup();
            films
        });
        let _held = self.tools.vault.hold()?;
        let mut said = self.tools.vault.destroy(cameo)?;
        self.lock().records.delete(cameo)?;
        let films = films.unwrap_or_default();
        if !films.is_empty() {
            said.push(format!("Takes made with it are still in: {}. Open each film to remove them.", films.join(", ")));
        }
        Ok(said)
    }

    /// Whether a sealed name is one of the chosen pictures.
    pub(super) fn is_picture(name: &str) -> bool {
        name.starts_with(PICTURE)
    }
}

fn part_of(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    folder.with_file_name(name)
}

fn unwritten(folder: &Path, error: &dyn std::fmt::Display) -> Trouble {
    Trouble::from(Fault::new(
        format!("The data could not be written to {}.", folder.display()),
        "Check that the folder above it is there, that you may write there, and that the disk is not full.",
        error,
    ))
}
