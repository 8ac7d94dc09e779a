//! One take: from a shot as it stands now to a movie in the project.
//!
//! The recipe is hashed into the take's key first: when a take with that key exists it is chosen and nothing is rendered. Otherwise the engine
//! renders, the clip is encoded losslessly, stored by content, and recorded as the studio's own edit.

use crate::consents::Consents;
use crate::gate::Gate;
use crate::library::Library;
use crate::pictures::thumbnail_png;
use crate::problem::Trouble;
use crate::session::Session;
use kinora_api::PolicyNote;
use kinora_document::board::numbers;
use kinora_document::recipe::{Recipe, continues_take, model_of, recipe, waits_for};
use kinora_document::{BlobHash, Command, Film, Shot, ShotId, Take, TakeId};
use kinora_policy::Place;
use kinora_ports::compositor::PictureStore;
use kinora_ports::engine::{Cameo, Model, Order, Progress, Rendered};
use kinora_ports::media::{Container, EncodeSettings};
use kinora_ports::{ConsentedCameo, Decoder, Encoder, Engine, Entropy, Flow, Sound};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) struct Generator {
    pub session: Arc<Session>,
    pub engine: Arc<dyn Engine>,
    pub encoder: Arc<dyn Encoder>,
    pub decoder: Arc<dyn Decoder>,
    pub entropy: Arc<dyn Entropy>,
    pub gate: Arc<Gate>,
    pub consents: Arc<Consents>,
}

/// What is to be made: a shot, perhaps with a seed of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Wish {
    pub shot: ShotId,
    pub seed: Option<u64>,
    /// A picture (or a movie, whose last picture counts) that the take begins on, instead of what the film says.
    pub begin_on: Option<BlobHash>,
}

impl Wish {
    pub fn shot(shot: ShotId) -> Self {
        Self { shot, seed: None, begin_on: None }
    }
}

/// How a wish was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    New(TakeId),
    /// The same recipe had been rendered before.
    Reused(TakeId),
}

impl std::fmt::Debug for Generator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generator").finish_non_exhaustive()
    }
}

impl Generator {
    /// What would be sent for the wish now, and its key.
    pub fn recipe(&self, film: &Film, wish: Wish) -> Result<(Recipe, BlobHash), Trouble> {
        let shot = shot_of(film, wish.shot)?;
        let models = self.engine.catalogue();
        let model = self.model(film, shot, &models)?;
        let mut recipe = recipe(film, shot, model);
        recipe.seed = wish.seed.unwrap_or(recipe.seed);
        recipe.continues_from = wish.begin_on.or(recipe.continues_from);
        let key = BlobHash(*blake3::hash(&recipe.canonical_json()).as_bytes());
        Ok((recipe, key))
    }

    /// The take that already is what the wish would make.
    pub fn existing(&self, film: &Film, wish: Wish) -> Result<Option<TakeId>, Trouble> {
        let (_, key) = self.recipe(film, wish)?;
        let blobs = self.session.store().blobs();
        // A take whose file is gone is made again.
        Ok(film
            .takes
            .iter()
            .find(|take| take.shot == wish.shot && take.key == key && !take.withdrawn && blobs.contains(take.blob))
            .map(|take| take.id))
    }

    /// A continuing shot can only be made after the one before it.
    pub fn waits_for(film: &Film, wish: Wish) -> Option<ShotId> {
        film.shots.get(wish.shot).and_then(|shot| waits_for(film, shot))
    }

    pub fn choose(&self, wish: Wish, take: TakeId) -> Result<(), Trouble> {
        let film = self.session.film();
        if film.shots.get(wish.shot).is_some_and(|shot| shot.chosen_take != Some(take)) {
            self.session.record(&Command::ChooseTake { shot: wish.shot, take })?;
        }
        Ok(())
    }

