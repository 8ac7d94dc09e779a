//! Says which shot of the old script each shot of the new script is, so that takes survive any edit.
//!
//! Certain things first: a written id, then the same words in the same scene, then the same words elsewhere (the
//! scene was moved). What is left is matched by likeness, first between neighbours that are already matched, then
//! anywhere. Pure and deterministic; work is bounded, so a thousand rewritten shots cannot stall the editor.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

/// What a shot is recognised by. Kept with the shot in the document, compared when the script changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DraftKey {
    /// The id in its shot note, if any.
    pub id: Option<String>,
    /// The scene's place and time, normalised.
    pub scene: String,
    /// Who speaks first, normalised; empty for action.
    pub speaker: String,
    /// Description and dialogue, normalised.
    pub text: String,
}

/// For each new shot, the old one it continues; and the old ones that are gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    pub matches: Vec<Option<usize>>,
    pub removed: Vec<usize>,
}

/// Likeness from which two texts are the same shot, wherever it went. In thousandths.
const ALIKE_ANYWHERE: u32 = 600;
/// Likeness that is enough between matched neighbours.
const ALIKE_IN_PLACE: u32 = 250;
/// Pairs compared at most in one gap and for the whole film; beyond this only exact words match.
const MAX_COMPARISONS: usize = 200_000;

pub fn reconcile(old: &[DraftKey], new: &[DraftKey]) -> Reconciliation {
    let mut state = State { matches: vec![None; new.len()], used: vec![false; old.len()] };
    state.match_exact(old, new, |key| key.id.as_deref().filter(|id| !id.is_empty()));
    state.match_exact(old, new, |key| (!key.text.is_empty()).then_some((&key.scene, &key.speaker, &key.text)));
    state.match_exact(old, new, |key| (!key.text.is_empty()).then_some(&key.text));
    state.match_gaps(old, new);
    state.match_alike(old, new);
    let State { matches, used } = state;
    let removed = used.iter().enumerate().filter(|(_, used)| !**used).map(|(index, _)| index).collect();
    Reconciliation { matches, removed }
}

#[derive(Debug)]
struct State {
    matches: Vec<Option<usize>>,
    used: Vec<bool>,
}

impl State {
    fn free_old(&self, index: usize) -> bool {
        self.used.get(index).is_some_and(|used| !used)
    }

    fn free_new(&self, index: usize) -> bool {
        self.matches.get(index).is_some_and(Option::is_none)
    }

    fn join(&mut self, old: usize, new: usize) {
        if let (true, true, Some(slot)) = (self.free_old(old), self.free_new(new), self.matches.get_mut(new)) {
            *slot = Some(old);
            if let Some(used) = self.used.get_mut(old) {
                *used = true;
            }
        }
    }

    /// Joins equal keys; where the same key comes several times, in order.
    fn match_exact<'k, K: Eq + std::hash::Hash>(
        &mut self,
        old: &'k [DraftKey],
        new: &'k [DraftKey],
        key: impl Fn(&'k DraftKey) -> Option<K>,
    ) {
        let mut waiting: HashMap<K, std::collections::VecDeque<usize>> = HashMap::new();
        for (index, draft) in old.iter().enumerate().filter(|(index, _)| self.free_old(*index)) {
            if let Some(key) = key(draft) {
                waiting.entry(key).or_default().push_back(index);
            }
        }
        for (index, draft) in new.iter().enumerate() {
            if self.free_new(index) {
                let found =
                    key(draft).and_then(|key| waiting.get_mut(&key)).and_then(std::collections::VecDeque::pop_front);
                found.into_iter().for_each(|old| self.join(old, index));
            }
        }
    }

    /// Between two matched neighbours, what is left on both sides is probably the same, edited.
    fn match_gaps(&mut self, old: &[DraftKey], new: &[DraftKey]) {
        let (mut index, mut budget) = (0, MAX_COMPARISONS);
        while index < new.len() {
            if !self.free_new(index) {
                index += 1;
                continue;
            }
            let end = (index..new.len()).find(|at| !self.free_new(*at)).unwrap_or(new.len());
            let before = index.checked_sub(1).and_then(|at| self.matches.get(at).copied().flatten());
            let after = self.matches.get(end).copied().flatten();
            let gap = self.old_gap(old.len(), before, after, (index, end, new.len()));
            let pairs = gap.len().saturating_mul(end - index);
            if !gap.is_empty() && pairs <= budget {
                budget -= pairs;
                self.align(old, new, &gap, index..end);
            }
            index = end;
        }
    }

    /// The unmatched old shots that stand where the unmatched new ones stand.
    fn old_gap(
        &self,
        count: usize,
        before: Option<usize>,
        after: Option<usize>,
        (start, end, total): (usize, usize, usize),
    ) -> Vec<usize> {
        let upward = |from: usize| (from..count).take_while(|at| self.free_old(*at)).collect::<Vec<_>>();
        match (before, after) {
            (Some(before), _) => upward(before + 1),
            (None, Some(after)) if start == 0 || before.is_none() => {
                let mut gap: Vec<usize> = (0..after).rev().take_while(|at| self.free_old(*at)).collect();
                gap.reverse();
                gap
            }
            _ if start == 0 && end == total => upward(0),
            _ => Vec::new(),
        }
    }

