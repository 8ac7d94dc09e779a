//! The engine of this machine: every local model behind one port, one of them in memory at a time.

use crate::catalogue::{self, Entry, PutOn};
use crate::draft::Draft;
use crate::family::Family;
use crate::ltx::Ltx;
use crate::manifest::{Download, ManifestError};
use kinora_document::catalogue::{Estimate, Model, PromptReading};
use kinora_ports::engine::{Order, Progress, Rendered};
use kinora_ports::{Engine, Fault, Flow, PortError, Refusal};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug)]
pub struct LocalEngine {
    entries: Vec<Entry>,
    /// The model in memory. Loading is lazy: the studio opens without touching weights.
    loaded: Mutex<Option<(String, Arc<dyn Family>)>>,
}

impl LocalEngine {
    /// `models` is the folder that holds `manifests/` and one folder per model.
    pub fn open(models: &Path) -> Result<Self, PortError> {
        let entries = catalogue::read(models).map_err(|e| damaged(&e))?;
        Ok(Self { entries, loaded: Mutex::new(None) })
    }

    /// The same, with what the person said of their own files in `places` (see [`LocalEngine::point`]), where states of prompts are kept, too.
    #[must_use]
    pub fn with_own(mut self, places: &Path) -> Self {
        for entry in self.entries.iter_mut().filter(|entry| entry.own.is_some()) {
            if let Some(folder) = catalogue::pointed(places, &entry.manifest.name) {
                *entry = Entry { folder, ..entry.clone() }.looked_through();
            }
            entry.loras = catalogue::put_on(places, &entry.manifest.name);
            entry.kept = Some(places.join("prompts"));
        }
        self
    }

    /// The model's card, and the files that can be downloaded for it.
    pub fn downloads(&self, name: &str) -> Result<(Model, Vec<Download>), PortError> {
        let entry = self.entry(name)?;
        if entry.own.is_none() {
            return Err(Refusal::new(
                "engine.get",
                format!("{} comes with Kinora: there is nothing to download.", entry.manifest.title),
                "Name a model whose files are not here.",
            )
            .into());
        }
        if entry.manifest.downloads.is_empty() {
            return Err(Refusal::new(
                "engine.get",
                format!(
                    "Kinora does not know the files of {} by their hash, and downloads nothing else.",
                    entry.manifest.title
                ),
                format!(
                    "Download them from the model's page, then say where they are: kinora models --use {name}=FOLDER."
                ),
            )
            .into());
        }
        Ok((entry.card(), entry.manifest.downloads.clone()))
    }

    /// Remembers in `places` that the files of the model `name` are in `folder`, if they are.
    pub fn point(&self, places: &Path, name: &str, folder: &Path) -> Result<Model, PortError> {
        let entry = self.entry(name)?;
        if entry.own.is_none() {
            return Err(Refusal::new(
                "engine.own",
                format!("{} comes with Kinora; its files cannot lie elsewhere.", entry.manifest.title),
                "Name a model whose files you bring.",
            )
            .into());
        }
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let entry = Entry { folder: folder.clone(), ..entry.clone() }.looked_through();
        let card = entry.card();
        if let Some(why) = &card.unavailable {
            return Err(Refusal::new("engine.own", why.clone(), "Then say it again.").into());
        }
        let write = || {
            std::fs::create_dir_all(places)?;
            std::fs::write(places.join(format!("{name}.folder")), folder.to_string_lossy().as_bytes())
        };
        write().map_err(|e| {
            Fault::new("Where the model's files are could not be written down.", "Is the disk full or read-only?", e)
        })?;
        Ok(card)
    }

    /// Remembers in `places` that the LoRA in `file` counts by `permille` thousandths in the model `name`; 0 takes it off.
    pub fn put_on(&self, places: &Path, name: &str, file: &Path, permille: i32) -> Result<Vec<PutOn>, PortError> {
        let entry = self.entry(name)?;
        let refuse = |what: String, remedy: &str| PortError::from(Refusal::new("engine.lora", what, remedy));
        if entry.own.is_none() {
            return Err(refuse(
                format!("{} takes no LoRA.", entry.manifest.title),
                "Name a model whose files you bring; `kinora models` lists them.",
            ));
        }
        let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let mut loras = catalogue::put_on(places, name);
        let before = loras.len();
        loras.retain(|lora| lora.path != path);
        if permille != 0 {
            crate::ltx::read_lora(&path)
                .map_err(|error| refuse(format!("{} is not used: {error}.", path.display()), "Name another file."))?;
            loras.push(PutOn { path, permille });
        } else if loras.len() == before {
            return Err(refuse(format!("{} is not on {name}.", path.display()), "`kinora models` shows which are."));
        }
        if loras.len() > catalogue::LORAS {
            return Err(refuse(
                format!("{} LoRAs are on {name}, and more than {0} are not taken.", catalogue::LORAS),
                "Take one off first: --strength 0.",
            ));
        }
        let text: String =
            loras.iter().map(|lora| format!("{} {}\n", lora.permille, lora.path.to_string_lossy())).collect();
        let write = || {
            std::fs::create_dir_all(places)?;
            std::fs::write(places.join(format!("{name}.loras")), text)
        };
        write().map_err(|e| {
            Fault::new("Which LoRAs a model has could not be written down.", "Is the disk full or read-only?", e)
        })?;
        Ok(loras)
    }

