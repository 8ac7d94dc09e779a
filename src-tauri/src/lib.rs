//! The desktop shell: the only place where adapters meet services.
//!
//! [`tools`] puts the engine, the codecs, the compositor and the loudspeaker together; the command line (`cli`) and the window (`window`) both
//! work on what it returns. No film-making is decided here.

mod board_file;
mod caption_file;
mod cli;
mod places;
mod screenplay_file;
mod system;
mod window;

use clap::Parser;
use kinora_backend::{ConsentTools, Consents, Dubbing, Enrolment, EnrolmentTools, Gate, House, Studio, Tools, Trouble};
use kinora_compositor::{Executor, FrameCompositor};
use kinora_ports::fakes::{Actor, Pose, TestPattern};
use kinora_ports::vault::Passphrase;
use kinora_ports::{Capture, Compositor, Decoder, KeyKeeper, NoPictureChecker, PictureChecker};
use std::process::ExitCode;
use std::sync::Arc;

/// Every edit plans on a copy of the film: many small pieces, taken and given back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    let (decoder, gate) = (Arc::new(kinora_media::GstDecoder::new()), Arc::new(gate()?));
    Ok(Tools {
        engine: Arc::new(engine),
        consents: Arc::new(consents(decoder.clone(), gate.clone())),
        decoder,
        encoder: Arc::new(kinora_media::GstEncoder::new()),
        compositors: Arc::new(compositors),
        speaker: Arc::new(kinora_media::CpalSpeaker::new()),
        voice: Arc::new(voice()),
        instrument: Arc::new(kinora_engine::Synthesiser),
        entropy: Arc::new(system::SystemEntropy),
        gate,
        watermark: Arc::new(kinora_provenance::watermark::LumaMark),
        provenance: Arc::new(kinora_provenance::Notary::new(&places::data())),
    })
}

/// Likenesses and consents of this person, in a folder that only their account may read.
fn consents(decoder: Arc<dyn Decoder>, gate: Arc<Gate>) -> Consents {
    let root = places::cameos();
    let keeper = Arc::new(kinora_vault::Keeper::new(&root));
    if let Some(words) = passphrase() {
        // What cannot be opened is said when it is needed.
        let _ = keeper.unlock(&words);
    }
    Consents::new(ConsentTools {
        disk: Arc::new(kinora_store::RealDisk::new(&root)),
        vault: Arc::new(kinora_vault::FolderVault::new(&root, keeper.clone())),
        keeper,
        clock: Arc::new(system::SystemClock::default()),
        entropy: Arc::new(system::SystemEntropy),
        decoder,
        gate,
    })
}

/// Recording somebody as a cameo, on this machine's devices.
pub fn enrolment(tools: &Tools) -> Result<Enrolment, Trouble> {
    Ok(Enrolment::new(EnrolmentTools {
        capture: capture(),
        codec: Arc::new(kinora_media::GstRecordingCodec::new()),
        decoder: tools.decoder.clone(),
        faces: Arc::new(kinora_faces::SeetaFaces::new()?),
        entropy: tools.entropy.clone(),
        consents: tools.consents.clone(),
    }))
}

/// Speaking lines oneself, on this machine's microphones.
fn dubbing() -> Dubbing {
    Dubbing::new(capture())
}

/// Cameras and microphones of this machine. For tests there is a seam: with `KINORA_CAPTURE` set to a file, a drawn figure stands in for a
/// person and does what the file says at that moment (“still”, “left”, “right”, “speaks” …); records name its devices as what they are.
fn capture() -> Arc<dyn Capture> {
    let Some(script) = std::env::var_os("KINORA_CAPTURE") else { return Arc::new(kinora_media::GstCapture::new()) };
    let cue = move || -> Pose {
        std::fs::read_to_string(&script).ok().and_then(|word| word.parse().ok()).unwrap_or_default()
    };
    Arc::new(Actor { pattern: TestPattern::default(), cue: Arc::new(cue) })
}

/// From `KINORA_PASSPHRASE`, for the command line.
fn passphrase() -> Option<Passphrase> {
    std::env::var("KINORA_PASSPHRASE").ok().filter(|words| !words.is_empty()).map(Passphrase)
}

/// The voices of this machine, or only those of the folder `KINORA_VOICES`.
fn voice() -> kinora_voice::Voices {
    match std::env::var_os("KINORA_VOICES") {
        Some(folder) => kinora_voice::Voices::with_files(std::path::Path::new(&folder)),
        None => kinora_voice::Voices::new(&places::data().join("voices"), &places::voices()),
    }
}

/// What judges before anything is made, by the rules of this house.
fn gate() -> Result<Gate, Trouble> {
    let disk = Arc::new(kinora_store::RealDisk::new(places::house()));
    let house = House::open(disk, Arc::new(system::SystemClock::default()), Arc::new(system::SystemEntropy))?;
    let pictures: Arc<dyn PictureChecker> = match kinora_engine::OpenNsfwChecker::find(&places::picture_checks()) {
        Some(checker) => Arc::new(checker),
        None => Arc::new(NoPictureChecker),
    };
    Ok(Gate::new(Arc::new(house), pictures))
}

/// The studio on this machine.
pub fn studio() -> Result<Studio, Trouble> {
    Ok(Studio::new(tools()?))
}