    /// The best joining of two runs that keeps their order.
    fn align(&mut self, old: &[DraftKey], new: &[DraftKey], gap: &[usize], run: std::ops::Range<usize>) {
        let old_words: Vec<_> = gap.iter().filter_map(|at| old.get(*at)).map(|key| (key, words(&key.text))).collect();
        let new_words: Vec<_> = run.clone().filter_map(|at| new.get(at)).map(|key| (key, words(&key.text))).collect();
        let single = old_words.len() == 1 && new_words.len() == 1;
        let width = new_words.len() + 1;
        let score = |(a, a_words): &(&DraftKey, HashSet<&str>), (b, b_words): &(&DraftKey, HashSet<&str>)| {
            if both_named(a, b) {
                return 0;
            }
            let alike = likeness(a_words, b_words);
            let replaced = single && a.scene == b.scene && a.speaker == b.speaker;
            let same_place = a.scene == b.scene && a.text.is_empty() && b.text.is_empty();
            if alike >= ALIKE_IN_PLACE || replaced || same_place {
                alike + 1 + u32::from(a.scene == b.scene)
            } else {
                0
            }
        };
        // best[i][j]: the best total for the first i old and first j new.
        let mut best = vec![0_u32; (old_words.len() + 1) * width];
        let mut scores = vec![0_u32; old_words.len() * new_words.len()];
        for (i, a) in old_words.iter().enumerate() {
            for (j, b) in new_words.iter().enumerate() {
                let value = score(a, b);
                let read = |i: usize, j: usize, best: &[u32]| best.get(i * width + j).copied().unwrap_or(0);
                let joined = if value > 0 { read(i, j, &best) + value } else { 0 };
                let top = joined.max(read(i, j + 1, &best)).max(read(i + 1, j, &best));
                if let Some(slot) = best.get_mut((i + 1) * width + j + 1) {
                    *slot = top;
                }
                if let Some(slot) = scores.get_mut(i * new_words.len() + j) {
                    *slot = value;
                }
            }
        }
        let (mut i, mut j) = (old_words.len(), new_words.len());
        let read = |i: usize, j: usize| best.get(i * width + j).copied().unwrap_or(0);
        while i > 0 && j > 0 {
            let value = scores.get((i - 1) * new_words.len() + j - 1).copied().unwrap_or(0);
            if value > 0 && read(i, j) == read(i - 1, j - 1) + value {
                if let Some(found) = gap.get(i - 1) {
                    self.join(*found, run.start + j - 1);
                }
                (i, j) = (i - 1, j - 1);
            } else if read(i, j) == read(i - 1, j) {
                i -= 1;
            } else {
                j -= 1;
            }
        }
    }

    /// What moved and changed at the same time: the most alike first.
    fn match_alike(&mut self, old: &[DraftKey], new: &[DraftKey]) {
        let left_old: Vec<usize> = (0..old.len()).filter(|at| self.free_old(*at)).collect();
        let left_new: Vec<usize> = (0..new.len()).filter(|at| self.free_new(*at)).collect();
        if left_old.is_empty() || left_new.is_empty() || left_old.len().saturating_mul(left_new.len()) > MAX_COMPARISONS
        {
            return;
        }
        let bags: Vec<_> =
            left_old.iter().filter_map(|at| old.get(*at).map(|key| (*at, key, words(&key.text)))).collect();
        let mut pairs = Vec::new();
        for new_at in left_new {
            let Some(key) = new.get(new_at) else { continue };
            let bag = words(&key.text);
            for (old_at, old_key, old_bag) in &bags {
                let alike = likeness(old_bag, &bag);
                if alike >= ALIKE_ANYWHERE && !both_named(old_key, key) {
                    pairs.push((std::cmp::Reverse(alike), new_at.abs_diff(*old_at), new_at, *old_at));
                }
            }
        }
        pairs.sort_unstable();
        for (_, _, new_at, old_at) in pairs {
            self.join(old_at, new_at);
        }
    }
}

/// Two shots that both have a written id and are still unmatched are two different shots.
fn both_named(a: &DraftKey, b: &DraftKey) -> bool {
    a.id.is_some() && b.id.is_some()
}

fn words(text: &str) -> HashSet<&str> {
    text.split(' ').filter(|word| !word.is_empty()).collect()
}

/// Shared words, in thousandths of all (Dice).
fn likeness(a: &HashSet<&str>, b: &HashSet<&str>) -> u32 {
    let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let shared = small.iter().filter(|word| large.contains(*word)).count();
    let all = a.len() + b.len();
    u32::try_from((shared * 2000).checked_div(all).unwrap_or(0)).unwrap_or(1000)
}

/// Lower case letters and digits with single spaces: what a change of marks or spacing does not change.
pub fn normalised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_alphanumeric() {
            out.extend(letter.to_lowercase());
        } else if !matches!(letter, '\'' | '’') && !out.ends_with(' ') && !out.is_empty() {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}
