//! The gate before every engine, every voice and every file that leaves: what is asked for is judged first.
//!
//! The rules are `kinora_policy`'s and the profile is the house's; here stands where they are asked. An order, an utterance and an export are
//! made by this crate alone and only after their words passed, so that no window and no command line can go around it. Pictures are looked at
//! in `pictures`, where something is installed that can.

mod pictures;

use crate::house::House;
use crate::problem::Trouble;
use kinora_api::{HouseProfile, PolicyNote, PolicyView, SetPolicy};
use kinora_document::{BlobHash, ClipSource, Film, Shot};
use kinora_policy::{Engine, Finding, Judgement, Place, Profile, Request, Verdict};
use kinora_ports::{Fault, PictureChecker};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

pub struct Gate {
    /// Read at the first question: signatures and automata take longer than a window may wait. None again when a list came or went.
    rules: Mutex<Option<Arc<Rules>>>,
    house: Arc<House>,
    pictures: Arc<dyn PictureChecker>,
    /// Hashes of pictures that nothing was found against.
    harmless: Mutex<BTreeSet<[u8; 32]>>,
}

struct Rules {
    engine: Engine,
    /// Lists that are not in force, as sentences.
    problems: Vec<String>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("house", &self.house).finish_non_exhaustive()
    }
}

impl Gate {
    /// Judges by the rules that come with the studio and the lists of this house, in its profile.
    pub fn new(house: Arc<House>, pictures: Arc<dyn PictureChecker>) -> Self {
        Self { rules: Mutex::new(None), house, pictures, harmless: Mutex::default() }
    }

    fn rules(&self) -> Result<Arc<Rules>, Fault> {
        let mut slot = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = slot.as_ref() {
            return Ok(rules.clone());
        }
        let (lists, mut problems) = self.house.packs();
        // A list that fits nowhere must not take the studio's own rules down with it.
        let engine = Engine::shipped_with(lists).or_else(|error| {
            problems.push(format!("No opt-out list is in force: {error}. Remove the newest one."));
            Engine::shipped_with(Vec::new())
        });
        let engine = engine.map_err(|e| {
            Fault::new(
                "The studio's own rules of what may be made cannot be read, so nothing can be generated.",
                "Install Kinora again.",
                e,
            )
        })?;
        let rules = Arc::new(Rules { engine, problems });
        *slot = Some(rules.clone());
        Ok(rules)
    }

    fn read(&self, text: &str, place: Place, consented: &BTreeSet<String>) -> Result<Judgement, Fault> {
        let profile = profile_of(self.house.profile());
        Ok(self.rules()?.engine.judge(&Request { text, place, profile, consented }))
    }

    /// What the rules say, for showing: nothing is decided and nothing is kept.
    pub fn judged(&self, text: &str, place: Place) -> Result<Vec<PolicyNote>, Trouble> {
        Ok(notes(text, &self.read(text, place, &BTreeSet::new())?))
    }

    /// The ids in the protected lists of people who are called so.
    pub fn people_named(&self, name: &str) -> Result<Vec<String>, Trouble> {
        Ok(self.rules()?.engine.people_named(name).into_iter().map(str::to_owned).collect())
    }

    /// Refused with the rule, its reason and what to write instead; otherwise what a person should read before it is made.
    pub fn check(&self, text: &str, place: Place) -> Result<Vec<PolicyNote>, Trouble> {
        self.check_with(text, place, &BTreeSet::new())
    }

    /// As [`Self::check`], where the consent of these listed people was proved for this one use.
    pub fn check_with(
        &self,
        text: &str,
        place: Place,
        consented: &BTreeSet<String>,
    ) -> Result<Vec<PolicyNote>, Trouble> {
        let judgement = self.read(text, place, consented)?;
        let notes = notes(text, &judgement);
        if !notes.is_empty() {
            let rules = notes.iter().map(|note| note.rule.clone()).collect();
            self.house.note(name_of(place), judgement.verdict == Verdict::Refused, rules, text);
        }
        match notes.iter().find(|note| note.refused) {
            Some(note) => {
                let what = format!("“{}” cannot be made: {}", note.words, note.reason);
                let mut trouble = Trouble::refuse(&note.rule, what, note.rephrase.clone());
                trouble.0.detail = format!("Rule {} of {}.", note.rule, note.source);
                Err(trouble)
            }
            None => Ok(notes),
        }
    }

    /// Titles and captions, which no engine sees.
    pub fn check_titles(&self, film: &Film) -> Result<(), Trouble> {
        let mut seen = BTreeSet::new();
        for clip in film.clips.iter() {
            if let ClipSource::Title(title) = &clip.source
                && seen.insert(title.text.as_str())
            {
                self.check(&title.text, Place::Title)?;
            }
        }
        Ok(())
    }

