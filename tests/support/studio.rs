//! A studio in one process, with everything real but the engine, the secret and the time: those a test decides.

#![allow(dead_code, reason = "each test file uses its own part")]

use kinora_backend::{ConsentTools, Consents, Gate, House, NewCameo, OpenFilm, Studio, Tools, Trouble};
use kinora_document::catalogue::{Estimate, Model, PromptReading, Stage};
use kinora_document::command::new_film;
use kinora_document::{
    Audience, BlobHash, CameoId, CameoKind, CameoUse, CastId, CastMember, CastRole, Command, FrameRate, FrameSize,
    Purpose, Refusal, ShotId, Terms,
};
use kinora_ports::engine::{Order, Progress, Rendered};
use kinora_ports::fakes::{Dice, HummingVoice, MemoryKeeper};
use kinora_ports::{Clock, Engine, Entropy, Flow, Pixels, PortError};
use kinora_store::{ProjectFolder, RealDisk};
use kinora_vault::FolderVault;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const DAY: i64 = 86_400_000;
/// 2026-11-26.
pub const TODAY: i64 = 20_783 * DAY;

#[derive(Debug)]
pub struct SetClock(pub AtomicI64);

impl Clock for SetClock {
    fn monotonic_millis(&self) -> u64 {
        0
    }
    fn unix_millis(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub struct Numbers(pub Mutex<Dice>);

impl Entropy for Numbers {
    fn random_u128(&self) -> u128 {
        let mut dice = self.0.lock().expect("nobody panicked");
        u128::from(dice.roll()) << 64 | u128::from(dice.roll())
    }
}

/// Counts what it is asked for, and takes as long as it is told.
#[derive(Debug, Default)]
pub struct CountingEngine {
    pub orders: AtomicUsize,
    pub with_cameo: AtomicUsize,
    pub pictures: AtomicUsize,
    pub finished: AtomicUsize,
    /// Of 10 ms.
    pub steps: AtomicUsize,
}

impl Engine for CountingEngine {
    fn catalogue(&self) -> Vec<Model> {
        vec![Model {
            name: "draft".to_owned(),
            title: "Draft".to_owned(),
            licence: "MIT".to_owned(),
            weights: BlobHash([9; 32]),
            weights_bytes: 1,
            rate: FrameRate::FPS_12,
            sizes: vec![FrameSize { width: 128, height: 72 }],
            frame_counts: vec![5, 9, 13],
            makes_sound: false,
            takes_keyframes: true,
            takes_references: true,
            unavailable: None,
        }]
    }
    fn read_prompt(&self, _: &str, _: &str) -> Result<PromptReading, PortError> {
        Ok(PromptReading::default())
    }
    fn estimate(&self, _: &Order) -> Result<Estimate, Refusal> {
        Ok(Estimate { peak_bytes: 1, millis: 1 })
    }
    fn render(
        &self,
        order: &Order,
        _: Option<&[u8]>,
        watch: &mut dyn FnMut(Progress) -> Flow,
    ) -> Result<Rendered, PortError> {
        self.orders.fetch_add(1, Ordering::SeqCst);
        self.with_cameo.fetch_add(usize::from(!order.cameos.is_empty()), Ordering::SeqCst);
        self.pictures.fetch_add(order.subjects().count(), Ordering::SeqCst);
        let steps = self.steps.load(Ordering::SeqCst).max(1) as u32;
        for step in 0..steps {
            std::thread::sleep(Duration::from_millis(10));
            let progress = Progress {
                stage: Stage::Denoising,
                step,
                steps,
                permille: step * 1000 / steps,
                millis_left: None,
                forming: None,
                checkpoint: None,
            };
            if watch(progress) == Flow::Cancel {
                return Err(PortError::Cancelled);
            }
        }
        self.finished.fetch_add(1, Ordering::SeqCst);
        // Every seed another picture.
        let [red, green, ..] = order.seed.to_le_bytes();
        let rgba = [red, green, 128, 255].repeat((order.size.width * order.size.height) as usize);
        let picture = Pixels::from_rgba(order.size.width, order.size.height, rgba).expect("fits");
        let frames = vec![picture; order.frames as usize];
        Ok(Rendered { rate: FrameRate::FPS_12, frames, sound: None, reading: PromptReading::default() })
    }
}

/// A machine with its person: a folder, a secret, a clock.
pub struct Machine {
    pub folder: tempfile::TempDir,
    pub clock: Arc<SetClock>,
    pub engine: Arc<CountingEngine>,
    pub consents: Arc<Consents>,
    pub studio: Studio,
    secret: u8,
    keeper: Arc<MemoryKeeper>,
}

impl Machine {
    pub fn new(secret: u8) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(SetClock(AtomicI64::new(TODAY)));
        let engine = Arc::new(CountingEngine::default());
        let keeper = Arc::new(MemoryKeeper::new(secret));
        let (consents, studio) = services(folder.path(), secret, &clock, &engine, &keeper);
        Self { folder, clock, engine, consents, studio, secret, keeper }
    }

    /// The studio ended and started again.
    pub fn restart(&mut self) {
        (self.consents, self.studio) =
            services(self.folder.path(), self.secret, &self.clock, &self.engine, &self.keeper);
    }

    /// As another process would have it: the same folder and secret, nothing else.
    pub fn second_service(&self) -> Arc<Consents> {
        services(self.folder.path(), self.secret, &self.clock, &self.engine, &self.keeper).0
    }

    /// Who keeps the secret of this machine.
    pub fn keeper(&self) -> Arc<MemoryKeeper> {
        self.keeper.clone()
    }

    pub fn set_clock(&self, millis: i64) {
        self.clock.0.store(millis, Ordering::SeqCst);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn ledger_file(&self, cameo: CameoId) -> PathBuf {
        self.path("cameos/ledgers").join(format!("{cameo}.log"))
    }

    /// A picture with much in it, as a file.
    pub fn picture(&self, name: &str, seed: u64) -> PathBuf {
        let path = self.path(name);
        let mut dice = Dice(seed);
        let pixels: Vec<u8> = (0..160 * 90 * 3).map(|_| dice.roll() as u8).collect();
        image::RgbImage::from_raw(160, 90, pixels).expect("fits").save(&path).expect("written");
        path
    }

    pub fn add(&self, name: &str, terms: Terms) -> Result<CameoId, Trouble> {
        self.consents.add(NewCameo {
            kind: CameoKind::Person,
            name: name.to_owned(),
            given_by: name.to_owned(),
            terms,
            attestation: None,
            files: vec![self.picture(&format!("{name}.png"), 7)],
        })
    }

    pub fn using(&self, cameo: CameoId) -> CameoUse {
        let view = self.consents.find(&cameo.to_string()).expect("on record");
        CameoUse { cameo, consent: view.consents[0].consent, purpose: Purpose::Story }
    }

    pub fn film(&self, name: &str) -> OpenFilm {
        let root = self.path(&format!("{name}.kinora"));
        let size = FrameSize { width: 128, height: 72 };
        let mut next = 0u128;
        let film = new_film(name, size, FrameRate::FPS_24, &mut || {
            next += 1;
            next
        });
        drop(ProjectFolder::create(&root, &film).expect("created"));
        let film = self.open(&root);
        let text = "EXT. BEACH - DAY\n\n[[shot: wide | 1s]]\n\nADA waves.\n\n[[shot: close | 1s]]\n\nADA laughs.\n\n\
                    [[shot: wide | 1s]]\n\nA red ball bounces.\n";
        film.session.edit(&Command::SetScript { text: text.to_owned() }, None).expect("a script");
        film
    }

    pub fn open(&self, root: &Path) -> OpenFilm {
        let (store, opened) = ProjectFolder::open(root).expect("opened");
        let name = root.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        self.studio.open(&name, Arc::new(store), &opened).expect("opened")
    }
}

fn services(
    folder: &Path,
    secret: u8,
    clock: &Arc<SetClock>,
    engine: &Arc<CountingEngine>,
    keeper: &Arc<MemoryKeeper>,
) -> (Arc<Consents>, Studio) {
    let root = folder.join("cameos");
    let entropy = Arc::new(Numbers(Mutex::new(Dice(u64::from(secret)))));
    let rules = Arc::new(RealDisk::new(folder.join("policy")));
    let house = House::open(rules, clock.clone(), entropy.clone()).expect("the rules of the house");
    let gate = Arc::new(Gate::new(Arc::new(house), Arc::new(kinora_ports::NoPictureChecker)));
    let decoder = Arc::new(kinora_media::GstDecoder::new());
    let consents = Arc::new(Consents::new(ConsentTools {
        disk: Arc::new(RealDisk::new(&root)),
        vault: Arc::new(FolderVault::new(&root, keeper.clone())),
        keeper: keeper.clone(),
        clock: clock.clone(),
        entropy: entropy.clone(),
        decoder: decoder.clone(),
        gate: gate.clone(),
    }));
    let mut tools: Tools = kinora::tools().expect("the studio's own tools");
    tools.engine = engine.clone();
    tools.consents = consents.clone();
    tools.provenance = Arc::new(kinora_provenance::Notary::new(folder));
    tools.voice = Arc::new(HummingVoice::default());
    tools.entropy = entropy;
    tools.gate = gate;
    (consents, Studio::new(tools))
}

pub fn terms(until_millis: Option<i64>) -> Terms {
    let purposes = BTreeSet::from([Purpose::Story]);
    Terms { purposes, restrictions: "No smoking.".to_owned(), audience: Audience::OnlyMe, until_millis }
}

/// Gives ADA the likeness.
pub fn cast(film: &OpenFilm, using: CameoUse) {
    let known = film.session.film().cast.iter().find(|member| member.name == "ADA").cloned();
    let member = known.unwrap_or_else(|| CastMember {
        id: CastId(77),
        role: CastRole::Character,
        name: "ADA".to_owned(),
        descriptor: "a woman in a coat".to_owned(),
        references: Vec::new(),
        voice: String::new(),
        seed: None,
        wardrobe: BTreeMap::new(),
        colour: None,
        cameo: None,
    });
    let member = CastMember { cameo: Some(using), ..member };
    film.session.edit(&Command::SetCast { member }, None).expect("cast");
}

/// The two shots with ADA, then the one without.
pub fn shots(film: &OpenFilm) -> Vec<ShotId> {
    film.session.film().shots.iter().map(|shot| shot.id).collect()
}

/// Generates one shot and waits; the rule of the refusal.
pub fn generate(film: &OpenFilm, shot: ShotId) -> Result<(), String> {
    let rule = |trouble: Trouble| trouble.0.rule;
    let generated = film.generate(&[shot], 1, false).map_err(rule)?;
    for job in generated.queued {
        film.queue.wait(job, &mut |_| Flow::Continue).map_err(rule)?;
    }
    Ok(())
}
