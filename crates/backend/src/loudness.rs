//! How loud a film is, and making it as loud as it should be: EBU R 128.
//!
//! One gain is set for the film and a limiter holds the peaks. What counts is what a listener of the file hears: a limiter takes loudness
//! away, a codec what is above its band, and it adds to peaks; so listening and setting repeat until both are met. It changes no balance
//! within the film.

use crate::mixer::{CHANNELS, Mixer};
use ebur128::{EbuR128, Mode};
use kinora_ports::media::{EncodeSettings, SoundFeed};
use kinora_ports::{Encoder, PortError, Sound};

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

/// The limiter begins this far below the peak that is promised, in dB: codecs and meters add a little.
const MARGIN: f64 = 0.5;
/// Meters of true peaks differ by this much, in dB.
const METERS: f64 = 0.2;
/// A codec that overshoots by more than this has other troubles; in dB.
const MOST_MARGIN: f64 = 9.0;
/// More gain would make noise of silence; 24 dB.
const MOST_GAIN: f64 = 24.0;
/// Near enough, in LU.
const NEAR: f64 = 0.1;
const ROUNDS: usize = 9;
/// A limiter that works hard gives back less than a decibel for each that is asked; it is never taken to give less than this.
const LEAST_SLOPE: f64 = 0.25;
/// Two rounds nearer to each other than this, in dB, tell nothing of that.
const APART: f64 = 0.2;
/// Quieter than this is silence, which has no loudness.
const SILENCE: f64 = -65.0;

/// Plays the whole mix to a meter, as somebody hears it.
pub type Ear<'a> = dyn FnMut(&Mixer, &mut dyn FnMut(&[f32])) -> Result<(), PortError> + 'a;

/// The mix itself.
pub fn bare(mixer: &Mixer, hear: &mut dyn FnMut(&[f32])) -> Result<(), PortError> {
    let mut block = vec![0.0; Sound::FILM_RATE as usize / 4 * CHANNELS];
    let mut from = 0;
    loop {
        let count = next(mixer, &mut from, &mut block);
        hear(block.get(..count).unwrap_or(&block));
        if count < block.len() {
            return Ok(());
        }
    }
}

/// The mix as a file with these settings gives it back. `watch` is asked before each block and may end it.
pub fn encoded(
    encoder: &dyn Encoder,
    settings: &EncodeSettings,
    watch: &mut dyn FnMut() -> Result<(), PortError>,
    mixer: &Mixer,
    hear: &mut dyn FnMut(&[f32]),
) -> Result<(), PortError> {
    let mut from = 0;
    let feed: &mut SoundFeed<'_> = &mut |block| {
        watch()?;
        Ok(next(mixer, &mut from, block))
    };
    encoder.audition(settings, feed, hear)
}

/// Fills the block from `from` on, as far as the film goes, and answers how many samples that are.
fn next(mixer: &Mixer, from: &mut i64, block: &mut [f32]) -> usize {
    let left = usize::try_from(mixer.length() - *from).unwrap_or(0);
    let frames = left.min(block.len() / CHANNELS);
    mixer.mix(*from, block.get_mut(..frames * CHANNELS).unwrap_or_default());
    *from += frames as i64;
    frames * CHANNELS
}

/// What was set, and how far from the target that was.
#[derive(Clone, Copy)]
struct Round {
    gain: f64,
    ceiling: f64,
    lufs: f64,
    peak: f64,
}

impl Round {
    /// Peaks are a promise, loudness is an aim.
    fn is_better_than(&self, other: &Self, lufs: f64, peak: f64) -> bool {
        let rank = |round: &Self| ((round.peak - peak).max(0.0), (round.lufs - lufs).abs());
        rank(self) < rank(other)
    }
}

/// The mix with a gain and ceiling that meet the target, and what the ear heard then; None for silence, which is left alone.
pub fn levelled(mixer: Mixer, target: Loudness, ear: &mut Ear<'_>) -> Result<(Mixer, Option<Loudness>), PortError> {
    let wanted = f64::from(target.lufs_hundredths) / 100.0;
    let promised = f64::from(target.peak_hundredths) / 100.0;
    let most = promised - METERS;
    let Some((before, _)) = heard(&mixer, Mode::I, &mut bare)? else { return Ok((mixer, None)) };
    let (mut gain, mut ceiling) = ((wanted - before).clamp(-MOST_GAIN, MOST_GAIN), promised - MARGIN);
    let mut mixer = mixer.with_level(amplitude(gain), amplitude(ceiling));
    let (mut last, mut best): (Option<Round>, Option<Round>) = (None, None);
    for _ in 0..ROUNDS {
        let Some((lufs, peak)) = heard(&mixer, Mode::I | Mode::TRUE_PEAK, ear)? else { break };
        let now = Round { gain, ceiling, lufs, peak };
        if best.is_none_or(|best| now.is_better_than(&best, wanted, most)) {
            best = Some(now);
        }
        let off = wanted - lufs;
        if off.abs() <= NEAR && peak <= most {
            break;
        }
        let slope = match last.filter(|last| (gain - last.gain).abs() > APART) {
            Some(last) => ((lufs - last.lufs) / (gain - last.gain)).clamp(LEAST_SLOPE, 1.0),
            None => 1.0,
        };
        last = Some(now);
        if off.abs() > NEAR {
            gain = (gain + off / slope).clamp(-MOST_GAIN, MOST_GAIN);
        }
        if peak > most {
            ceiling = (ceiling - (peak - most) - NEAR).max(promised - MOST_MARGIN);
        }
        if (gain, ceiling) == (now.gain, now.ceiling) {
            break;
        }
        mixer = mixer.with_level(amplitude(gain), amplitude(ceiling));
    }
    let Some(best) = best else { return Ok((mixer, None)) };
    let hundredths = |value: f64| (value * 100.0).round() as i32;
    let told = Loudness { lufs_hundredths: hundredths(best.lufs), peak_hundredths: hundredths(best.peak) };
    Ok((mixer.with_level(amplitude(best.gain), amplitude(best.ceiling)), Some(told)))
}

/// Integrated loudness in LUFS, and the true peak in dBTP where the mode asks for it; None when it is silent.
fn heard(mixer: &Mixer, mode: Mode, ear: &mut Ear<'_>) -> Result<Option<(f64, f64)>, PortError> {
    let Ok(mut meter) = EbuR128::new(CHANNELS as u32, Sound::FILM_RATE, mode) else { return Ok(None) };
    // It refuses no frames of the channels it was made for.
    ear(mixer, &mut |block| {
        let _ = meter.add_frames_f32(block);
    })?;
    let Some(lufs) = meter.loudness_global().ok().filter(|lufs| *lufs > SILENCE) else { return Ok(None) };
    let peak = (0..CHANNELS as u32).filter_map(|channel| meter.true_peak(channel).ok()).fold(0f64, f64::max);
    Ok(Some((lufs, 20.0 * peak.log10())))
}

fn amplitude(decibels: f64) -> f32 {
    10f64.powf(decibels / 20.0) as f32
}
