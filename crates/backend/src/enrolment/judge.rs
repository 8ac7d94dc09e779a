//! What measured figures mean: findings for the window, sentences for the record.
//!
//! Each sentence names what was measured and by which means. It says that a face moved to a side, not that a head turned; that somebody
//! spoke, not what was said. Figures that were not reached stand among what was not verified.

use kinora_api::{Finding, StepAsks};
use kinora_consent::Checks;

/// Of the pictures looked at, as many must show a face: people blink and look down.
const FACE_PERMILLE: usize = 700;
/// A turn begins with a look into the camera; the rest of it may be in profile.
const FACE_IN_A_TURN_PERMILLE: usize = 200;
const SEVERAL_PERMILLE: usize = 300;
/// Of its own width: a head that turns by a quarter of a right angle takes its face that far.
pub const TURN_PERMILLE: i32 = 120;
/// Variance of the Laplacian of a face 320 pixels from side to side of the picture; out of focus it is below 10.
pub const SHARP: u32 = 18;
const DARK: u32 = 55;
const BRIGHT: u32 = 215;
/// Six digits take two seconds to say.
const SPOKEN_MILLIS: u32 = 1_000;
const STRETCHES: u32 = 2;
/// −32 dB at the loudest: whispered, or far away.
const QUIET_PERMILLE: u32 = 25;
/// Of a million samples; more is an overdriven microphone and no pop.
const CLIPPED_PPM: u32 = 500;

/// What was measured in a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Looked at, evenly over the step.
    pub pictures: usize,
    pub with_face: usize,
    pub with_several: usize,
    /// How far the face went to the person's own left, and right, in thousandths of its own width.
    pub left_permille: i32,
    pub right_permille: i32,
    /// In the middle of all pictures.
    pub sharpness: u32,
    pub luma: u32,
    pub has_sound: bool,
    /// Voiced sound that stands out from the room.
    pub spoken_millis: u32,
    /// In how many pieces.
    pub stretches: u32,
    pub peak_permille: u32,
    pub clipped_ppm: u32,
}

impl Measured {
    fn share(&self, count: usize) -> usize {
        count * 1000 / self.pictures.max(1)
    }
    fn turned(&self, asks: &StepAsks) -> Option<i32> {
        match asks {
            StepAsks::TurnLeft => Some(self.left_permille),
            StepAsks::TurnRight => Some(self.right_permille),
            StepAsks::Look | StepAsks::Say(_) => None,
        }
    }
}

fn face(asks: &StepAsks, measured: &Measured) -> Finding {
    let least = if measured.turned(asks).is_some() { FACE_IN_A_TURN_PERMILLE } else { FACE_PERMILLE };
    if measured.share(measured.with_several) >= SEVERAL_PERMILLE {
        Finding::SeveralFaces
    } else if measured.share(measured.with_face) >= least {
        Finding::Face
    } else {
        Finding::NoFace
    }
}

pub fn findings(asks: &StepAsks, measured: &Measured) -> Vec<Finding> {
    let mut found = Vec::new();
    if measured.pictures == 0 {
        found.push(Finding::NoPictures);
    } else {
        found.push(face(asks, measured));
        if let Some(turned) = measured.turned(asks) {
            found.push(if turned >= TURN_PERMILLE { Finding::Turned } else { Finding::NotTurned });
        } else {
            found.push(if measured.sharpness >= SHARP { Finding::Sharp } else { Finding::Blurred });
        }
        found.push(match measured.luma {
            luma if luma < DARK => Finding::TooDark,
            luma if luma > BRIGHT => Finding::TooBright,
            _ => Finding::Lit,
        });
    }
    if matches!(asks, StepAsks::Say(_)) {
        if !measured.has_sound {
            found.push(Finding::NoSound);
            return found;
        }
        let spoke = measured.spoken_millis >= SPOKEN_MILLIS && measured.stretches >= STRETCHES;
        found.push(if spoke { Finding::Speech } else { Finding::NoSpeech });
        found.push(if measured.clipped_ppm > CLIPPED_PPM {
            Finding::TooLoud
        } else if measured.peak_permille < QUIET_PERMILLE {
            Finding::TooQuiet
        } else {
            Finding::LevelGood
        });
    }
    found
}

fn of_step(asks: &StepAsks) -> &'static str {
    match asks {
        StepAsks::Look => "Looking into the camera",
        StepAsks::TurnLeft => "Asked to turn to the left",
        StepAsks::TurnRight => "Asked to turn to the right",
        StepAsks::Say(_) => "Asked to say digits",
    }
}

