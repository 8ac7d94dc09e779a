//! The pretended film: the real sample screenplay, some of its shots made, one stale.

use super::{Pretended, hash_of};
use kinora_api::*;
use kinora_document::catalogue::Model;
use kinora_document::recipe::recipe;
use kinora_document::{BlobHash, Command, Film, FrameRate, FrameSize, History, Take, TakeId};

const SCRIPT: &str = include_str!("../../../examples/snow-for-pim.fountain");

pub fn info(film_open: bool) -> AppInfo {
    AppInfo {
        version: "0.1.0".into(),
        recent: if super::query().contains("first") {
            Vec::new()
        } else {
            vec!["Snow for Pim".into(), "The harbour".into()]
        },
        samples: vec!["Last Train to the Moon".into(), "Snow for Pim".into(), "The Lighthouse Ball".into()],
        graphics: "llvmpipe (software)".into(),
        compute: "2 CPU cores".into(),
        film_open,
        voices: vec![
            voice("Hibari", Some("Kokoro-82M"), &["en-US"]),
            voice("Pico", None, &["en-GB", "de-DE", "es-ES", "fr-FR", "it-IT"]),
        ],
    }
}

fn voice(name: &str, distilled_from: Option<&str>, languages: &[&str]) -> VoiceEngine {
    let named = |language: &&str| format!("{}/{language}", name.to_lowercase());
    VoiceEngine {
        name: name.into(),
        licence: "Apache-2.0".into(),
        distilled_from: distilled_from.map(str::to_owned),
        voices: languages.iter().map(named).collect(),
        languages: languages.iter().map(|language| (*language).to_owned()).collect(),
    }
}

pub fn model() -> Model {
    Model {
        name: "draft".into(),
        title: "Draft (bundled)".into(),
        licence: "MIT OR Apache-2.0".into(),
        weights: BlobHash([7; 32]),
        weights_bytes: 24_000_000,
        rate: FrameRate::FPS_12,
        sizes: vec![
            FrameSize { width: 256, height: 144 },
            FrameSize { width: 144, height: 256 },
            FrameSize { width: 192, height: 192 },
        ],
        frame_counts: (1..=12).map(|n| n * 4 + 1).collect(),
        makes_sound: true,
        takes_keyframes: true,
        takes_references: false,
        unavailable: None,
    }
}

/// Two effects and three transitions, as the studio would declare them.
pub fn effects() -> EffectsAnswer {
    let number = |name: &str, label: &str, unit: &str, min, max, default| DeclaredParameter {
        name: name.into(),
        label: label.into(),
        unit: unit.into(),
        min,
        max,
        default,
        choices: Vec::new(),
    };
    let declared = |kind: &str, label: &str, help: &str, parameters| Declared {
        kind: kind.into(),
        label: label.into(),
        help: help.into(),
        parameters,
        plate: kind == "clean_plate",
    };
    let side = DeclaredParameter {
        choices: vec![(0.0, "Left".into()), (1.0, "Right".into())],
        ..number("from", "From", "", 0.0, 1.0, 0.0)
    };
    EffectsAnswer {
        effects: vec![
            declared(
                "saturation",
                "Saturation",
                "More or less colour.",
                vec![number("amount", "Amount", "", 0.0, 2.0, 1.0)],
            ),
            declared(
                "vignette",
                "Vignette",
                "Darkens the corners.",
                vec![number("amount", "Amount", "", 0.0, 1.0, 0.5), number("angle", "Angle", "°", -180.0, 180.0, 0.0)],
            ),
            declared(
                "clean_plate",
                "Clean plate",
                "Takes out what is as it was in a picture of the empty set.",
                vec![number("tolerance", "Tolerance", "", 0.0, 0.5, 0.05)],
            ),
        ],
        transitions: vec![
            declared("cut", "Cut", "One picture, then the other.", Vec::new()),
            declared("dissolve", "Dissolve", "One picture turns into the other.", Vec::new()),
            declared("wipe", "Wipe", "An edge passes over the picture.", vec![side]),
        ],
    }
}

pub fn grant(purpose: PathPurpose) -> Option<PathGrant> {
    let name = match purpose {
        PathPurpose::NewFilm => "My film",
        PathPurpose::OpenFilm => "The harbour",
        PathPurpose::ImportScript => "script.fountain",
        PathPurpose::ImportMedia => "sea.wav",
        PathPurpose::ExportMp4 => "Snow for Pim.mp4",
        PathPurpose::ExportWebM => "Snow for Pim.webm",
        PathPurpose::ExportPictures => "Snow for Pim frames",
        PathPurpose::ExportContactSheet => "Snow for Pim.png",
        PathPurpose::ExportBoard => "Snow for Pim.pdf",
        PathPurpose::ExportSubRip => "Snow for Pim.srt",
        PathPurpose::ExportWebVtt => "Snow for Pim.vtt",
        PathPurpose::ImportList => "list.json",
        PathPurpose::CameoRecording => "me.mp4",
        PathPurpose::ConsentFile | PathPurpose::SaveConsent => "Ada's consent.json",
        PathPurpose::ExportCameo => "Ada.cameo",
        PathPurpose::VerifyFile => "Snow for Pim.mp4",
    };
    Some(PathGrant { grant: 1, name: name.into() })
}

