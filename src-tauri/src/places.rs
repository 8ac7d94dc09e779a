//! Where things are on this machine: the models that came with the studio, sample films, the person's data.

use std::path::{Path, PathBuf};

/// Where `bundle.resources` of tauri.conf.json ends up, relative to the executable (Windows and tarball, Debian package and AppImage,
/// a distribution's own package, macOS bundle).
const BESIDE: [&str; 4] = [".", "../lib/Kinora", "../share/kinora", "../Resources"];

/// The folder with `manifests/`. `KINORA_MODELS` overrides it.
pub fn models() -> PathBuf {
    find("KINORA_MODELS", "models", "models/manifests")
}

/// The folder with the sample screenplays. `KINORA_EXAMPLES` overrides it.
pub fn examples() -> PathBuf {
    find("KINORA_EXAMPLES", "examples", "examples/the-lighthouse-ball.fountain")
}

fn find(variable: &str, name: &str, proof: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let executable = std::env::current_exe().unwrap_or_default();
    let folder = executable.parent().unwrap_or(Path::new("."));
    let installed = BESIDE.iter().map(|place| folder.join(place));
    // A build from source: the checkout that it was built from, before the copies that the bundler puts beside the program.
    let source = Some(PathBuf::from(env!("CARGO_MANIFEST_DIR"))).filter(|_| cfg!(debug_assertions));
    let root = source.into_iter().chain(installed).find(|root| root.join(proof).exists());
    root.unwrap_or_else(|| folder.to_owned()).join(name)
}

/// Where the neural voice may be besides the person's data: packed with the program, or where `cargo xtask setup` put it.
pub fn voices() -> Vec<PathBuf> {
    packed("voices").chain(kinora_voice::kept_by_setup()).collect()
}

/// Where the file that looks at pictures may be: the person's data, packed with the program, or where `cargo xtask setup` put it.
/// `KINORA_PICTURES` names one folder instead; an empty one is how to go without.
pub fn picture_checks() -> Vec<PathBuf> {
    match std::env::var_os("KINORA_PICTURES") {
        Some(folder) => vec![folder.into()],
        None => {
            let own = std::iter::once(data().join("pictures"));
            own.chain(packed("pictures")).chain(kinora_engine::picture_check::kept_by_setup()).collect()
        }
    }
}

/// A folder in each place where what comes with the program may be.
fn packed(name: &'static str) -> impl Iterator<Item = PathBuf> {
    let executable = std::env::current_exe().unwrap_or_default();
    let folder = executable.parent().unwrap_or(Path::new(".")).to_owned();
    BESIDE.iter().map(move |place| folder.join(place).join(name))
}

/// Settings and the list of recent films. `KINORA_HOME` overrides it.
pub fn data() -> PathBuf {
    std::env::var_os("KINORA_HOME")
        .map(PathBuf::from)
        .or_else(|| dirs::data_dir().map(|folder| folder.join("kinora")))
        .unwrap_or_else(|| std::env::temp_dir().join("kinora"))
}

/// The rules of this house: profile, PIN, opt-out lists, decisions.
pub fn house() -> PathBuf {
    data().join("policy")
}

/// Recordings of people, sealed, and the record of their consents.
pub fn cameos() -> PathBuf {
    data().join("cameos")
}

/// Notes on where the person's own model files are.
pub fn own_models() -> PathBuf {
    data().join("models")
}

/// Projects that the command line keeps for screenplays, so that unchanged shots are not made twice.
pub fn kept_films() -> PathBuf {
    data().join("films")
}
