//! Sound to the ears, and with it the clock of playback.
//!
//! While a film plays, the number of samples *heard* is the time: pictures follow the sound, never the other way round. A machine
//! without a sound device plays on a clock of its own and says so.

use crate::PortError;

/// Fills the next block of interleaved stereo at 48 kHz. Called on the device's own thread: it must not block for long.
pub type SoundSource = Box<dyn FnMut(&mut [f32]) + Send>;

pub trait Speaker: Send + Sync {
    /// Starts asking `source` for sound. It plays until the answer is dropped.
    fn play(&self, source: SoundSource) -> Result<Box<dyn Playing>, PortError>;
}

pub trait Playing: Send {
    /// For people: "Built-in audio", "no sound device".
    fn device_name(&self) -> &str;
    /// Samples per channel that have been heard since the start, the device's delay taken off.
    fn position_samples(&self) -> i64;
    /// How often the device has run dry since the start: each is a gap that is heard.
    fn gaps(&self) -> u64 {
        0
    }
}
