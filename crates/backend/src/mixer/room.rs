//! Room for speech: everything else steps back while somebody speaks, as far as it must.
//!
//! How far is measured: under every stretch of speech the rest lies well below it, a loud take more, soft rain less. It steps back
//! before the first word and comes back slowly, and never goes up and down between two lines. It knows the whole film beforehand, so
//! the same film is the same samples.

use super::{RATE, Track};

/// How far below speech the rest lies while it is heard, in decibels: what people with poor hearing ask for.
const BELOW: f64 = 20.0;
/// What is quiet already steps back by this much, so that speech comes forward.
const LEAST: f64 = 6.0;
/// More would be a hole.
const MOST: f64 = 24.0;
/// Speech that is silent (its file is empty) tells nothing.
const USUAL: f64 = 9.0;
const BEFORE: i64 = 150 * RATE as i64 / 1000;
const AFTER: i64 = 400 * RATE as i64 / 1000;

/// When somebody speaks, in samples of the film: sorted, apart from each other.
#[derive(Debug, Default)]
pub(super) struct Room {
    spans: Vec<Span>,
}

#[derive(Debug)]
struct Span {
    start: i64,
    end: i64,
    /// Decibels that the rest steps back.
    depth: f32,
}

impl Room {
    pub fn of(tracks: &[Track]) -> Self {
        let (speaking, resting): (Vec<&Track>, Vec<&Track>) = tracks.iter().partition(|track| track.is_speech);
        let mut lines: Vec<(i64, i64)> =
            speaking.iter().flat_map(|track| track.pieces.iter().map(|piece| (piece.start, piece.end))).collect();
        lines.sort_unstable();
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for (start, end) in lines {
            match spans.last_mut() {
                // Not up and down between two lines.
                Some(last) if start <= last.1 + BEFORE + AFTER => last.1 = last.1.max(end),
                _ => spans.push((start, end)),
            }
        }
        let depth = |(start, end): (i64, i64)| {
            let sum = |tracks: &[&Track]| tracks.iter().map(|track| track.energy(start, end)).sum::<f64>();
            let (speech, rest) = (sum(&speaking), sum(&resting));
            if speech <= 0.0 {
                return USUAL;
            }
            (10.0 * (rest / speech).log10() + BELOW).clamp(LEAST, MOST)
        };
        let span = |(start, end)| Span { start, end, depth: depth((start, end)) as f32 };
        Self { spans: spans.into_iter().map(span).collect() }
    }

    /// Gain of everything that is not speech, sample by sample; empty while nobody speaks.
    pub fn gains(&self, from: i64, until: i64) -> Vec<f32> {
        let first = self.spans.partition_point(|span| span.end + AFTER <= from);
        let rest = self.spans.get(first..).unwrap_or_default();
        let spans: Vec<&Span> = rest.iter().take_while(|span| span.start - BEFORE < until).collect();
        if spans.is_empty() {
            return Vec::new();
        }
        let back = |at: i64| {
            let of_span = |span: &&Span| {
                let coming = (at - (span.start - BEFORE)) as f32 / BEFORE as f32;
                let going = (span.end + AFTER - at) as f32 / AFTER as f32;
                span.depth * coming.min(going).clamp(0.0, 1.0)
            };
            spans.iter().map(of_span).fold(0f32, f32::max)
        };
        (from..until).map(|at| 10f32.powf(-back(at) / 20.0)).collect()
    }
}
