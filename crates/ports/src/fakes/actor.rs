//! Somebody in front of the camera who does as they are told: looks, turns, speaks, goes away.
//!
//! The person is drawn and nobody's likeness. Time, stamps and devices are those of the test picture; only what is seen and heard is
//! another. A test tells the actor what to do while the capture runs, as a prompt on the screen tells a person.

use super::TestPattern;
use crate::capture::{CaptureWish, Captured, Devices, InUse};
use crate::{Capture, Capturing, PortError, VideoFrame};
use kinora_document::FrameSize;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// What the actor does now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pose {
    /// Looks into the camera and says nothing.
    #[default]
    Still,
    /// Turns to the person's own left: to the right of the picture.
    Left,
    Right,
    Speaks,
    /// Speaks, in the dark.
    Dark,
    /// Out of focus.
    Blurred,
    Away,
    /// The camera gives no pictures any more, and its driver says nothing.
    Unplugged,
}

impl FromStr for Pose {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        Ok(match word.trim() {
            "still" => Self::Still,
            "left" => Self::Left,
            "right" => Self::Right,
            "speaks" => Self::Speaks,
            "dark" => Self::Dark,
            "blurred" => Self::Blurred,
            "away" => Self::Away,
            "unplugged" => Self::Unplugged,
            _ => return Err(()),
        })
    }
}

/// Asked before every picture and every block of sound.
pub type Cue = Arc<dyn Fn() -> Pose + Send + Sync>;

/// A capture with an actor in it.
#[derive(Clone)]
pub struct Actor {
    pub pattern: TestPattern,
    pub cue: Cue,
}

impl std::fmt::Debug for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Actor").field("pattern", &self.pattern).finish_non_exhaustive()
    }
}

impl Capture for Actor {
    fn devices(&self) -> Result<Devices, PortError> {
        self.pattern.devices()
    }
    fn start(&self, wish: &CaptureWish) -> Result<Box<dyn Capturing>, PortError> {
        let inner = self.pattern.start(wish)?;
        Ok(Box::new(Acting { inner, cue: self.cue.clone(), size: wish.size, turned: 0.0, drawn: None, heard: 0 }))
    }
}

/// Pictures a turn of the head takes: a third of a second.
const TURN_STEPS: f32 = 10.0;

struct Acting {
    inner: Box<dyn Capturing>,
    cue: Cue,
    size: FrameSize,
    /// −1 … 1: how far the head is turned, to the right of the picture.
    turned: f32,
    drawn: Option<(Pose, f32, Arc<VideoFrame>)>,
    /// Samples so far.
    heard: u64,
}

impl Acting {
    fn picture(&mut self) -> Arc<VideoFrame> {
        let pose = (self.cue)();
        let wanted = match pose {
            Pose::Left => 1.0,
            Pose::Right => -1.0,
            _ => 0.0,
        };
        self.turned += (wanted - self.turned).clamp(-1.0 / TURN_STEPS, 1.0 / TURN_STEPS);
        match &self.drawn {
            Some((before, turned, frame)) if *before == pose && *turned == self.turned => Arc::clone(frame),
            _ => {
                let frame = Arc::new(draw(self.size, pose, self.turned));
                self.drawn = Some((pose, self.turned, Arc::clone(&frame)));
                frame
            }
        }
    }

    fn speak(&mut self, samples: &mut [f32], channels: usize) {
        let speaks = matches!((self.cue)(), Pose::Speaks | Pose::Dark);
        for frame in samples.chunks_mut(channels.max(1)) {
            self.heard += 1;
            let value = if speaks { voice(self.heard) } else { 0.000_3 * hiss(self.heard) };
            frame.fill(value);
        }
    }
}

/// A buzz of 130 Hz with a few of its overtones, in syllables: four a second, each two thirds of its time.
fn voice(sample: u64) -> f32 {
    let seconds = (sample % 4_800_000) as f32 / 48_000.0;
    let syllable = (seconds * 4.0).fract();
    let open = if syllable < 0.66 { (syllable / 0.66 * std::f32::consts::PI).sin() } else { 0.0 };
    let buzz: f32 =
        (1..=8u8).map(|tone| (seconds * 130.0 * f32::from(tone) * std::f32::consts::TAU).sin() / f32::from(tone)).sum();
    0.2 * open * buzz + 0.000_3 * hiss(sample)
}

fn hiss(sample: u64) -> f32 {
    let mixed = sample.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    mixed as f32 / 8_388_608.0 - 1.0
}

impl Capturing for Acting {
    fn camera(&self) -> &InUse {
        self.inner.camera()
    }
    fn microphone(&self) -> &InUse {
        self.inner.microphone()
    }
    fn next(&mut self, patience: Duration) -> Option<Captured> {
        match self.inner.next(patience)? {
            Captured::Picture { .. } if (self.cue)() == Pose::Unplugged => None,
            Captured::Picture { at, .. } => Some(Captured::Picture { frame: self.picture(), at }),
            Captured::Sound { mut samples, at } => {
                let channels = match self.inner.microphone() {
                    InUse::Microphone { channels, .. } => usize::from(*channels),
                    _ => 1,
                };
                self.speak(&mut samples, channels);
                Some(Captured::Sound { samples, at })
            }
            lost @ Captured::Lost { .. } => Some(lost),
        }
    }
    fn elapsed(&self) -> Duration {
        self.inner.elapsed()
    }
    fn dropped(&self) -> u64 {
        self.inner.dropped()
    }
}

