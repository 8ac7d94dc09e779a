//! The files of the neural voice: which there must be, and that each is the one that was published.
//!
//! `cargo xtask setup` unpacks them from the package hibari-tts 0.2.1 (Apache-2.0) and a packed studio carries them. It must never hand
//! on a byte of a file whose hash is another: what is behind this reads without looking.

use super::lexicon::Lexicon;
use super::network::Network;
use super::reading::Reader;
use super::spelling::Spelling;
use super::tagger::Tagger;
use kinora_models::onnx::weights;
use kinora_ports::{Fault, PortError};
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// Name and BLAKE3 of each file that is read.
pub const FILES: [(&str, &str); 7] = [
    ("hibari.onnx", "7221c5f4f4da091523f09c17db69d90e9c06390fc094c85fd598904c5834fbe1"),
    ("vocab.json", "c41bf9fd01aa7eb9b35a8425dc21a45646c409f87689c6b0213adaa179a33fe1"),
    ("oov.onnx", "fe03976140f36e118b495f3b64efb48b080a76fc6810b90b6f023b55043ecf83"),
    ("oov.json", "a925aedbddb9eb923e5a3c04d4fab2ba5b8ab01bc711bad625cb50a66b7a695d"),
    ("tagger.json.gz", "b4449114922d24d9ab7dee9d2d7e0e9e91fa1a9112de18e615cb727c525d3c08"),
    ("lexicon_us_gold.json.gz", "37fba86a631a6ebb1393625542bc54bded6ad8f931b5b8c8687e24c2f53e9e81"),
    ("lexicon_us_silver.json.gz", "f6f3f4d21a4b0bae9457e021bb490b411ed678933faa4ac41557985f2939f409"),
];
/// The largest has 8 MB, packed or not.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// Everything that speaking needs, in memory: about 60 MB.
#[derive(Debug)]
pub struct Loaded {
    pub network: Network,
    pub reader: Reader,
    /// The model's number of each phoneme.
    pub numbers: HashMap<char, usize>,
}

/// The first file that is not in the folder.
pub fn missing(folder: &Path) -> Option<&'static str> {
    FILES.iter().map(|(name, _)| *name).find(|name| !folder.join(name).is_file())
}

pub fn load(folder: &Path) -> Result<Loaded, PortError> {
    let bytes = |name: &str| whole(folder, name);
    let unreadable = |name: &'static str| move |why: String| damaged(folder, name, &why);
    let network = weights(&bytes("hibari.onnx")?).ok_or_else(|| "not an ONNX file".to_owned()).and_then(Network::new);
    let alphabet = bytes("oov.json")?;
    let spelling = weights(&bytes("oov.onnx")?)
        .ok_or_else(|| "not an ONNX file".to_owned())
        .and_then(|found| Spelling::new(found, &alphabet));
    let tagger = Tagger::read(&unpacked(folder, "tagger.json.gz")?).map_err(|error| error.to_string());
    let (gold, silver) = (unpacked(folder, "lexicon_us_gold.json.gz")?, unpacked(folder, "lexicon_us_silver.json.gz")?);
    let lexicon = Lexicon::read(&gold, &silver).map_err(|error| error.to_string());
    let numbers: Result<HashMap<char, usize>, _> = serde_json::from_slice(&bytes("vocab.json")?);
    Ok(Loaded {
        network: network.map_err(unreadable("hibari.onnx"))?,
        reader: Reader {
            tagger: tagger.map_err(unreadable("tagger.json.gz"))?,
            lexicon: lexicon.map_err(unreadable("lexicon_us_gold.json.gz"))?,
            spelling: spelling.map_err(unreadable("oov.onnx"))?,
        },
        numbers: numbers.map_err(|error| damaged(folder, "vocab.json", &error.to_string()))?,
    })
}

fn whole(folder: &Path, name: &str) -> Result<Vec<u8>, PortError> {
    let path = folder.join(name);
    let bytes = std::fs::read(&path).map_err(|error| {
        Fault::new(
            format!(
                "The voice file {name} cannot be read from {}, so English lines cannot be spoken.",
                folder.display()
            ),
            "Run `cargo xtask setup` or install Kinora again, or make the film with --no-voices.",
            error,
        )
    })?;
    let wanted = FILES.iter().find(|row| row.0 == name).map_or("", |row| row.1);
    let found = blake3::hash(&bytes).to_hex();
    if found.as_str() == wanted { Ok(bytes) } else { Err(damaged(folder, name, found.as_str())) }
}

fn unpacked(folder: &Path, name: &str) -> Result<Vec<u8>, PortError> {
    let packed = whole(folder, name)?;
    let mut bytes = Vec::new();
    let read = flate2::read::GzDecoder::new(packed.as_slice()).take(MOST_BYTES).read_to_end(&mut bytes);
    read.map_err(|error| damaged(folder, name, &error.to_string()))?;
    Ok(bytes)
}

fn damaged(folder: &Path, name: &str, why: &str) -> PortError {
    Fault::new(
        format!("The voice file {name} in {} is damaged, so English lines cannot be spoken.", folder.display()),
        "Delete that folder and run `cargo xtask setup` or install Kinora again, or make the film with --no-voices.",
        why,
    )
    .into()
}
