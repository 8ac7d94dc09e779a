//! The synthesiser's C interface as one safe type: a language's two files in, 16 kHz samples out.
//!
//! Each handle works in memory of its own that begins as zeros: the library reads memory it never wrote, so that with any other memory
//! the same text sounds different twice. It must only be given cleaned text: `<` begins a command here.

use crate::files::Pair;
use kinora_ports::{Fault, PortError};
use std::ffi::CString;
use std::os::raw::c_void;
use std::path::Path;
use ttspico_sys as native;

/// Samples a second.
pub const RATE: f32 = 16_000.0;
/// What the largest voice needs, twice.
const MEMORY: usize = 5 * 1024 * 1024;
/// The library copies a path into a field of 512 bytes without looking at its length.
const LONGEST_PATH: usize = 500;
/// Far from its limiter, which distorts: gain is set afterwards.
const VOLUME_PERCENT: u32 = 45;
/// A minute of sound from one sentence: it is stuck.
const MOST_SAMPLES: usize = 60 * RATE as usize;
/// Rounds of asking that bring nothing.
const PATIENCE: usize = 100_000;

#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub pitch_percent: f32,
    pub speed_percent: f32,
}

pub struct Pico {
    system: native::pico_System,
    engine: native::pico_Engine,
    /// What the handles point into; 16-byte units, since the library aligns to that.
    _memory: Vec<u128>,
}

impl Pico {
    pub fn open(files: &Pair) -> Result<Self, PortError> {
        let mut memory = vec![0u128; MEMORY / 16];
        let size = u32::try_from(MEMORY).unwrap_or(u32::MAX);
        let mut pico = Self { system: std::ptr::null_mut(), engine: std::ptr::null_mut(), _memory: Vec::new() };
        // SAFETY: the memory has the size given, is aligned, and lives in the same value as the handle.
        let done = unsafe { native::pico_initialize(memory.as_mut_ptr().cast::<c_void>(), size, &mut pico.system) };
        pico._memory = memory;
        check(done, "start")?;
        let voice = c"kinora".as_ptr().cast::<u8>();
        // SAFETY: the system was just made; the name is a C string that outlives the call.
        check(unsafe { native::pico_createVoiceDefinition(pico.system, voice) }, "define a voice")?;
        for file in [&files.analysis, &files.signal] {
            let path = c_path(file)?;
            let mut resource = std::ptr::null_mut();
            let mut name = [0i8; native::PICO_RETSTRINGSIZE];
            let name = name.as_mut_ptr().cast::<std::os::raw::c_char>();
            // SAFETY: a live system, a C string shorter than the library's field, and a place for the handle.
            let done = unsafe { native::pico_loadResource(pico.system, path.as_ptr().cast(), &mut resource) };
            check(done, "load a voice file").map_err(|error| damaged(file, error))?;
            // SAFETY: the resource was loaded; names have at most 32 bytes and there are 200.
            check(unsafe { native::pico_getResourceName(pico.system, resource, name) }, "name a voice file")?;
            // SAFETY: both names are C strings that outlive the call.
            let done = unsafe { native::pico_addResourceToVoiceDefinition(pico.system, voice, name.cast()) };
            check(done, "join a voice file")?;
        }
        // SAFETY: the definition has both resources, which is what the library asks for.
        check(unsafe { native::pico_newEngine(pico.system, voice, &mut pico.engine) }, "begin")?;
        Ok(pico)
    }

    /// A cleaned sentence as samples, −1 … 1.
    pub fn say(&mut self, text: &str, wish: Wish) -> Result<Vec<f32>, PortError> {
        let level = |percent: f32, low: f32, high: f32| percent.clamp(low, high).round() as u32;
        let marked = format!(
            "<volume level=\"{VOLUME_PERCENT}\"><pitch level=\"{}\"><speed level=\"{}\">{text}</speed></pitch></volume>\0",
            level(wish.pitch_percent, 50.0, 200.0),
            level(wish.speed_percent, 20.0, 500.0),
        );
        let mut rest = marked.as_bytes();
        let mut samples = Vec::new();
        let (mut block, mut idle) = ([0i16; 1024], 0usize);
        loop {
            let mut taken: i16 = 0;
            if !rest.is_empty() {
                let size = i16::try_from(rest.len()).unwrap_or(i16::MAX);
                // SAFETY: the engine is live and the bytes are there.
                let done = unsafe { native::pico_putTextUtf8(self.engine, rest.as_ptr(), size, &mut taken) };
                check(done, "take the text")?;
                rest = rest.get(usize::try_from(taken).unwrap_or(0)..).unwrap_or_default();
            }
            loop {
                let (mut bytes, mut kind): (i16, i16) = (0, 0);
                let room = i16::try_from(std::mem::size_of_val(&block)).unwrap_or(0);
                // SAFETY: the engine is live and the block has the size given, in bytes.
                let done = unsafe {
                    native::pico_getData(self.engine, block.as_mut_ptr().cast::<c_void>(), room, &mut bytes, &mut kind)
                };
                if done != native::PICO_STEP_BUSY && done != native::PICO_STEP_IDLE {
                    return Err(broken("speak", done));
                }
                let count = usize::try_from(bytes).unwrap_or(0) / 2;
                idle = if count == 0 { idle + 1 } else { 0 };
                samples.extend(block.iter().take(count).map(|sample| f32::from(*sample) / 32768.0));
                if samples.len() > MOST_SAMPLES || idle > PATIENCE {
                    return Err(broken("end", done));
                }
                if done == native::PICO_STEP_IDLE {
                    break;
                }
            }
            if rest.is_empty() {
                return Ok(samples);
            }
        }
    }
}

impl Drop for Pico {
    fn drop(&mut self) {
        // SAFETY: handles are null or live, and the engine goes before the system it belongs to.
        unsafe {
            if !self.engine.is_null() {
                native::pico_disposeEngine(self.system, &mut self.engine);
            }
            if !self.system.is_null() {
                native::pico_terminate(&mut self.system);
            }
        }
    }
}

fn c_path(file: &Path) -> Result<CString, PortError> {
    let text = file.to_str().filter(|text| text.len() < LONGEST_PATH);
    text.and_then(|text| CString::new(text).ok()).ok_or_else(|| {
        Fault::new(
            "The voices lie in a folder whose name is too long or not text, so nobody can speak.",
            "Set KINORA_HOME to a folder with a shorter name, or make the film with --no-voices.",
            file.display(),
        )
        .into()
    })
}

fn check(done: native::pico_Status, what: &str) -> Result<(), PortError> {
    if done == native::PICO_OK { Ok(()) } else { Err(broken(what, done)) }
}

fn broken(what: &str, code: native::pico_Status) -> PortError {
    Fault::new(
        "The voice failed while it was speaking, so this line stays silent.",
        "Try again; if it happens again, change the words of the line a little.",
        format!("Pico could not {what} (code {code})"),
    )
    .into()
}

fn damaged(file: &Path, error: PortError) -> PortError {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Fault::new(
        format!("The voice file {name} cannot be used: it is damaged."),
        format!("Remove {} so that it is made again, or install Kinora again.", file.display()),
        error,
    )
    .into()
}