    /// `resume` is a checkpoint saved for the same key.
    pub fn make(
        &self,
        wish: Wish,
        resume: &dyn Fn(BlobHash) -> Option<Vec<u8>>,
        watch: &mut dyn FnMut(BlobHash, Progress) -> Flow,
    ) -> Result<Made, Trouble> {
        let film = self.session.film();
        let shot = shot_of(&film, wish.shot)?;
        let (recipe, key) = self.recipe(&film, wish)?;
        // Before anything that is there is used again.
        let consented = self.consented(&recipe)?;
        if let Some(take) = self.existing(&film, wish)? {
            self.choose(wish, take)?;
            return Ok(Made::Reused(take));
        }
        let order = self.order(&film, wish, &recipe, consented)?;
        let mut withdrawn = None;
        let rendered = self.engine.render(&order, resume(key).as_deref(), &mut |progress| match self.still(&order) {
            Ok(()) => watch(key, progress),
            Err(trouble) => {
                withdrawn = Some(trouble);
                Flow::Cancel
            }
        });
        if let Some(trouble) = withdrawn {
            return Err(trouble);
        }
        let rendered = rendered?;
        self.still(&order)?;
        self.gate.check_take(&rendered.frames, rendered.rate)?;
        let take = self.keep(&film, shot, &recipe, key, &rendered)?;
        self.note(&film, shot, &order, key)?;
        let id = take.id;
        self.session.record(&Command::AddTake { take: Box::new(take) })?;
        Ok(Made::New(id))
    }

