//! The voice files: packed into the program, unpacked once, since the synthesiser reads them by name.
//!
//! A file that is there with the right length and content is left alone; any other is replaced in one step, so that two studios may
//! begin at once.

use kinora_ports::{Fault, PortError};
use std::path::{Path, PathBuf};

macro_rules! packed {
    ($($language:literal: $analysis:literal, $signal:literal;)*) => {
        const PACKED: &[(&str, &str, &[u8], &str, &[u8])] = &[$((
            $language,
            $analysis,
            include_bytes!(concat!(env!("OUT_DIR"), "/", $analysis)),
            $signal,
            include_bytes!(concat!(env!("OUT_DIR"), "/", $signal)),
        )),*];
    };
}
packed! {
    "de-DE": "de-DE_ta.bin", "de-DE_gl0_sg.bin";
    "en-GB": "en-GB_ta.bin", "en-GB_kh0_sg.bin";
    "en-US": "en-US_ta.bin", "en-US_lh0_sg.bin";
    "es-ES": "es-ES_ta.bin", "es-ES_zl0_sg.bin";
    "fr-FR": "fr-FR_ta.bin", "fr-FR_nk0_sg.bin";
    "it-IT": "it-IT_ta.bin", "it-IT_cm0_sg.bin";
}

/// The two files of a language: text analysis, and signal generation.
#[derive(Debug)]
pub struct Pair {
    pub analysis: PathBuf,
    pub signal: PathBuf,
}

/// Both files of a language in `folder`. `given` folders are only read.
pub fn ready(folder: &Path, given: bool, language: &str) -> Result<Pair, PortError> {
    let Some((_, analysis, analysis_bytes, signal, signal_bytes)) = PACKED.iter().find(|row| row.0 == language) else {
        return Err(Fault::new("This language has no voice file.", "Choose another language.", language).into());
    };
    let pair = Pair { analysis: folder.join(analysis), signal: folder.join(signal) };
    for (path, bytes) in [(&pair.analysis, analysis_bytes), (&pair.signal, signal_bytes)] {
        if given {
            if !path.is_file() {
                return Err(missing(path));
            }
        } else if !is_whole(path, bytes) {
            unpack(path, bytes)?;
        }
    }
    Ok(pair)
}

fn is_whole(path: &Path, bytes: &[u8]) -> bool {
    let length = std::fs::metadata(path).map(|about| about.len());
    length.is_ok_and(|length| length == bytes.len() as u64)
        && std::fs::read(path).is_ok_and(|found| blake3::hash(&found) == blake3::hash(bytes))
}

fn unpack(path: &Path, bytes: &[u8]) -> Result<(), PortError> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&part, bytes))
        .and_then(|()| std::fs::rename(&part, path));
    written.map_err(|error| {
        _ = std::fs::remove_file(&part);
        Fault::new(
            format!("The voices could not be unpacked into {}, so nobody can speak.", folder.display()),
            "Check that the disk is not full and that you may write there, or make the film with --no-voices.",
            error,
        )
        .into()
    })
}

fn missing(path: &Path) -> PortError {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Fault::new(
        format!("The voice file {name} is missing, so its lines cannot be spoken."),
        "Put it back, leave KINORA_VOICES unset to use the voices that come with Kinora, or make the film with --no-voices.",
        path.display(),
    )
    .into()
}