/// What the pretended studio finds in any file.
pub fn looked_at() -> FileReport {
    let take = |seed: u64| FileTake {
        model: "draft".into(),
        seed,
        frames: 72,
        size: FrameSize { width: 128, height: 72 },
        prompt: None,
    };
    FileReport {
        verdict: FileVerdict::Whole,
        kind: "MP4".into(),
        can_hold: true,
        signer: Some(FileSigner { name: "Kinora installation 3f9a 11c0".into(), trusted: false, own: true }),
        made_at: Some("2026-11-26T12:00:00Z".into()),
        program: Some("Kinora 0.1.0".into()),
        origin: Some(FileOrigin::Generated),
        takes: vec![take(7), take(8)],
        recorded: 0,
        imported: 0,
        spoken: 1,
        consents: 0,
        parts: Vec::new(),
        left_out: 0,
        histories: 0,
        faults: Vec::new(),
        mark: FileMark::Film("0a1b2c3d4e5".into()),
    }
}

pub fn create(studio: &mut Pretended, request: &CreateFilm) {
    let mut next = studio.ids;
    let mut ids = || {
        next += 1;
        next
    };
    studio.film = Some(kinora_document::new_film(&request.title, request.size, request.rate, &mut ids));
    studio.ids = next;
    studio.sequence = 0;
    studio.history = History::new();
    studio.jobs.clear();
}

pub fn open(studio: &mut Pretended) {
    create(
        studio,
        &CreateFilm {
            grant: 0,
            title: "Snow for Pim".into(),
            size: FrameSize { width: 1280, height: 720 },
            rate: FrameRate::FPS_24,
        },
    );
    let mut next = studio.ids;
    let mut ids = || {
        next += 1;
        next
    };
    let Some(film) = &mut studio.film else { return };
    if let Ok(patch) = (Command::SetScript { text: SCRIPT.into() }).plan(film, &mut ids) {
        let _ = film.apply(&patch);
    }
    let count = film.shots.len();
    for at in 0..count {
        // The last few stay empty; the fourth was made from other words.
        if at + 4 > count {
            continue;
        }
        for variation in 0..if at == 1 { 3 } else { 1 } {
            let words = if at == 3 { Some("A white robot looks out.") } else { None };
            if let Some(take) = take_of(film, at, ids(), words, variation) {
                let shot = take.shot;
                let id = take.id;
                for command in [Command::AddTake { take: Box::new(take) }, Command::ChooseTake { shot, take: id }] {
                    if let Ok(patch) = command.plan(film, &mut ids) {
                        let _ = film.apply(&patch);
                    }
                }
            }
        }
    }
    if let Some(count) = super::query().split("clips=").nth(1).and_then(|n| n.split('&').next()?.parse().ok()) {
        fill(film, count, &mut ids);
    }
    studio.ids = next;
    studio.stood = kinora_document::Ticks::ZERO;
    studio.playing = None;
    studio.exports = vec![ExportView {
        number: 900,
        name: "Snow for Pim – first cut.mp4".into(),
        state: ExportState::Done {
            bytes: 8_430_000,
            millis: 21_400,
            encoder: "x264".into(),
            signed_by: Some("Kinora installation 3f9a 11c0".into()),
        },
        format: Some(ExportFormat::Mp4),
        pixels: 1280 * 720 * 24 * 45,
    }];
}

/// `?fake&clips=5000`: the film's shots again and again, for measuring how the timeline bears it.
fn fill(film: &mut Film, count: usize, ids: &mut impl FnMut() -> u128) {
    use kinora_document::{Clip, ClipId, Entity, Op, Patch};
    let Some(pattern) = film.clips.first().cloned() else { return };
    let shots: Vec<_> = film.shots.keys().collect();
    let frame = film.settings.rate.frame_length();
    let (mut start, mut ops) = (film.length(), Vec::with_capacity(count));
    for n in film.clips.len()..count {
        let length = kinora_document::Ticks(frame.0 * (12 + (n as i64 * 7) % 60));
        let source = shots
            .get(n % shots.len().max(1))
            .map_or(pattern.source.clone(), |shot| kinora_document::ClipSource::Shot(*shot));
        let clip = Clip { id: ClipId(ids()), start, length, source, follows_script: false, ..pattern.clone() };
        ops.push(Op::Insert { at: n, entity: Entity::Clip(clip) });
        start += length;
    }
    let _ = film.apply(&Patch(ops));
}

pub fn take_of(film: &Film, at: usize, id: u128, words: Option<&str>, variation: u32) -> Option<Take> {
    let shot = film.shots.at(at)?;
    let model = model();
    let made = recipe(film, shot, &model);
    Some(Take {
        id: TakeId(id),
        shot: shot.id,
        key: hash_of(id),
        blob: hash_of(id),
        thumbnail: Some(hash_of(id)),
        prompt: words.map_or(made.prompt, str::to_owned),
        negative: made.negative,
        seed: made.seed + u64::from(variation),
        engine: made.model,
        model: made.weights,
        size: made.size,
        rate: made.rate,
        frames: made.frames,
        parent: kinora_document::recipe::continues_take(film, shot),
        notes: Vec::new(),
        cameos: made.cameos,
        withdrawn: false,
    })
}