    /// The LoRAs on the model `name`.
    pub fn loras(&self, name: &str) -> &[PutOn] {
        self.entry(name).map(|entry| entry.loras.as_slice()).unwrap_or_default()
    }

    fn entry(&self, name: &str) -> Result<&Entry, Refusal> {
        self.entries.iter().find(|entry| entry.manifest.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.entries.iter().map(|entry| entry.manifest.name.as_str()).collect();
            Refusal::new(
                "engine.unknown",
                format!("There is no engine called “{name}” on this machine."),
                format!("Choose one of: {}.", known.join(", ")),
            )
        })
    }

    fn model(&self, name: &str) -> Result<Arc<dyn Family>, PortError> {
        let entry = self.entry(name)?;
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        match loaded.as_ref() {
            Some((held, model)) if held == name => Ok(model.clone()),
            _ => {
                // The old one goes first: two models together may not fit.
                *loaded = None;
                let model: Arc<dyn Family> = match (&entry.manifest.ltx, &entry.own) {
                    (Some(settings), Some(own)) => Arc::new(Ltx::open(entry, settings, own)?),
                    _ => {
                        let weights = entry.manifest.verify(&entry.folder).map_err(|e| damaged(&e))?;
                        Arc::new(Draft::load(&entry.card(), &weights)?)
                    }
                };
                *loaded = Some((name.to_owned(), model.clone()));
                Ok(model)
            }
        }
    }

    /// The card of the order's model, when the order is one it can make.
    fn card_for(&self, order: &Order) -> Result<Model, Refusal> {
        let card = self.entry(&order.model)?.card();
        if let Some(why) = &card.unavailable {
            return Err(Refusal::new("engine.unavailable", why.clone(), "Choose another engine meanwhile."));
        }
        if !card.sizes.contains(&order.size) {
            let sizes: Vec<String> = card.sizes.iter().map(|s| format!("{}×{}", s.width, s.height)).collect();
            return Err(Refusal::new(
                "engine.size",
                format!("{} cannot make pictures of {}×{}.", card.title, order.size.width, order.size.height),
                format!("Its sizes are {}.", sizes.join(", ")),
            ));
        }
        if !card.frame_counts.contains(&order.frames) {
            return Err(Refusal::new(
                "engine.frames",
                format!("{} cannot make a clip of {} frames.", card.title, order.frames),
                format!(
                    "It makes {} to {} frames; shorten or split the shot.",
                    card.frame_counts.first().unwrap_or(&0),
                    card.frame_counts.last().unwrap_or(&0)
                ),
            ));
        }
        Ok(card)
    }
}

impl Engine for LocalEngine {
    fn catalogue(&self) -> Vec<Model> {
        self.entries.iter().map(Entry::card).collect()
    }

    fn read_prompt(&self, model: &str, prompt: &str) -> Result<PromptReading, PortError> {
        Ok(self.model(model)?.read_prompt(prompt))
    }

    fn estimate(&self, order: &Order) -> Result<Estimate, Refusal> {
        self.card_for(order)?;
        match self.model(&order.model) {
            Ok(model) => model.estimate(order),
            Err(PortError::Refused(refusal)) => Err(refusal),
            Err(problem) => {
                Err(Refusal::new("engine.unavailable", problem.to_string(), "Choose another engine meanwhile."))
            }
        }
    }

    fn render(
        &self,
        order: &Order,
        resume: Option<&[u8]>,
        watch: &mut dyn FnMut(Progress) -> Flow,
    ) -> Result<Rendered, PortError> {
        let card = self.card_for(order)?;
        let model = self.model(&order.model)?;
        let estimate = model.estimate(order)?;
        if let Some(free) = free_memory().filter(|free| estimate.peak_bytes > *free) {
            return Err(too_large(&card, order, estimate.peak_bytes, free).into());
        }
        model.render(order, resume, estimate, watch)
    }
}

fn too_large(card: &Model, order: &Order, needed: u64, free: u64) -> Refusal {
    let shorter = card.frame_counts.iter().rev().find(|count| **count < order.frames);
    let remedy = match shorter {
        Some(frames) => format!("Close other programs, or shorten the shot to {frames} frames and try again."),
        None => "Close other programs and try again.".to_owned(),
    };
    Refusal::new(
        "engine.memory",
        format!("{} needs {} MB for this shot and {} MB are free.", card.title, needed.div_ceil(1 << 20), free >> 20),
        remedy,
    )
}

/// What the system can hand out without swapping; None where it does not say.
fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

fn damaged(error: &ManifestError) -> PortError {
    Fault::new(
        format!("The model cannot be used: {error}."),
        "Install Kinora again, or put the model's files back.",
        error,
    )
    .into()
}