    fn model<'m>(&self, film: &Film, shot: &Shot, models: &'m [Model]) -> Result<&'m Model, Trouble> {
        model_of(film, shot, models).ok_or_else(|| {
            let wanted = shot.engine.as_deref().unwrap_or(&film.settings.engine);
            let known: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
            Trouble::refuse(
                "engine.unknown",
                format!("There is no engine called “{wanted}” on this machine."),
                format!("Choose one of: {}.", known.join(", ")),
            )
        })
    }

    /// Whether what the shot asks for may be made: its prompt, as it would be sent, and who is in it. What should be read first is given.
    pub fn judge(&self, film: &Film, wish: Wish) -> Result<Vec<PolicyNote>, Trouble> {
        let (recipe, _) = self.recipe(film, wish)?;
        let consented = self.consented(&recipe)?;
        self.judge_recipe(film, wish, &recipe, &self.freed(&consented)?)
    }

    fn judge_recipe(
        &self,
        film: &Film,
        wish: Wish,
        recipe: &Recipe,
        freed: &BTreeSet<String>,
    ) -> Result<Vec<PolicyNote>, Trouble> {
        // Alone as well: a place and a style around it make a borderline sentence look harmless.
        let told = kinora_document::prompt::compose(film, shot_of(film, wish.shot)?).told();
        self.gate.check_with(&told, Place::Prompt, freed)?;
        let mut warnings = self.gate.check_with(&recipe.prompt, Place::Prompt, freed)?;
        let pictures: Vec<_> =
            recipe.references.iter().copied().chain(recipe.continues_from).chain(recipe.leads_to).collect();
        warnings.extend(self.gate.check_cast(film, shot_of(film, wish.shot)?, &pictures, freed)?);
        Ok(warnings)
    }

    /// Whether every likeness the shot asks for may be used.
    pub fn permitted(&self, film: &Film, wish: Wish) -> Result<(), Trouble> {
        self.consented(&self.recipe(film, wish)?.0).map(drop)
    }

    /// The proof for every likeness in the recipe, or the first refusal.
    pub fn consented(&self, recipe: &Recipe) -> Result<Vec<ConsentedCameo>, Trouble> {
        recipe.cameos.iter().map(|using| self.consents.permit(*using)).collect()
    }

    /// Listed people who consented themselves to this one order.
    fn freed(&self, consented: &[ConsentedCameo]) -> Result<BTreeSet<String>, Trouble> {
        let mut freed = BTreeSet::new();
        for cameo in consented {
            freed.extend(self.consents.freed(cameo)?);
        }
        Ok(freed)
    }

    /// Refused as soon as one of the order's consents no longer holds.
    fn still(&self, order: &Order) -> Result<(), Trouble> {
        order.cameos.iter().try_for_each(|cameo| self.consents.still_holds(&cameo.consented))
    }

    /// What is made with a likeness stands in its subject's list, or is not made.
    fn note(&self, film: &Film, shot: &Shot, order: &Order, key: BlobHash) -> Result<(), Trouble> {
        if order.cameos.is_empty() {
            return Ok(());
        }
        let number = numbers(film).remove(&shot.id).unwrap_or_default();
        let noted = |cameo: &Cameo| self.consents.note_use(&cameo.consented, key, &film.settings.title, &number);
        order.cameos.iter().try_for_each(noted)
    }

    /// The only place where an order is made.
    fn order(
        &self,
        film: &Film,
        wish: Wish,
        recipe: &Recipe,
        consented: Vec<ConsentedCameo>,
    ) -> Result<Order, Trouble> {
        self.judge_recipe(film, wish, recipe, &self.freed(&consented)?)?;
        let shown = |consented: ConsentedCameo| -> Result<Cameo, Trouble> {
            let pictures = self.consents.pictures(&consented)?;
            Ok(Cameo { consented, pictures })
        };
        let mut cameos = consented.into_iter().map(shown).collect::<Result<Vec<Cameo>, Trouble>>()?;
        if !self.engine.catalogue().iter().any(|model| model.name == recipe.model && model.takes_references) {
            // The likeness is in the order all the same: its words ask for it.
            cameos.iter_mut().for_each(|cameo| cameo.pictures.clear());
        }
        let mut library = Library::new(self.session.store().blobs(), self.decoder.clone());
        let preceding = match recipe.continues_from {
            // Past the end means the last picture.
            Some(blob) => vec![library.picture(blob, u32::MAX)?],
            None => Vec::new(),
        };
        // The other end of a shot that leads on: the first picture of what comes after.
        let keyframes = match recipe.leads_to {
            Some(blob) => vec![(recipe.frames.saturating_sub(1), library.picture(blob, 0)?)],
            None => Vec::new(),
        };
        let references = recipe.references.iter().map(|blob| library.picture(*blob, 0)).collect::<Result<_, _>>()?;
        let order = Order {
            model: recipe.model.clone(),
            prompt: recipe.prompt.clone(),
            negative: recipe.negative.clone(),
            seed: recipe.seed,
            size: recipe.size,
            frames: recipe.frames,
            steps: None,
            guidance_permille: None,
            keyframes,
            preceding,
            references,
            cameos,
        };
        self.gate.check_order(&order)?;
        Ok(order)
    }

    fn keep(
        &self,
        film: &Film,
        shot: &Shot,
        recipe: &Recipe,
        key: BlobHash,
        rendered: &Rendered,
    ) -> Result<Take, Trouble> {
        let blobs = self.session.store().blobs();
        let first = rendered.frames.first().ok_or_else(|| {
            Trouble::refuse("engine.empty", "The engine gave no pictures.", "Generate the shot again.")
        })?;
        let settings = EncodeSettings {
            container: Container::Take,
            size: kinora_document::FrameSize { width: first.width, height: first.height },
            rate: rendered.rate,
            sound_rate: rendered.sound.as_ref().map(|_| Sound::FILM_RATE),
            sound_channels: 2,
            title: String::new(),
        };
        let file = blobs.scratch().join(format!("take-{:032x}.mov", self.entropy.random_u128()));
        let mut encoding = self.encoder.start(&settings, &file)?;
        for frame in &rendered.frames {
            encoding.picture(frame)?;
        }
        if let Some(sound) = &rendered.sound {
            encoding.sound(&sound.samples)?;
        }
        encoding.finish()?;
        let blob = blobs.adopt(&file)?;
        let middle = rendered.frames.get(rendered.frames.len() / 2).unwrap_or(first);
        let thumbnail = blobs.put(&thumbnail_png(middle)?)?;
        Ok(Take {
            id: TakeId(self.entropy.random_u128()),
            shot: shot.id,
            key,
            blob,
            thumbnail: Some(thumbnail),
            prompt: recipe.prompt.clone(),
            negative: recipe.negative.clone(),
            seed: recipe.seed,
            engine: recipe.model.clone(),
            model: recipe.weights,
            size: recipe.size,
            rate: rendered.rate,
            frames: rendered.frames.len() as u32,
            parent: continues_take(film, shot),
            notes: rendered.reading.notes.iter().map(|note| note.text.clone()).collect(),
            cameos: recipe.cameos.clone(),
            withdrawn: false,
        })
    }
}

fn shot_of(film: &Film, shot: ShotId) -> Result<&Shot, Trouble> {
    film.shots
        .get(shot)
        .ok_or_else(|| Trouble::refuse("shot.gone", "The shot is no longer in the film.", "Nothing needs to be done."))
}
