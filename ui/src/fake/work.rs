//! The pretended queue, exports and playing, on timers.

use super::{Pretended, edit, problem, read, sample, tell, with};
use kinora_api::*;
use kinora_document::catalogue::{Estimate, Stage, WordNote};
use kinora_document::{Command, ShotId, Ticks};
use serde_json::Value;
use std::time::Duration;

const STEPS: u32 = 16;
const TICK: Duration = Duration::from_millis(700);

/// The sample film opens in the middle of things: one failed, one running, two waiting.
pub fn begin() {
    with(|studio| {
        let shots: Vec<ShotId> = studio.film.as_ref().map(|film| film.shots.keys().collect()).unwrap_or_default();
        studio.jobs.clear();
        if shots.len() > 3 {
            for shot in shots.iter().rev().take(2).rev() {
                add(studio, *shot);
            }
            let failed = Problem {
                rule: "engine.memory".into(),
                what: "This take needs 1.9 GB of memory and 1.2 GB are free.".into(),
                remedy: "Close another program, or make the shot shorter.".into(),
                detail: "peak 1,904,214,016 bytes".into(),
            };
            if let Some(shot) = shots.get(2) {
                add(studio, *shot);
                if let Some(job) = studio.jobs.last_mut() {
                    job.state = JobState::Failed(failed);
                }
            }
        }
    });
    show();
    leptos::prelude::set_timeout(tick, TICK);
}

fn add(studio: &mut Pretended, shot: ShotId) -> JobNumber {
    studio.number += 1;
    let number = studio.number;
    studio.jobs.push(Job { number, shot, seed: number, state: JobState::Waiting });
    number
}

fn view(studio: &Pretended) -> QueueView {
    let going = studio.jobs.iter().filter(|job| !matches!(job.state, JobState::Failed(_))).count() as u64;
    QueueView { paused: studio.paused, jobs: studio.jobs.clone(), millis_left: (going > 0).then_some(going * 11_200) }
}

fn show() {
    let queue = with(|studio| view(studio));
    tell(Event::Queue { queue });
}

fn tick() {
    let slow = super::query().contains("still");
    let (finished, forming) = with(|studio| {
        if studio.paused {
            return (None, None);
        }
        let at = studio.jobs.iter().position(|job| !matches!(job.state, JobState::Failed(_)));
        let Some(job) = at.and_then(|at| studio.jobs.get_mut(at)) else { return (None, None) };
        let step = match job.state {
            JobState::Running { step, .. } => step + 1,
            _ => 1,
        };
        if step > STEPS {
            let (number, shot) = (job.number, job.shot);
            studio.jobs.retain(|job| job.number != number);
            return (Some(shot), None);
        }
        let step = if slow { step.min(9) } else { step };
        job.state = JobState::Running {
            stage: if step < 2 { Stage::Loading } else { Stage::Denoising },
            step,
            steps: STEPS,
            permille: step * 1000 / STEPS,
            millis_left: Some(u64::from(STEPS - step) * 700),
        };
        (None, Some((job.number, job.shot)))
    });
    if let Some((job, shot)) = forming {
        tell(Event::Forming { job, shot });
    }
    if let Some(shot) = finished {
        let take = with(|studio| {
            let id = super::mint(studio);
            studio.film.as_ref().and_then(|film| sample::take_of(film, film.shots.position(shot)?, id, None, 0))
        });
        if let Some(take) = take {
            let id = take.id;
            let _ = edit(&Command::AddTake { take: Box::new(take) }, None);
            let _ = edit(&Command::ChooseTake { shot, take: id }, None);
        }
    }
    show();
    run_exports();
    stop_at_end();
    leptos::prelude::set_timeout(tick, TICK);
}

fn run_exports() {
    let changed = with(|studio| {
        let running = studio.exports.iter_mut().find(|export| matches!(export.state, ExportState::Running { .. }))?;
        if let ExportState::Running { permille, encoder, .. } = &running.state {
            let next = permille + 90;
            running.state = if next >= 1000 {
                ExportState::Done {
                    bytes: 8_600_000,
                    millis: 8_000,
                    encoder: encoder.clone(),
                    signed_by: Some("Kinora installation 3f9a 11c0".into()),
                }
            } else {
                ExportState::Running {
                    permille: next,
                    millis_left: Some(u64::from(1000 - next) * 8),
                    encoder: encoder.clone(),
                }
            };
        }
        Some(running.clone())
    });
    if let Some(export) = changed {
        tell(Event::Export { export });
    }
}

fn stop_at_end() {
    let at = super::now_at();
    let ended = with(|studio| {
        let end = studio.film.as_ref().map_or(Ticks::ZERO, |film| film.length());
        if studio.playing.is_some() && at >= end {
            studio.playing = None;
            studio.stood = end;
            return Some(end);
        }
        None
    });
    if let Some(at) = ended {
        tell(Event::Transport { playing: false, at });
    }
}

