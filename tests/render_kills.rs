//! A take that is killed while it is made goes on from its last kept step, and becomes the very take that it would have been.
//!
//! The test starts itself as the child: the real studio with the LTX engine, on a tiny model of random numbers, whose queue keeps what a
//! render tells. The child says each step as it is done and each state as it is kept; it is killed at any moment of that, while a state is
//! written, and while pictures are decoded. It must never pass because nothing was kept.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and prints what it measured")]

#[path = "../crates/engine/tests/support/mod.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod tiny;

use kinora_api::JobState;
use kinora_document::catalogue::{Estimate, Model, PromptReading, Stage};
use kinora_document::{Command as Wish, FrameRate, FrameSize, Settings, new_film};
use kinora_ports::engine::{Order, Progress, Rendered};
use kinora_ports::fakes::Dice;
use kinora_ports::{Decoder, Engine, Flow, Pixels, PortError, ProjectStore, Refusal};
use kinora_store::ProjectFolder;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;
use tiny::Tiny;

const STEPS: usize = 60;
/// The engine keeps its state after every so many steps.
const KEPT_EVERY: usize = 2;
const TAKES: u64 = 3;
/// Of each take; one more comes while its pictures are decoded.
const KILLS: u64 = 8;
const SEED: u64 = 20_261_201;
/// A child that says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(120);

const MANIFEST: &str = r#"
name = "tiny"
title = "Tiny"
licence = "none"
fps = 25
frame_counts = [9, 17, 25]
sizes = [[256, 128]]
takes_keyframes = true
[ltx]
blocks = 2
distilled = false
steps = 60
guidance = 2.0
rescale = 0.5
perturbation = 1.0
perturbed_blocks = [1]
condition_noise = 0.15
decode_timestep = 0.05
decode_noise = 0.025
words = 12
"#;

const SCRIPT: &str = "EXT. BEACH - DAY\n\n[[shot: wide | static | 1s | seed 7]]\n\nA red ball bounces on the beach.\n";

/// The engine, saying what it does: once the queue has dealt with a step, and so has kept what there was to keep.
struct Telling(Arc<dyn Engine>);

impl Engine for Telling {
    fn catalogue(&self) -> Vec<Model> {
        self.0.catalogue()
    }
    fn read_prompt(&self, model: &str, prompt: &str) -> Result<PromptReading, PortError> {
        self.0.read_prompt(model, prompt)
    }
    fn estimate(&self, order: &Order) -> Result<Estimate, Refusal> {
        self.0.estimate(order)
    }
    fn render(
        &self,
        order: &Order,
        resume: Option<&[u8]>,
        watch: &mut dyn FnMut(Progress) -> Flow,
    ) -> Result<Rendered, PortError> {
        let mut told = None;
        self.0.render(order, resume, &mut |progress| {
            let (stage, step, kept) = (progress.stage, progress.step, progress.checkpoint.is_some());
            let flow = watch(progress);
            if kept {
                println!("kept {step}");
            }
            match stage {
                Stage::Denoising if told != Some(step) => {
                    told = Some(step);
                    println!("step {step}");
                }
                Stage::Decoding => println!("decoding"),
                _ => {}
            }
            flow
        })
    }
}

/// Opens the film, writes it where there is none yet, and makes its one take.
fn child(root: &Path) {
    let mut studio = kinora::studio().unwrap();
    studio.tools.engine = Arc::new(Telling(studio.tools.engine.clone()));
    if !root.exists() {
        let (size, entropy) = (FrameSize { width: 256, height: 128 }, &studio.tools.entropy);
        drop(
            ProjectFolder::create(root, &new_film("Killed", size, FrameRate::FPS_25, &mut || entropy.random_u128()))
                .unwrap(),
        );
    }
    let (store, opened) = ProjectFolder::open(root).unwrap();
    let film = studio.open("killed", Arc::new(store), &opened).unwrap();
    if film.session.film().shots.is_empty() {
        let settings = Settings { engine: "tiny".to_owned(), ..film.session.film().settings.clone() };
        film.session.edit(&Wish::SetSettings { settings }, None).unwrap();
        film.session.edit(&Wish::SetScript { text: SCRIPT.to_owned() }, None).unwrap();
    }
    // What was waiting goes on by itself.
    if film.queue.view().jobs.is_empty() {
        film.generate(&film.stale_shots(), 1, false).unwrap();
    }
    while let Some(job) = film.queue.view().jobs.first() {
        assert!(!matches!(job.state, JobState::Failed(_)), "{:?}", job.state);
        film.queue.wait(job.number, &mut |_| Flow::Continue).unwrap();
    }
    println!("made");
}

/// What children said of one take, over all their lives.
#[derive(Debug, Default)]
struct Told {
    /// The first step of each life: what it went on from.
    begun: Vec<usize>,
    step: usize,
    kept: usize,
    /// Steps that were done again: what the kills cost.
    again: usize,
    decoding: bool,
    made: bool,
}

impl Told {
    fn hear(&mut self, line: &str, begins: &mut bool) {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["step", step] => {
                let step = step.parse().unwrap();
                if std::mem::take(begins) {
                    self.begins(step);
                }
                self.step = step;
            }
            ["kept", step] => self.kept = step.parse().unwrap(),
            ["decoding"] => self.decoding = true,
            ["made"] => self.made = true,
            other => panic!("{other:?}"),
        }
    }

    /// A life that follows another goes on from the last state that was kept, which a step that was told has left behind.
    fn begins(&mut self, step: usize) {
        if self.begun.is_empty() {
            assert_eq!(step, 0);
        } else {
            let known = self.step.min(STEPS - 1) / KEPT_EVERY * KEPT_EVERY;
            assert!(step >= known.max(self.kept), "step {step} is done again: {self:?}");
            assert!(
                step <= self.step + KEPT_EVERY && step.is_multiple_of(KEPT_EVERY),
                "{step} was never kept: {self:?}"
            );
        }
        self.again += self.step.saturating_sub(step);
        self.begun.push(step);
    }
}

