//! The desktop shell: the only place where adapters meet services.
//!
//! [`tools`] puts the engine, the codecs, the compositor and the loudspeaker together; the command line (`cli`) and the window (`window`) both
//! work on what it returns. No film-making is decided here.

mod caption_file;
mod cli;
mod places;
mod screenplay_file;
mod system;
mod window;

use clap::Parser;
use kinora_backend::{Gate, Profile, Studio, Tools, Trouble};
use kinora_compositor::{Executor, FrameCompositor};
use kinora_ports::Compositor;
use std::process::ExitCode;
use std::sync::Arc;

/// Entry point of the binary.
pub fn run() -> ExitCode {
    look_for_cards_without_a_screen();
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return cli::misunderstood(&error),
    };
    match arguments.command {
        Some(command) => cli::run(command),
        None => window::run(arguments.file),
    }
}

/// Mesa asks the screen which graphics card shows it, and complains on standard error where there is no screen. We choose among the
/// cards ourselves.
fn look_for_cards_without_a_screen() {
    let name = "NODEVICE_SELECT";
    let asked = |name: &str| std::env::var_os(name).is_some();
    if cfg!(target_os = "linux") && !asked("XDG_RUNTIME_DIR") && !asked(name) {
        // SAFETY: the first thing the process does; no other thread exists that could read the environment.
        unsafe { std::env::set_var(name, "1") };
    }
}

/// Every adapter of this machine.
pub fn tools() -> Result<Tools, Trouble> {
    let engine = kinora_engine::LocalEngine::open(&places::models())?.with_own(&places::own_models());
    let compositors = || {
        let compositor = FrameCompositor::open(Executor::Fastest)?;
        Ok(Box::new(compositor) as Box<dyn Compositor>)
    };
    Ok(Tools {
        engine: Arc::new(engine),
        decoder: Arc::new(kinora_media::GstDecoder::new()),
        encoder: Arc::new(kinora_media::GstEncoder::new()),
        compositors: Arc::new(compositors),
        speaker: Arc::new(kinora_media::CpalSpeaker::new()),
        voice: Arc::new(voice()),
        entropy: Arc::new(system::SystemEntropy),
        gate: Arc::new(gate()),
    })
}

/// The voices of this machine, or only those of the folder `KINORA_VOICES`.
fn voice() -> kinora_voice::Voices {
    match std::env::var_os("KINORA_VOICES") {
        Some(folder) => kinora_voice::Voices::with_files(std::path::Path::new(&folder)),
        None => kinora_voice::Voices::new(&places::data().join("voices"), &places::voices()),
    }
}

/// What judges before anything is made.
fn gate() -> Gate {
    Gate::new(Profile::Standard)
}

/// The studio on this machine.
pub fn studio() -> Result<Studio, Trouble> {
    Ok(Studio::new(tools()?))
}
