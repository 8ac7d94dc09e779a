//! Cameos as the screen and the command line show them.
//!
//! A record that cannot be read is shown with its problem, never left out: somebody's likeness is in it. No picture, key or passphrase is
//! in an answer.

use super::Consents;
use super::adding::RECORDING;
use crate::problem::Trouble;
use kinora_api::{CameoView, CameosAnswer, ConsentState, ConsentView, RecordingView, SecretState, UsedView};
use kinora_consent::{Ledger, Standing};
use kinora_document::{CameoId, CameoKind};
use kinora_ports::vault::{Keeping, Passphrase, Place};
use std::collections::BTreeSet;

impl Consents {
    pub fn list(&self) -> Result<CameosAnswer, Trouble> {
        let keeping = match self.tools.keeper.keeping() {
            Keeping::Ready => SecretState::Ready,
            Keeping::Locked => SecretState::Locked,
            Keeping::Undecided => SecretState::Undecided,
        };
        let place = self.tools.keeper.place();
        if keeping != SecretState::Ready {
            return Ok(CameosAnswer { keeping, place, key: None, cameos: Vec::new() });
        }
        let key = Some(self.who_am_i()?);
        let mut all: BTreeSet<CameoId> = self.tools.vault.cameos()?.into_iter().collect();
        all.retain(|cameo| !self.is_staged(*cameo));
        all.extend(self.lock().records.heads()?.ledgers.keys());
        let mut cameos: Vec<CameoView> = all.into_iter().map(|cameo| self.view_of(cameo)).collect::<Result<_, _>>()?;
        cameos.sort_by_key(|view| view.consents.last().map_or(i64::MAX, |first| first.at_millis));
        Ok(CameosAnswer { keeping, place, key, cameos })
    }

    /// By its id, the beginning of its id, or its name.
    pub fn find(&self, text: &str) -> Result<CameoView, Trouble> {
        let text = text.trim();
        let mut found = self.list()?.cameos;
        found.retain(|view| view.id.to_string().starts_with(text) || view.name.eq_ignore_ascii_case(text));
        match (found.pop(), found.is_empty()) {
            (Some(view), true) if !text.is_empty() => Ok(view),
            (Some(_), false) => Err(Trouble::refuse(
                "cameo.several",
                format!("Several cameos are called “{text}”."),
                "Give the first digits of its id, as `kinora cameo list` shows them.",
            )),
            _ => Err(Trouble::refuse(
                "cameo.unknown",
                format!("There is no cameo called “{text}” on this machine."),
                "See `kinora cameo list`.",
            )),
        }
    }

    pub fn decide(&self, place: &Place) -> Result<(), Trouble> {
        Ok(self.tools.keeper.decide(place)?)
    }

    pub fn unlock(&self, words: &Passphrase) -> Result<(), Trouble> {
        Ok(self.tools.keeper.unlock(words)?)
    }

    pub(super) fn view_of(&self, cameo: CameoId) -> Result<CameoView, Trouble> {
        let sealed = self.tools.vault.names(cameo).unwrap_or_default();
        let recordings: Vec<RecordingView> = sealed
            .iter()
            .filter(|sealed| sealed.name.starts_with(RECORDING))
            .map(|sealed| RecordingView { name: sealed.name.clone(), bytes: sealed.bytes })
            .collect();
        let pictures = sealed.iter().filter(|sealed| Self::is_picture(&sealed.name)).count() as u32;
        let mut view = CameoView {
            id: cameo,
            kind: CameoKind::Person,
            name: String::new(),
            given_by: String::new(),
            consents: Vec::new(),
            recordings,
            pictures,
            used: Vec::new(),
            problem: None,
        };
        let (read, now) = {
            let mut state = self.lock();
            let heads = state.records.heads()?;
            (state.records.ledger(&heads, cameo), state.records.now(&heads))
        };
        match read {
            Ok(ledger) => fill(&mut view, &ledger, now),
            Err(trouble) => view.problem = Some(trouble.0),
        }
        Ok(view)
    }
}

fn fill(view: &mut CameoView, ledger: &Ledger, now: i64) {
    if let Some(standing) = ledger.current() {
        let said = standing.signed.consent();
        view.kind = said.kind;
        view.name.clone_from(&said.name);
        view.given_by.clone_from(&said.given_by);
    }
    let now = now.max(ledger.latest_millis());
    view.consents = ledger.consents().iter().rev().map(|standing| consent(standing, now)).collect();
    view.used = ledger
        .used()
        .iter()
        .rev()
        .map(|used| UsedView {
            at_millis: used.at_millis,
            consent: used.consent,
            film: used.film.clone(),
            shot: used.shot.clone(),
        })
        .collect();
}

fn consent(standing: &Standing, now: i64) -> ConsentView {
    let said = standing.signed.consent();
    let state = match standing.revoked_at {
        Some(at_millis) => ConsentState::Revoked { at_millis },
        None if standing.replaced => ConsentState::Replaced,
        None if said.terms.until_millis.is_some_and(|until| until <= now) => ConsentState::Expired,
        None => ConsentState::Holds,
    };
    ConsentView {
        consent: standing.hash,
        at_millis: said.at_millis,
        terms: said.terms.clone(),
        state,
        from_file: standing.taken,
        verified: said.checks.verified.clone(),
        not_verified: said.checks.not_verified.clone(),
        attestation: said.attestation.clone(),
    }
}
