//! What a film is made into, and how large it will be and how long it will take.
//!
//! Forecasts come from what this film's own exports took; before the first, from what our encoders are set to.

use crate::lang::t;
use kinora_api::{ExportFormat, ExportLoudness, ExportState, ExportView};
use kinora_document::{FrameRate, FrameSize, Ticks};

pub struct Preset {
    pub slug: &'static str,
    pub name: fn() -> &'static str,
    pub words: fn() -> &'static str,
    pub icon: &'static str,
    pub format: ExportFormat,
    /// None is the film's own.
    pub size: Option<FrameSize>,
    pub rate: Option<FrameRate>,
    pub loudness: ExportLoudness,
}

impl Preset {
    const fn new(
        slug: &'static str,
        icon: &'static str,
        format: ExportFormat,
        name: fn() -> &'static str,
        words: fn() -> &'static str,
    ) -> Self {
        Self { slug, name, words, icon, format, size: None, rate: None, loudness: ExportLoudness::Web }
    }
    const fn sized(mut self, width: u32, height: u32) -> Self {
        self.size = Some(FrameSize { width, height });
        self
    }
    const fn at(mut self, rate: FrameRate) -> Self {
        self.rate = Some(rate);
        self
    }
    const fn loud(mut self, loudness: ExportLoudness) -> Self {
        self.loudness = loudness;
        self
    }
}

use ExportFormat::{BoardPdf, ContactSheet, Mp4, PngSequence, SubRip, WebM, WebVtt};

pub const PRESETS: &[Preset] = &[
    Preset::new("mp4", "film", Mp4, || t("preset-film"), || t("preset-film-words")),
    Preset::new("youtube", "monitor", Mp4, || t("preset-youtube"), || t("preset-youtube-words")).sized(1920, 1080),
    Preset::new("720p", "monitor", Mp4, || t("preset-720"), || t("preset-720-words")).sized(1280, 720),
    Preset::new("vertical", "smartphone", Mp4, || t("preset-vertical"), || t("preset-vertical-words"))
        .sized(1080, 1920),
    Preset::new("portrait", "smartphone", Mp4, || t("preset-portrait"), || t("preset-portrait-words"))
        .sized(1080, 1350),
    Preset::new("square", "square", Mp4, || t("preset-square"), || t("preset-square-words")).sized(1080, 1080),
    Preset::new("broadcast", "clapperboard", Mp4, || t("preset-broadcast"), || t("preset-broadcast-words"))
        .sized(1920, 1080)
        .at(FrameRate { frames: 25, seconds: 1 })
        .loud(ExportLoudness::Broadcast),
    Preset::new("webm", "globe", WebM, || t("preset-webm"), || t("preset-webm-words")),
    Preset::new("pictures", "images", PngSequence, || t("preset-pictures"), || t("preset-pictures-words")),
    Preset::new("contact", "layout-grid", ContactSheet, || t("preset-contact"), || t("preset-contact-words")),
    Preset::new("board", "file-text", BoardPdf, || t("preset-board"), || t("preset-board-words")),
    Preset::new("srt", "type", SubRip, || t("preset-srt"), || t("preset-captions-words")),
    Preset::new("vtt", "type", WebVtt, || t("preset-vtt"), || t("preset-captions-words")),
];

/// What an export would come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    pub bytes: u64,
    /// None before the first export of this kind: another machine's figure would be a guess.
    pub millis: Option<u64>,
}

/// Bytes for a million pixels where nothing is known yet. H.264 at the quality we ask for needs about a tenth of a bit a pixel for
/// generated pictures; VP9 is given an eighth as its ceiling; PNG of them about one byte; a contact sheet is one picture.
fn usual_bytes_per_megapixel(format: ExportFormat) -> u64 {
    match format {
        Mp4 => 12_500,
        WebM => 15_600,
        PngSequence => 1_000_000,
        BoardPdf | ContactSheet | SubRip | WebVtt => 0,
    }
}

/// Stereo: AAC and Opus at 160 kbit/s, WAV at 16 bits.
fn sound_bytes(format: ExportFormat, length: Ticks) -> u64 {
    let a_second = match format {
        Mp4 | WebM => 20_000,
        PngSequence => 192_000,
        BoardPdf | ContactSheet | SubRip | WebVtt => 0,
    };
    u64::try_from(length.to_millis().max(0)).unwrap_or(0) * a_second / 1000
}

/// A contact sheet's size hardly depends on the film.
const SHEET_BYTES: u64 = 2_500_000;

/// Pixels of the whole film at a size and rate.
pub fn pixels(size: FrameSize, rate: FrameRate, length: Ticks) -> u64 {
    let frames = u64::try_from(rate.nearest_frame(length).max(0)).unwrap_or(0);
    u64::from(size.width) * u64::from(size.height) * frames
}

/// `past` is newest first.
pub fn forecast(format: ExportFormat, pixels: u64, length: Ticks, past: &[ExportView]) -> Forecast {
    let known = past.iter().filter(|export| export.format == Some(format) && export.pixels > 0);
    let done = known.filter_map(|export| match export.state {
        ExportState::Done { bytes, millis, .. } => Some((export.pixels, bytes, millis)),
        _ => None,
    });
    let scaled = |amount: u64, from: u64| (u128::from(amount) * u128::from(pixels) / u128::from(from.max(1))) as u64;
    match done.into_iter().next() {
        Some((before, bytes, millis)) => {
            Forecast { bytes: scaled(bytes, before), millis: Some(scaled(millis, before)) }
        }
        None if format == ContactSheet => Forecast { bytes: SHEET_BYTES, millis: None },
        None => Forecast {
            bytes: scaled(usual_bytes_per_megapixel(format), 1_000_000) + sound_bytes(format, length),
            millis: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HD: FrameSize = FrameSize { width: 1280, height: 720 };

    fn done(format: ExportFormat, pixels: u64, bytes: u64, millis: u64) -> ExportView {
        let state = ExportState::Done { bytes, millis, encoder: String::new(), signed_by: None };
        ExportView { number: 1, name: String::new(), state, format: Some(format), pixels }
    }

    #[test]
    fn a_forecast_comes_from_the_last_export_of_the_same_kind() {
        let minute = Ticks::from_seconds(60);
        let all = pixels(HD, FrameRate::FPS_24, minute);
        assert_eq!(all, 1280 * 720 * 24 * 60);
        let past = [done(WebM, all, 7, 7), done(Mp4, all, 8_000_000, 30_000), done(Mp4, all, 1, 1)];
        let twice = forecast(Mp4, all * 2, minute, &past);
        assert_eq!(twice, Forecast { bytes: 16_000_000, millis: Some(60_000) });
    }

    #[test]
    fn before_the_first_export_a_size_is_given_and_no_time() {
        let minute = Ticks::from_seconds(60);
        let guess = forecast(Mp4, pixels(HD, FrameRate::FPS_24, minute), minute, &[]);
        assert!((10_000_000..30_000_000).contains(&guess.bytes), "{} bytes", guess.bytes);
        assert_eq!(guess.millis, None);
        let cancelled = ExportView { state: ExportState::Cancelled, ..done(Mp4, 5, 5, 5) };
        assert_eq!(forecast(Mp4, 5, Ticks::ZERO, &[cancelled]).millis, None);
    }
}
