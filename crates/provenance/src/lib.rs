//! A file's own history, signed: the C2PA standard behind the port `Provenance`.
//!
//! A [`Notary`] writes a claim into a finished MP4, PNG or WAV, signs it with the identity of this installation (or a certificate that the
//! person brought), and reads such histories from any file. It makes no connection: no list of trusted signers, no time stamp and no
//! remote history is ever fetched. The private key must never leave its file: not into a message, a log, a project or an answer.

mod certificate;
mod identity;
mod kind;
mod manifest;
mod read;
mod seal;
mod shape;
mod splice;
pub mod watermark;
mod xmp;

use identity::Credentials;
use kinora_ports::media::Container;
use kinora_ports::provenance::{Claim, Identity, Report};
use kinora_ports::{PortError, Provenance};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// As it is written into files.
const PROGRAM: &str = "Kinora";
/// Below the person's data folder.
const IDENTITY: &str = "identity";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Signs and reads on this machine.
#[derive(Debug)]
pub struct Notary {
    /// Where the identity of this installation is kept.
    folder: PathBuf,
    /// A certificate chain and its key that the person brought, as PEM files.
    brought: Option<(PathBuf, PathBuf)>,
    credentials: Mutex<Option<Arc<Credentials>>>,
}

impl Notary {
    /// Signs with the identity in the person's data folder, which is made at first need.
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join(IDENTITY), brought: None, credentials: Mutex::new(None) }
    }

    /// Signs with a certificate of the person's own: the signer's first, then those that vouch for it, and the private key.
    #[must_use]
    pub fn with_certificate(mut self, certificate: &Path, key: &Path) -> Self {
        self.brought = Some((certificate.to_owned(), key.to_owned()));
        self
    }

    fn credentials(&self) -> Result<Arc<Credentials>, PortError> {
        let mut slot = self.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(credentials) = slot.as_ref() {
            return Ok(credentials.clone());
        }
        let credentials = Arc::new(match &self.brought {
            Some((certificate, key)) => identity::brought(certificate, key)?,
            None => identity::of_this_installation(&self.folder)?,
        });
        *slot = Some(credentials.clone());
        Ok(credentials)
    }
}

impl Provenance for Notary {
    fn carries(&self, container: Container) -> bool {
        match container {
            Container::Mp4 | Container::PngSequence | Container::ContactSheet => true,
            // The standard knows no place for it in Matroska; takes stay inside the project.
            Container::WebM | Container::Take => false,
        }
    }

    fn identity(&self) -> Result<Identity, PortError> {
        Ok(self.credentials()?.identity.clone())
    }

    fn seal(&self, from: &Path, to: &Path, claim: &Claim) -> Result<(), PortError> {
        let credentials = self.credentials()?;
        seal::seal(&credentials, from, to, claim)?;
        seal::prove(&read::read(to, &self.folder)?)
    }

    fn read(&self, path: &Path) -> Result<Report, PortError> {
        read::read(path, &self.folder)
    }
}
