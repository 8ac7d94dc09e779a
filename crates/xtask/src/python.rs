//! The Python that trains the draft model and makes its reference tensors, in a folder of the user's cache.
//! It exists only for tests and for training: the studio itself never starts Python.
//! It must never be installed into the system, and never on the way to `cargo xtask run`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::trouble::Trouble;
use crate::{process, say, workspace};

/// The recipe's folder and the packages it pins, from the top of the repository.
pub const TRAINING: &str = "models/draft/training";
const REQUIREMENTS: &str = "models/draft/training/requirements.txt";
/// The scripts that compare with the reference library, and the packages those pin on top.
pub const SCRIPTS: &str = "models/tests";
const REFERENCE: &str = "models/tests/requirements.txt";

/// Makes the environment if it is not there or its pins have changed; answers the interpreter.
pub fn ready() -> Result<PathBuf, Trouble> {
    let requirements = workspace::root()?.join(REQUIREMENTS);
    let pins = std::fs::read_to_string(&requirements).map_err(|error| {
        Trouble::failed(format!("Cannot read {REQUIREMENTS}: {error}. It pins what training needs."))
    })?;
    let folder = workspace::cache()?.join("python");
    let stamp = folder.join("installed-requirements.txt");
    let interpreter = interpreter_in(&folder);
    if interpreter.exists() && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return Ok(interpreter);
    }
    let started = Instant::now();
    say::step("Making a Python of its own for training", "a minute; PyTorch with its libraries takes 5.6 GB of disk");
    say::note(&format!("in {}, which may be deleted at any time", folder.display()));
    if !say::ask("Go on?") {
        return Err(Trouble::missing("The training checks need this environment; nothing was installed."));
    }
    if !interpreter.exists() {
        process::run(Command::new(system_python()?).args(["-m", "venv"]).arg(&folder)).map_err(|_| {
            Trouble::missing(
                "Python could not make an environment: on Debian and Ubuntu, install python3-venv, and try again.",
            )
        })?;
    }
    process::run(
        Command::new(&interpreter).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&requirements),
    )
    .map_err(|_| {
        Trouble::missing(
            "pip could not install the pinned packages: is the network there, and 6 GB of disk? Then try again.",
        )
    })?;
    std::fs::write(&stamp, pins)
        .map_err(|error| Trouble::missing(format!("Cannot write {}: {error}. Is the disk full?", stamp.display())))?;
    say::done("Python is ready", started.elapsed());
    Ok(interpreter)
}

/// The same with the reference library of the model families.
pub fn with_reference() -> Result<PathBuf, Trouble> {
    let interpreter = ready()?;
    let requirements = workspace::root()?.join(REFERENCE);
    let unread = |error| Trouble::failed(format!("Cannot read {REFERENCE}: {error}. It pins the reference library."));
    let pins = std::fs::read_to_string(&requirements).map_err(unread)?;
    let stamp = workspace::cache()?.join("python").join("installed-reference.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return Ok(interpreter);
    }
    let started = Instant::now();
    say::step("Adding the reference library to the Python of its own", "a minute");
    process::run(
        Command::new(&interpreter).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&requirements),
    )
    .map_err(|_| {
        Trouble::missing("pip could not install the reference library: is the network there? Then try again.")
    })?;
    std::fs::write(&stamp, pins)
        .map_err(|error| Trouble::missing(format!("Cannot write {}: {error}. Is the disk full?", stamp.display())))?;
    say::done("The reference library is there", started.elapsed());
    Ok(interpreter)
}

/// Interpreters that may be there, the environment's own first. Nothing is made.
pub fn candidates() -> Vec<PathBuf> {
    let own = workspace::cache().map(|cache| interpreter_in(&cache.join("python"))).ok();
    let own = own.filter(|interpreter| interpreter.exists());
    own.into_iter().chain(["python3", "python"].map(PathBuf::from)).collect()
}

fn interpreter_in(folder: &Path) -> PathBuf {
    if cfg!(windows) { folder.join("Scripts").join("python.exe") } else { folder.join("bin").join("python") }
}

fn system_python() -> Result<&'static str, Trouble> {
    ["python3", "python"]
        .into_iter()
        .find(|name| {
            process::succeeds(Command::new(name).args(["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]))
        })
        .ok_or_else(|| {
            Trouble::missing(
                "Python 3.10 or later is missing: the training checks need it (Debian: python3 python3-venv).",
            )
        })
}
