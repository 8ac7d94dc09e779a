//! The Cameo room's questions, answered with or without an open film.
//!
//! Paths come from grants that a dialog gave for that very purpose; a recording leaves the vault only into a folder that the person chose.

use super::desk::Desk;
use kinora_api::*;
use kinora_backend::{NewCameo, Trouble};
use kinora_document::{CameoId, FrameSize};
use kinora_ports::vault::{Passphrase, Place};
use std::path::PathBuf;

impl Desk {
    pub fn cameos(&self) -> Result<CameosAnswer, Trouble> {
        self.consents().list()
    }

    pub fn add_cameo(&self, request: AddCameo) -> Result<CameoId, Trouble> {
        if request.files.len() > CAMEO_FILES {
            return Err(Trouble::refuse(
                "cameo.files",
                format!("A cameo has at most {CAMEO_FILES} recordings or pictures."),
                "Choose the ones that show it best.",
            ));
        }
        let granted = |grant: &u64| self.grants().path(*grant, &[PathPurpose::CameoRecording]);
        let files: Vec<PathBuf> = request.files.iter().map(granted).collect::<Result<_, _>>()?;
        if let Some(consent) = request.consent_file {
            return self.consents().add_from_file(&self.consent_at(consent)?, &files);
        }
        let AddCameo { kind, name, given_by, terms, attestation, .. } = request;
        self.consents().add(NewCameo { kind, name, given_by, terms, attestation, files })
    }

    fn consent_at(&self, grant: u64) -> Result<Vec<u8>, Trouble> {
        let path = self.grants().path(grant, &[PathPurpose::ConsentFile])?;
        let unreadable = |error: std::io::Error| crate::screenplay_file::unreadable(&path, &error);
        if std::fs::metadata(&path).map_err(unreadable)?.len() > CONSENT_FILE_BYTES {
            return Err(Trouble::refuse(
                "consent.unfit",
                "The file is too long to be a signed consent.",
                "Choose the file that was exported as one.",
            ));
        }
        std::fs::read(&path).map_err(unreadable)
    }

    pub fn import_consent(&self, grant: u64) -> Result<CameoId, Trouble> {
        self.consents().take_consent(&self.consent_at(grant)?)
    }

    pub fn renew_consent(&self, request: RenewConsent) -> Result<(), Trouble> {
        self.consents().renew(request.cameo, request.terms, request.attestation).map(drop)
    }

    /// Marks the takes of the film that is open; others do so when they open.
    pub fn revoke_cameo(&self, cameo: CameoId) -> Result<Withdrawn, Trouble> {
        match self.film() {
            Ok(film) => film.revoke(cameo),
            Err(_) => self.consents().revoke(cameo).map(|_| Withdrawn::default()),
        }
    }

    pub fn purge_cameo(&self, cameo: CameoId) -> Result<usize, Trouble> {
        self.film()?.purge(cameo)
    }

    pub fn delete_cameo(&self, cameo: CameoId) -> Result<Vec<String>, Trouble> {
        match self.film() {
            Ok(film) => film.delete_cameo(cameo),
            Err(_) => self.consents().delete(cameo),
        }
    }

    pub fn export_cameo(&self, request: SaveCameo) -> Result<usize, Trouble> {
        let path = self.grants().path(request.grant, &[PathPurpose::ExportCameo])?;
        self.consents().export(request.cameo, &path)
    }

    pub fn export_consent(&self, request: SaveCameo) -> Result<(), Trouble> {
        let path = self.grants().path(request.grant, &[PathPurpose::SaveConsent])?;
        let text = self.consents().consent_file(request.cameo)?;
        std::fs::write(&path, text).map_err(|error| {
            Trouble::from(kinora_ports::Fault::new(
                format!("The consent could not be written to {}.", path.display()),
                "Check that the folder is there and that you may write to it.",
                error,
            ))
        })
    }

    pub fn devices(&self) -> Result<DevicesView, Trouble> {
        self.enrolment()?.devices()
    }

    pub fn open_camera(&self, request: &OpenCamera) -> Result<EnrolmentView, Trouble> {
        self.enrolment()?.open(request)
    }

    pub fn enrolment_view(&self) -> Result<EnrolmentView, Trouble> {
        self.enrolment()?.view()
    }

    pub fn record_step(&self, request: &RecordStep) -> Result<(), Trouble> {
        self.enrolment()?.record(request)
    }

    pub fn finish_enrolment(&self, request: FinishEnrolment) -> Result<CameoId, Trouble> {
        self.enrolment()?.finish(request)
    }

    /// Nothing when none was ever open.
    pub fn close_camera(&self) {
        if let Some(enrolment) = self.known_enrolment() {
            enrolment.close();
        }
    }

    /// What the camera sees now, as JPEG.
    pub fn camera_picture(&self, within: FrameSize, mirror: bool) -> Option<Vec<u8>> {
        self.known_enrolment()?.preview_jpeg(within, mirror)
    }

    pub fn keep_secret(&self, place: KeepSecret) -> Result<(), Trouble> {
        self.consents().decide(&match place {
            KeepSecret::Keychain => Place::Keychain,
            KeepSecret::KeyFile => Place::KeyFile,
            KeepSecret::Passphrase(words) => Place::Passphrase(Passphrase(words)),
        })
    }

    pub fn unlock_cameos(&self, passphrase: String) -> Result<(), Trouble> {
        self.consents().unlock(&Passphrase(passphrase))
    }
}

/// What is longer is no consent file.
const CONSENT_FILE_BYTES: u64 = 1 << 20;
