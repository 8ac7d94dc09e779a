//! The flags by which a person decides how a file is signed. That it is signed is not among them.

use crate::places;
use clap::Args;
use kinora_backend::{Exported, Studio};
use kinora_provenance::Notary;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Args)]
pub struct Signing {
    /// Tell the prompts themselves in the signed history; without this only their hashes are told
    #[arg(long)]
    pub tell_prompts: bool,
    /// Sign with your own certificate: a PEM file with it first and those that vouch for it after
    #[arg(long, requires = "key")]
    pub certificate: Option<PathBuf>,
    /// The private key of --certificate, as PEM (PKCS #8)
    #[arg(long, requires = "certificate")]
    pub key: Option<PathBuf>,
}

impl Signing {
    pub fn settle(&self, studio: &mut Studio) {
        if let (Some(certificate), Some(key)) = (&self.certificate, &self.key) {
            let notary = Notary::new(&places::data()).with_certificate(certificate, key);
            studio.tools.provenance = Arc::new(notary);
        }
    }
}

/// What there is to say about the signature of a file.
pub fn remark(exported: &Exported) -> String {
    match &exported.signed_by {
        Some(identity) if identity.self_made => format!(
            "Signed by {}: an identity that Kinora made here and that is on no list of trusted signers.",
            identity.name
        ),
        Some(identity) => format!("Signed by {}, with your own certificate.", identity.name),
        None => "Not signed: a WebM file cannot hold a signed history. MP4 and PNG can.".to_owned(),
    }
}