    /// Whoever of the cast is in the shot: name, looks, clothes, and what the reference pictures are called.
    pub fn check_cast(
        &self,
        film: &Film,
        shot: &Shot,
        pictures: &[BlobHash],
        consented: &BTreeSet<String>,
    ) -> Result<Vec<PolicyNote>, Trouble> {
        let mut warnings = Vec::new();
        for text in self.words_of_cast(film, shot, pictures) {
            warnings.extend(self.check_with(&text, Place::Descriptor, consented)?);
        }
        Ok(warnings)
    }

    fn words_of_cast(&self, film: &Film, shot: &Shot, pictures: &[BlobHash]) -> BTreeSet<String> {
        let place = film.scenes.get(shot.scene).map(|scene| scene.place.to_lowercase()).unwrap_or_default();
        let in_shot = |name: &str| {
            let name = name.to_lowercase();
            name == place || shot.characters.iter().any(|other| other.to_lowercase() == name)
        };
        let mut words = BTreeSet::new();
        let mut named = pictures.to_vec();
        for member in film.cast.iter().filter(|member| in_shot(&member.name)) {
            let worn = member.wardrobe.get(&shot.scene);
            words.extend([member.descriptor.clone()].into_iter().chain(worn.cloned()));
            named.extend(member.references.iter().copied());
        }
        let files = film.media.iter().filter(|media| media.speech.is_none() && named.contains(&media.blob));
        words.extend(files.map(|media| words_of_file(&media.name)));
        words.retain(|text| !text.trim().is_empty());
        words
    }

    /// For the page that shows the rules of this house.
    pub fn view(&self) -> Result<PolicyView, Trouble> {
        let rules = self.rules()?;
        Ok(PolicyView {
            profile: self.house.profile(),
            has_pin: self.house.has_pin(),
            keeps_words: self.house.keeps_words(),
            rules: rules.engine.rules_in_use().to_owned(),
            lists: self.house.lists(),
            decisions: self.house.decisions(),
            picture_checks: self.pictures.about(),
            problems: rules.problems.clone(),
        })
    }

    /// All of it or, when the PIN is another, nothing.
    pub fn set(&self, change: &SetPolicy) -> Result<PolicyView, Trouble> {
        self.house.admit(change.pin.as_deref())?;
        if let Some(pin) = &change.new_pin {
            self.house.set_pin(pin)?;
        }
        if let Some(profile) = change.profile {
            self.house.set_profile(profile)?;
        }
        if let Some(keeps) = change.keeps_words {
            self.house.set_keeps_words(keeps)?;
        }
        if let Some(name) = &change.remove_list {
            self.house.remove_list(name)?;
            self.forget();
        }
        self.view()
    }

    /// Puts a rights-holder's list in force. It can only add refusals, so no PIN is asked for.
    pub fn import_list(&self, bytes: &[u8], signature: &str) -> Result<PolicyView, Trouble> {
        let list = self.house.add_list(bytes, signature)?;
        self.forget();
        let view = self.view()?;
        if let Some(problem) = view.problems.first() {
            let why = problem.clone();
            self.house.remove_list(&list.name)?;
            self.forget();
            return Err(Trouble::refuse("policy.list", why, "The list was left out again; tell its maker."));
        }
        Ok(view)
    }

    #[cfg(test)]
    pub(crate) fn house_for_test(&self) -> &House {
        &self.house
    }

    fn forget(&self) {
        *self.rules.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Whatever is in the way or worth a warning, the heaviest first.
fn notes(text: &str, judgement: &Judgement) -> Vec<PolicyNote> {
    let note = |finding: &Finding| PolicyNote {
        rule: finding.rule.clone(),
        source: finding.source.clone(),
        refused: finding.effect == Verdict::Refused,
        words: text.get(finding.span.clone()).unwrap_or_default().to_owned(),
        reason: finding.reason.clone(),
        rephrase: finding.rephrase.clone(),
    };
    judgement.findings.iter().filter(|finding| finding.effect > Verdict::Allowed).map(note).collect()
}

const fn profile_of(profile: HouseProfile) -> Profile {
    match profile {
        HouseProfile::Standard => Profile::Standard,
        HouseProfile::Family => Profile::Family,
        HouseProfile::Classroom => Profile::Classroom,
    }
}

const fn name_of(place: Place) -> &'static str {
    match place {
        Place::Prompt => "prompt",
        Place::Dialogue => "dialogue",
        Place::Title => "title",
        Place::Descriptor => "descriptor",
    }
}

/// "mara_red-coat.final.png" says "mara red coat final".
pub(crate) fn words_of_file(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.replace(['_', '-', '.', '+'], " ")
}
