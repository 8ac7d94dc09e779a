//! Finds the model that comes with the sources of `rustface` and puts it where `lib.rs` packs it into the program.
//! It is 1.2 MB of that crate, so nothing is fetched and no weights of others are kept in this repository.

use std::path::PathBuf;

const MODEL: &str = "model/seeta_fd_frontal_v1.0.bin";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Err(why) = copy() {
        println!("cargo::error=The model that finds faces could not be taken from rustface: {why}.");
    }
}

fn copy() -> Result<(), String> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo gave no OUT_DIR")?);
    let model = kinora_unpacked::folder("rustface", MODEL)?.join(MODEL);
    std::fs::copy(model, out.join("faces.bin")).map_err(|error| error.to_string())?;
    Ok(())
}