/// A film in a home of its own, where nothing is known of the prompts that other homes have read.
struct Film {
    home: PathBuf,
    models: PathBuf,
    told: Told,
}

struct Life {
    child: Child,
    heard: Receiver<String>,
    begins: bool,
}

impl Film {
    fn new(folder: &Path, name: &str, models: PathBuf) -> Self {
        Self { home: folder.join(name), models, told: Told::default() }
    }

    fn root(&self) -> PathBuf {
        self.home.join("killed.kinora")
    }

    fn start(&self) -> Life {
        std::fs::create_dir_all(&self.home).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--child", self.root().to_str().unwrap()])
            .env("KINORA_HOME", self.home.join("home"))
            .env("KINORA_MODELS", &self.models)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = child.stdout.take().unwrap();
        let (tell, heard) = sync_channel(1_000);
        std::thread::spawn(move || {
            // The pipe hands on whole writes; a line without an end was not told.
            for line in BufReader::new(output).split(b'\n') {
                if tell.send(String::from_utf8(line.unwrap()).unwrap()).is_err() {
                    return;
                }
            }
        });
        Life { child, heard, begins: true }
    }

    /// Hears the child until `enough`, or until it has ended.
    fn hear(&mut self, life: &mut Life, enough: &dyn Fn(&Told) -> bool) {
        while !enough(&self.told) {
            match life.heard.recv_timeout(PATIENCE) {
                Ok(line) => self.told.hear(&line, &mut life.begins),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return,
                Err(silent) => panic!("{silent}: {:?}", self.told),
            }
        }
    }

    /// One life, killed so long after `enough` was heard. What it said before it died counts.
    fn kill(&mut self, enough: &dyn Fn(&Told) -> bool, later: Duration) {
        let mut life = self.start();
        self.hear(&mut life, enough);
        std::thread::sleep(later);
        life.child.kill().unwrap();
        life.child.wait().unwrap();
        self.hear(&mut life, &|_| false);
    }

    /// One life to its natural end.
    fn live(&mut self) {
        let mut life = self.start();
        self.hear(&mut life, &|_| false);
        assert!(life.child.wait().unwrap().success() && self.told.made, "{:?}", self.told);
    }

    /// The pictures of the take; there is one, and the shot shows it.
    fn pictures(&self) -> Vec<Pixels> {
        let (project, opened) = ProjectFolder::open(&self.root()).unwrap();
        let takes: Vec<_> = opened.film.takes.iter().collect();
        let [take] = takes.as_slice() else { panic!("{} takes", takes.len()) };
        assert_eq!(opened.film.shots.first().unwrap().chosen_take, Some(take.id));
        let mut movie = kinora_media::GstDecoder::new().open(&project.blobs().path(take.blob).unwrap()).unwrap();
        (0..movie.info().frames).map(|index| movie.frame(index).unwrap()).collect()
    }
}

fn a_killed_ltx_take_goes_on_from_its_last_kept_step_and_has_the_same_pictures() {
    let model = Tiny::new(Path::new(env!("CARGO_MANIFEST_DIR")), MANIFEST);
    model.in_folders();
    let folder = tempfile::tempdir().unwrap();
    let mut whole = Film::new(folder.path(), "whole", model.models());
    whole.live();
    assert_eq!((whole.told.begun.as_slice(), whole.told.step), ([0].as_slice(), STEPS));
    let wanted = whole.pictures();
    assert_eq!(wanted.len(), 25);
    assert!(wanted.windows(2).any(|pair| pair[0] != pair[1]), "something moves");

    let mut dice = Dice(SEED);
    let (mut lives, mut resumed, mut again) = (0, 0, 0);
    for take in 0..TAKES {
        let mut film = Film::new(folder.path(), &format!("killed {take}"), model.models());
        for _ in 0..KILLS {
            // A few steps further than the life before, and then at any moment of a step.
            let until = film.told.step + 1 + dice.below(4) as usize;
            let before = film.told.begun.len();
            let enough = |told: &Told| told.begun.len() > before && told.step >= until || told.decoding;
            film.kill(&enough, Duration::from_micros(dice.below(8_000)));
        }
        let before = film.told.begun.len();
        let enough = |told: &Told| told.begun.len() > before && told.decoding;
        film.told.decoding = false;
        film.kill(&enough, Duration::from_micros(dice.below(3_000)));
        film.live();
        assert!(film.pictures() == wanted, "seed {SEED}, take {take}: other pictures, {:?}", film.told);
        lives += film.told.begun.len();
        resumed += film.told.begun.iter().filter(|from| **from > 0).count();
        again += film.told.again;
    }
    assert!(resumed > TAKES as usize * 4, "seed {SEED}: {resumed} lives of {lives} went on, so little is proved");
    assert!(again <= lives * KEPT_EVERY, "seed {SEED}: {again} steps were done again in {lives} lives");
    println!(
        "{TAKES} takes in {lives} lives, {resumed} went on from a kept step, {again} steps done again, 0 other pictures"
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, root] = arguments.as_slice()
        && flag == "--child"
    {
        return child(Path::new(root));
    }
    let promise = libtest_mimic::Trial::test(
        "a_killed_ltx_take_goes_on_from_its_last_kept_step_and_has_the_same_pictures",
        || {
            a_killed_ltx_take_goes_on_from_its_last_kept_step_and_has_the_same_pictures();
            Ok(())
        },
    );
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), vec![promise]).exit();
}
