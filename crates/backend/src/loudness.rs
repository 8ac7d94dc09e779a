//! How loud a film is, and making it as loud as it should be: EBU R 128.
//!
//! The whole mix is measured, one gain is set for the film, and the limiter holds the peaks; since a limiter takes loudness away, measuring
//! and setting repeat until the target is met. It changes no balance within the film.

use crate::mixer::{CHANNELS, Mixer};
use ebur128::{EbuR128, Mode};
use kinora_ports::Sound;

/// Hundredths of LU and dB, as gains are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Loudness {
    /// −1400 is −14 LUFS.
    pub lufs_hundredths: i32,
    /// −100 is −1 dBTP.
    pub peak_hundredths: i32,
}

impl Loudness {
    /// For the web.
    pub const SOCIAL: Self = Self { lufs_hundredths: -1400, peak_hundredths: -100 };
    pub const PODCAST: Self = Self { lufs_hundredths: -1600, peak_hundredths: -100 };
    /// EBU R 128.
    pub const BROADCAST: Self = Self { lufs_hundredths: -2300, peak_hundredths: -100 };
}

/// The limiter stays this far below the peak that is promised: codecs and meters add a little.
const MARGIN_HUNDREDTHS: i32 = 50;
/// More gain would make noise of silence; 24 dB.
const MOST_GAIN: f64 = 24.0;
/// Near enough, in LU.
const NEAR: f64 = 0.05;
const ROUNDS: usize = 6;
/// Quieter than this is silence, which has no loudness.
const SILENCE: f64 = -65.0;

/// The mix with a gain and ceiling that meet the target, and what was measured then; None for silence, which is left alone.
pub fn levelled(mixer: Mixer, target: Loudness) -> (Mixer, Option<Loudness>) {
    let wanted = f64::from(target.lufs_hundredths) / 100.0;
    let ceiling = decibels(target.peak_hundredths - MARGIN_HUNDREDTHS);
    let Some(before) = integrated(&mixer) else { return (mixer, None) };
    let mut gain = (wanted - before).clamp(-MOST_GAIN, MOST_GAIN);
    let mut mixer = mixer.with_level(amplitude(gain), ceiling);
    for _ in 0..ROUNDS {
        let Some(now) = integrated(&mixer) else { break };
        let next = (gain + wanted - now).clamp(-MOST_GAIN, MOST_GAIN);
        if (wanted - now).abs() < NEAR || next == gain {
            break;
        }
        gain = next;
        mixer = mixer.with_level(amplitude(gain), ceiling);
    }
    let measured = measure(&mixer);
    (mixer, measured)
}

/// Integrated loudness and true peak of the whole mix; None when it is silent.
pub fn measure(mixer: &Mixer) -> Option<Loudness> {
    let meter = metered(mixer, Mode::I | Mode::TRUE_PEAK)?;
    let lufs = meter.loudness_global().ok().filter(|lufs| *lufs > SILENCE)?;
    let peak = (0..CHANNELS as u32).filter_map(|channel| meter.true_peak(channel).ok()).fold(0f64, f64::max);
    let hundredths = |value: f64| (value * 100.0).round() as i32;
    Some(Loudness { lufs_hundredths: hundredths(lufs), peak_hundredths: hundredths(20.0 * peak.log10()) })
}

fn integrated(mixer: &Mixer) -> Option<f64> {
    metered(mixer, Mode::I)?.loudness_global().ok().filter(|lufs| *lufs > SILENCE)
}

fn metered(mixer: &Mixer, mode: Mode) -> Option<EbuR128> {
    let mut meter = EbuR128::new(CHANNELS as u32, Sound::FILM_RATE, mode).ok()?;
    let mut block = vec![0.0; Sound::FILM_RATE as usize / 4 * CHANNELS];
    let mut at = 0;
    while at < mixer.length() {
        let frames = ((mixer.length() - at) as usize).min(block.len() / CHANNELS);
        let now = block.get_mut(..frames * CHANNELS)?;
        mixer.mix(at, now);
        meter.add_frames_f32(now).ok()?;
        at += frames as i64;
    }
    Some(meter)
}

fn decibels(hundredths: i32) -> f32 {
    10f32.powf(hundredths as f32 / 2000.0)
}

fn amplitude(decibels: f64) -> f32 {
    10f64.powf(decibels / 20.0) as f32
}
