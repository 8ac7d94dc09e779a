//! What a file says of itself, as the window shows it: facts by kind, so that each language has its own sentences for them.
//!
//! Names, titles and prompts come out of a file from anywhere: they are shown as they are and believed no further. Lists are cut to
//! [`FILE_LINES`], and what was left out is counted.

use super::*;

/// As many takes, titles or findings as somebody reads; a hostile file may list millions.
pub const FILE_LINES: usize = 50;
/// Characters of a name, title or prompt out of a file.
pub const FILE_WORDS: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    pub verdict: FileVerdict,
    /// "MP4".
    pub kind: String,
    /// False when this kind of file cannot hold a signed history at all.
    pub can_hold: bool,
    pub signer: Option<FileSigner>,
    /// By the clock of the machine that signed.
    pub made_at: Option<String>,
    /// "Kinora 0.1.0".
    pub program: Option<String>,
    pub origin: Option<FileOrigin>,
    pub takes: Vec<FileTake>,
    pub recorded: usize,
    pub imported: usize,
    pub spoken: usize,
    pub consents: usize,
    /// Of what it was made, in files of other programs: titles.
    pub parts: Vec<String>,
    /// Takes and titles that the lists above leave out.
    pub left_out: usize,
    /// Files in it that brought a signed history of their own.
    pub histories: usize,
    pub faults: Vec<FileFault>,
    pub mark: FileMark,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileVerdict {
    /// Signed, and not changed since.
    Whole,
    /// Signed once, and changed since.
    Changed,
    Unsigned,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSigner {
    /// Empty when the certificate says none.
    pub name: String,
    /// On this machine's list of trusted signers.
    pub trusted: bool,
    /// This very installation of Kinora.
    pub own: bool,
}

/// Where all of it together comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileOrigin {
    Generated,
    Mixed,
    Recorded,
    Imported,
    Drawn,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileTake {
    pub model: String,
    pub seed: u64,
    pub frames: u32,
    pub size: FrameSize,
    /// Only when whoever exported it chose to tell it.
    pub prompt: Option<String>,
}

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFault {
    /// Pictures, sound or other contents are not the ones that were signed.
    Contents,
    /// Something was added, or the outer parts were changed.
    Layout,
    Signature,
    PartChanged,
    PartMissing,
    CertificateExpired,
    CertificateRevoked,
    CertificateUnfit,
    /// The history does not hold together or can no longer be read.
    Unreadable,
}

/// What the frames themselves say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileMark {
    /// Of this film, as eleven hexadecimal digits.
    Film(String),
    /// There, but too faint to be read.
    Faint,
    /// Not found in that many frames.
    NotFound(u32),
    /// No pictures, or smaller ones than can carry it.
    NoPictures,
    /// The pictures could not be decoded.
    NotLooked,
}