pub fn answer(command: &str, request: Value) -> Result<Result<Value, serde_json::Error>, Problem> {
    let value = match command {
        "queue" => serde_json::to_value(with(|studio| view(studio))),
        "generate" => {
            let request: GenerateRequest = read(request)?;
            let queued = with(|studio| generate(studio, &request));
            show();
            serde_json::to_value(Generated { queued, reused: Vec::new(), warnings: Vec::new() })
        }
        "estimate" => {
            let request: GenerateRequest = read(request)?;
            serde_json::to_value(EstimateAnswer {
                shots: request.shots.len(),
                estimate: Estimate { peak_bytes: 410_000_000, millis: 11_200 },
            })
        }
        "policy" | "set_policy" | "import_list" => serde_json::to_value(PolicyView {
            rules: "kinora-people 1".into(),
            picture_checks: "Pictures are not checked: no model for it is installed on this machine.".into(),
            ..PolicyView::default()
        }),
        "read_prompt" => serde_json::to_value(PromptAnswer {
            judged: Vec::new(),
            prompt: String::new(),
            notes: vec![WordNote {
                word: "telescope".into(),
                used: Some("lamp".into()),
                text: "telescope → lamp (draft model)".into(),
            }],
        }),
        "cancel_job" => {
            let number: JobNumber = read(request)?;
            with(|studio| {
                studio.jobs.retain(|job| job.number != number);
                for export in studio.exports.iter_mut().filter(|export| export.number == number) {
                    export.state = ExportState::Cancelled;
                }
            });
            show();
            super::null()
        }
        "retry_job" => {
            let number: JobNumber = read(request)?;
            with(|studio| {
                studio.jobs.iter_mut().filter(|job| job.number == number).for_each(|job| job.state = JobState::Waiting);
            });
            show();
            super::null()
        }
        "move_job" => {
            let request: MoveJob = read(request)?;
            with(|studio| {
                if let Some(at) = studio.jobs.iter().position(|job| job.number == request.job) {
                    let job = studio.jobs.remove(at);
                    let to = studio
                        .jobs
                        .iter()
                        .position(|job| Some(job.number) == request.before)
                        .unwrap_or(studio.jobs.len());
                    studio.jobs.insert(to, job);
                }
            });
            show();
            super::null()
        }
        "pause_queue" => {
            let paused = read(request)?;
            with(|studio| studio.paused = paused);
            show();
            super::null()
        }
        "play" => {
            let request: PlayRequest = read(request)?;
            with(|studio| studio.playing = Some((js_sys::Date::now(), request.from)));
            tell(Event::Transport { playing: true, at: request.from });
            super::null()
        }
        "stop" => {
            let at = super::now_at();
            with(|studio| {
                studio.playing = None;
                studio.stood = at;
            });
            tell(Event::Transport { playing: false, at });
            super::null()
        }
        "export_film" => {
            let request: ExportRequest = read(request)?;
            let number = with(|studio| {
                studio.number += 1;
                let name = match request.format {
                    ExportFormat::Mp4 => "Snow for Pim.mp4",
                    ExportFormat::WebM => "Snow for Pim.webm",
                    ExportFormat::PngSequence => "Snow for Pim frames",
                    ExportFormat::ContactSheet => "Snow for Pim.png",
                    ExportFormat::BoardPdf => "Snow for Pim.pdf",
                    ExportFormat::SubRip => "Snow for Pim.srt",
                    ExportFormat::WebVtt => "Snow for Pim.vtt",
                };
                let state = ExportState::Running { permille: 0, millis_left: Some(8000), encoder: "x264".into() };
                studio.exports.insert(
                    0,
                    ExportView {
                        number: studio.number,
                        name: name.into(),
                        state,
                        format: Some(request.format),
                        pixels: 0,
                    },
                );
                studio.number
            });
            serde_json::to_value(number)
        }
        "export_history" => serde_json::to_value(with(|studio| studio.exports.clone())),
        "verify_file" => serde_json::to_value(sample::looked_at()),
        "reveal_export" | "open_export" => super::null(),
        "import_script" => {
            serde_json::to_value(edit(&Command::SetScript { text: "INT. ROOM - DAY\n\nA new script.\n".into() }, None)?)
        }
        other => return Err(problem("fake", &format!("The pretended studio does not know {other}."), "")),
    };
    Ok(value)
}

fn generate(studio: &mut Pretended, request: &GenerateRequest) -> Vec<JobNumber> {
    let wanted: Vec<ShotId> = if request.shots.is_empty() {
        let cards = studio
            .film
            .as_ref()
            .map(|film| kinora_document::board::cards(film, &[sample::model()]))
            .unwrap_or_default();
        cards
            .into_iter()
            .filter(|card| card.state != kinora_document::board::CardState::Ready)
            .map(|card| card.shot)
            .collect()
    } else {
        request.shots.clone()
    };
    let busy: Vec<ShotId> =
        studio.jobs.iter().filter(|job| !matches!(job.state, JobState::Failed(_))).map(|job| job.shot).collect();
    studio.jobs.retain(|job| !(matches!(job.state, JobState::Failed(_)) && wanted.contains(&job.shot)));
    let mut queued = Vec::new();
    for shot in wanted.into_iter().filter(|shot| !busy.contains(shot)) {
        for _ in 0..request.variations.max(1) {
            queued.push(add(studio, shot));
        }
    }
    queued
}
