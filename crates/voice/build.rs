//! Finds the voices that come with the sources of `ttspico-sys` and puts them where `files.rs` packs them into the program.
//! They are 6 MB of its own crate, so nothing is fetched and nothing is kept twice in this repository.

use std::path::PathBuf;

const LANG: &str = "build/pico/lang";
const FILES: [&str; 12] = [
    "de-DE_gl0_sg.bin",
    "de-DE_ta.bin",
    "en-GB_kh0_sg.bin",
    "en-GB_ta.bin",
    "en-US_lh0_sg.bin",
    "en-US_ta.bin",
    "es-ES_ta.bin",
    "es-ES_zl0_sg.bin",
    "fr-FR_nk0_sg.bin",
    "fr-FR_ta.bin",
    "it-IT_cm0_sg.bin",
    "it-IT_ta.bin",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Err(why) = copy() {
        println!("cargo::error=The voices could not be taken from ttspico-sys: {why}.");
    }
}

fn copy() -> Result<(), String> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo gave no OUT_DIR")?);
    let lang = kinora_unpacked::folder("ttspico-sys", LANG)?.join(LANG);
    for name in FILES {
        std::fs::copy(lang.join(name), out.join(name)).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}