/// For the record. `means` is what finds faces.
pub fn sentences(asks: &StepAsks, measured: &Measured, means: &str) -> Checks {
    let mut said = Checks::default();
    let step = of_step(asks);
    let Measured { pictures, with_face, sharpness, luma, .. } = measured;
    for finding in findings(asks, measured) {
        let text = match finding {
            Finding::Face => {
                format!("{step}: {means} found one face in {with_face} of {pictures} pictures that were looked at.")
            }
            Finding::NoFace => {
                format!("{step}: that a face is seen; {means} found one in {with_face} of {pictures} pictures only.")
            }
            Finding::SeveralFaces => format!(
                "{step}: that one person alone is seen; {means} found several faces in {} of {pictures} pictures.",
                measured.with_several
            ),
            Finding::Turned => format!(
                "{step}: the face moved to that side by {} of its width; that the head turned and did not only move is not told apart.",
                share(measured.turned(asks).unwrap_or_default())
            ),
            Finding::NotTurned => format!("{step}: that the face moved to that side."),
            Finding::Speech => format!(
                "{step}: a voice was heard for {:.1} s in {} stretches.",
                f64::from(measured.spoken_millis) / 1000.0,
                measured.stretches
            ),
            Finding::NoSpeech => format!("{step}: that anybody spoke."),
            Finding::Sharp => {
                format!("{step}: sharp enough (variance of the Laplacian {sharpness}, at least {SHARP}).")
            }
            Finding::Blurred => {
                format!("{step}: that it is sharp (variance of the Laplacian {sharpness}, where {SHARP} is the least).")
            }
            Finding::Lit => format!("{step}: lit well enough (middle brightness {luma} of 255)."),
            Finding::TooDark | Finding::TooBright => {
                format!("{step}: that it is lit well (middle brightness {luma} of 255).")
            }
            Finding::LevelGood => format!("{step}: loud enough and not overdriven."),
            Finding::TooQuiet | Finding::TooLoud => {
                format!("{step}: that its sound is neither too quiet nor overdriven.")
            }
            Finding::NoPictures => format!("{step}: anything to be seen; it was recorded without a camera."),
            Finding::NoSound => format!("{step}: anything to be heard; it was recorded without a microphone."),
        };
        if finding.holds() { said.verified.push(text) } else { said.not_verified.push(text) }
    }
    if let StepAsks::Say(digits) = asks {
        said.not_verified.push(format!(
            "Which digits were said: {digits} was asked for by chance, and no model here understands speech. Whoever listens can tell."
        ));
    }
    said
}

fn share(permille: i32) -> String {
    format!("{} %", permille.max(0) / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(asks: &StepAsks, change: impl Fn(&mut Measured)) -> Vec<Finding> {
        let mut measured = Measured {
            pictures: 10,
            with_face: 9,
            sharpness: 200,
            luma: 120,
            has_sound: true,
            spoken_millis: 2_000,
            stretches: 5,
            peak_permille: 300,
            ..Measured::default()
        };
        change(&mut measured);
        findings(asks, &measured)
    }

    #[test]
    fn each_figure_has_its_finding() {
        use Finding::*;
        let say = StepAsks::Say("123456".to_owned());
        assert_eq!(of(&StepAsks::Look, |_| {}), [Face, Sharp, Lit]);
        assert_eq!(of(&StepAsks::Look, |m| m.with_face = 3), [NoFace, Sharp, Lit]);
        assert_eq!(of(&StepAsks::Look, |m| m.with_several = 5), [SeveralFaces, Sharp, Lit]);
        assert_eq!(of(&StepAsks::Look, |m| m.sharpness = 2), [Face, Blurred, Lit]);
        assert_eq!(of(&StepAsks::Look, |m| m.luma = 30), [Face, Sharp, TooDark]);
        assert_eq!(of(&StepAsks::Look, |m| m.luma = 240), [Face, Sharp, TooBright]);
        assert_eq!(of(&StepAsks::Look, |m| m.pictures = 0), [NoPictures]);
        assert_eq!(of(&StepAsks::TurnLeft, |m| m.left_permille = 200), [Face, Turned, Lit]);
        assert_eq!(of(&StepAsks::TurnRight, |m| m.left_permille = 200), [Face, NotTurned, Lit]);
        assert_eq!(of(&say, |_| {}), [Face, Sharp, Lit, Speech, LevelGood]);
        assert_eq!(of(&say, |m| m.spoken_millis = 200), [Face, Sharp, Lit, NoSpeech, LevelGood]);
        assert_eq!(of(&say, |m| m.peak_permille = 3), [Face, Sharp, Lit, Speech, TooQuiet]);
        assert_eq!(of(&say, |m| m.clipped_ppm = 9_000), [Face, Sharp, Lit, Speech, TooLoud]);
        assert_eq!(of(&say, |m| m.has_sound = false), [Face, Sharp, Lit, NoSound]);
    }
}