/// Rows that are drawn; in larger pictures each stands for several, since a camera has no time to paint.
const DRAWN_ROWS: usize = 360;

fn draw(size: FrameSize, pose: Pose, turned: f32) -> VideoFrame {
    let (width, height) = (size.width as usize, size.height as usize);
    let mut i420 = vec![128; VideoFrame::bytes(size.width, size.height)];
    let step = height.div_ceil(DRAWN_ROWS).max(1);
    let scale = 1.0 / height.max(1) as f32;
    let light = if pose == Pose::Dark { 0.12 } else { 1.0 };
    let mut line = vec![0u8; width];
    for (y, row) in i420.chunks_exact_mut(width.max(1)).take(height).enumerate() {
        if y.is_multiple_of(step) {
            for (column, values) in line.chunks_mut(step).enumerate() {
                // The picture is one high; nothing is to the left or right of its middle.
                let across = ((column * step) as f32 - width as f32 / 2.0) * scale;
                let seen = looked_at(across, y as f32 * scale, turned, pose) * light;
                values.fill((16.0 + 219.0 * seen.clamp(0.0, 1.0)) as u8);
            }
        }
        row.copy_from_slice(&line);
    }
    VideoFrame { width: size.width, height: size.height, i420 }
}

/// Through a lens: out of focus, a point is the mean of those around it.
fn looked_at(x: f32, y: f32, turned: f32, pose: Pose) -> f32 {
    if pose != Pose::Blurred {
        return shade(x, y, turned, pose);
    }
    let around = (0..49u8).map(|at| (f32::from(at % 7) - 3.0, f32::from(at / 7) - 3.0));
    around.map(|(dx, dy)| shade(x + dx * 0.012, y + dy * 0.012, turned, pose)).sum::<f32>() / 49.0
}

/// 1 inside, 0 outside, with a soft edge.
fn oval(x: f32, y: f32, middle: (f32, f32), radii: (f32, f32), soft: f32) -> f32 {
    let away = ((x - middle.0) / radii.0).powi(2) + ((y - middle.1) / radii.1).powi(2);
    ((1.0 - away.sqrt()) / soft).clamp(0.0, 1.0)
}

fn over(under: f32, with: f32, how: f32) -> f32 {
    under + (with - under) * how
}

/// How light it is there: a wall, shoulders, a head with hair, brows, eyes, a nose and a mouth.
fn shade(x: f32, y: f32, turned: f32, pose: Pose) -> f32 {
    let mut seen = 0.62 - 0.1 * y + 0.02 * (x * 23.0).sin();
    if pose == Pose::Away {
        return seen;
    }
    seen = over(seen, 0.3 + 0.03 * (x * 40.0).sin(), oval(x, y, (0.0, 1.12), (0.52, 0.34), 0.06));
    // Turning takes the head along, and what is in its face further.
    let (head, face) = (x - turned * 0.1, x - turned * 0.16);
    if x.abs() > 0.4 || !(0.1..0.98).contains(&y) {
        return seen;
    }
    seen = over(seen, 0.5, oval(head, y, (0.0, 0.8), (0.1, 0.16), 0.1));
    seen = over(seen, 0.16, oval(head, y, (0.0, 0.43), (0.235, 0.31), 0.06));
    let skin = 0.76 - 0.7 * (face * face) - 0.12 * (face + 0.04).abs();
    seen = over(seen, skin, oval(head, y, (0.0, 0.5), (0.19, 0.26), 0.07));
    // The hair falls over the brow.
    seen = over(seen, 0.17, oval(head, y, (0.0, 0.26), (0.2, 0.085), 0.25));
    if !(0.3..0.75).contains(&y) {
        return seen;
    }
    for side in [-1.0, 1.0] {
        let eye = face - side * 0.078;
        seen = over(seen, 0.24, oval(eye, y + 0.01 * side * eye, (0.0, 0.405), (0.055, 0.014), 0.6));
        seen = over(seen, 0.52, oval(eye, y, (0.0, 0.455), (0.062, 0.04), 0.6));
        seen = over(seen, 0.88, oval(eye, y, (0.0, 0.46), (0.04, 0.018), 0.5));
        seen = over(seen, 0.1, oval(eye, y, (0.0, 0.458), (0.019, 0.02), 0.4));
        seen = over(seen, 0.48, oval(eye, y, (-side * 0.045, 0.5), (0.012, 0.07), 0.9) * 0.5);
        seen = over(seen, 0.3, oval(face - side * 0.022, y, (0.0, 0.577), (0.014, 0.009), 0.7));
    }
    seen = over(seen, 0.9, oval(face, y, (0.0, 0.54), (0.022, 0.05), 1.0) * 0.5);
    seen = over(seen, 0.5, oval(face, y, (0.0, 0.6), (0.045, 0.012), 0.9) * 0.6);
    seen = over(seen, 0.4, oval(face, y, (0.0, 0.648), (0.072, 0.022), 0.5));
    seen = over(seen, 0.18, oval(face, y, (0.0, 0.648), (0.066, 0.006), 0.5));
    over(seen, 0.6, oval(face, y, (0.0, 0.69), (0.05, 0.012), 0.9) * 0.5)
}

#[cfg(test)]
mod tests {
    use super::super::capture_contract;
    use super::*;

    #[test]
    fn an_actor_is_a_capture() {
        let cue: Cue = Arc::new(|| Pose::Speaks);
        let pattern = TestPattern { real_time: false, ..TestPattern::default() };
        assert_eq!(capture_contract(&Actor { pattern, cue }), Ok(()));
    }
}
