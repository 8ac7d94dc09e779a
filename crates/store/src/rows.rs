//! The film as rows of the mirror: an entity's JSON behind its place in the order of its table, and when clips begin.
//!
//! A place is a number with room before and after it, so that a row that comes between two others, or moves, is the only one written. Only
//! where there is no room left is a whole table numbered anew. When its clip begins is in no row: a ripple changes it for thousands, so the
//! times of a track's clips lie together ([`starts`]). Knows nothing of sled: it asks for a row that is there by a closure.

use crate::starts;
use kinora_document::{Address, Clip, ClipId, Entity, Film, Id, Kind, Op, Patch, Ticks};
use std::collections::{BTreeMap, BTreeSet};

/// Rows to write (None: to remove), by key.
pub type Rows = BTreeMap<String, Option<Vec<u8>>>;

type Answer<T> = Result<T, String>;

const PLACE: usize = size_of::<u128>();
/// Between neighbours of a table that was numbered from its beginning: half of it can be halved sixty-four times.
const STEP: u128 = 1 << 64;
/// Of the first row: as many rows can come before it.
const FIRST: u128 = 1 << 100;

fn key(kind: Kind, id: u128) -> String {
    format!("{}/{id:032x}", format!("{kind:?}").to_lowercase())
}

fn row(place: u128, entity: Entity) -> Answer<Vec<u8>> {
    let entity = match entity {
        Entity::Clip(clip) => Entity::Clip(Clip { start: Ticks::ZERO, ..clip }),
        other => other,
    };
    let mut row = place.to_be_bytes().to_vec();
    serde_json::to_writer(&mut row, &entity).map_err(|e| e.to_string())?;
    Ok(row)
}

fn split(row: &[u8]) -> Answer<(u128, &[u8])> {
    let (place, json) = row.split_first_chunk::<PLACE>().ok_or("a row is too short")?;
    Ok((u128::from_be_bytes(*place), json))
}

/// The rows that `ops` touched, which made `film` of `before`. `held` gives the row that is stored under a key.
pub fn touched(before: &Film, film: &Film, ops: &[Op], held: impl Fn(&str) -> Answer<Option<Vec<u8>>>) -> Answer<Rows> {
    let mut rows = starts::touched(before, film, ops);
    let mut set = BTreeSet::new();
    let mut placed: BTreeMap<Kind, BTreeSet<u128>> = BTreeMap::new();
    for op in ops {
        let address = op.address();
        if !film.has(address) {
            rows.insert(key(address.kind, address.id), None);
        } else if matches!(op, Op::Insert { .. } | Op::Remove { .. } | Op::Move { .. }) {
            placed.entry(address.kind).or_default().insert(address.id);
        } else if !only_moved(before, film, address) {
            set.insert(address);
        }
    }
    let place_of = |kind: Kind, id: u128| -> Answer<u128> {
        let row = held(&key(kind, id))?.ok_or("a row is missing")?;
        Ok(split(&row)?.0)
    };
    for (kind, moved) in &placed {
        let order = order(film, *kind);
        let places = match between(&order, moved, |id| place_of(*kind, id))? {
            Some(places) => places,
            None => numbered(&order),
        };
        for (id, place) in places {
            if let Some(entity) = film.entity(Address { kind: *kind, id }) {
                rows.insert(key(*kind, id), Some(row(place, entity)?));
            }
        }
    }
    for address in set {
        let name = key(address.kind, address.id);
        if let Some(entity) = film.entity(address).filter(|_| !rows.contains_key(&name)) {
            // The two single entities have no place, and may not be there yet.
            let place = if is_single(address.kind) { 0 } else { place_of(address.kind, address.id)? };
            rows.insert(name, Some(row(place, entity)?));
        }
    }
    Ok(rows)
}

/// A clip whose row stays as it is.
fn only_moved(before: &Film, after: &Film, address: Address) -> bool {
    let clip = ClipId(address.id);
    let both = before.clips.get(clip).zip(after.clips.get(clip));
    address.kind == Kind::Clip && both.is_some_and(|(before, after)| before.only_moved(after))
}

/// Every row of a film.
pub fn all(film: &Film) -> Answer<Rows> {
    let places: BTreeMap<(Kind, u128), u128> = TABLES
        .into_iter()
        .flat_map(|kind| numbered(&order(film, kind)).into_iter().map(move |(id, at)| ((kind, id), at)))
        .collect();
    let rows = entities(film).map(|entity| {
        let address = entity.address();
        let place = places.get(&(address.kind, address.id)).copied().unwrap_or(0);
        Ok((key(address.kind, address.id), Some(row(place, entity)?)))
    });
    starts::all(film).into_iter().map(Ok).chain(rows).collect()
}

/// What turns `beginning` into the film that the rows hold: what it had goes, what is there comes in the order of its places.
pub fn read<'a>(beginning: &Film, rows: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Answer<Patch> {
    let mut tables: BTreeMap<Kind, Vec<(u128, Entity)>> = BTreeMap::new();
    let mut begin = BTreeMap::new();
    for (key, row) in rows {
        if starts::is_key(key) {
            starts::read(row, &mut begin)?;
            continue;
        }
        let (place, json) = split(row)?;
        let entity: Entity = serde_json::from_slice(json).map_err(|e| e.to_string())?;
        tables.entry(entity.address().kind).or_default().push((place, entity));
    }
    for (_, entity) in tables.get_mut(&Kind::Clip).into_iter().flatten() {
        if let Entity::Clip(clip) = entity {
            clip.start = begin.remove(&clip.id).ok_or("a clip begins nowhere")?;
        }
    }
    if !begin.is_empty() {
        return Err("a time of no clip".to_owned());
    }
    let gone = entities(beginning).map(|entity| entity.address()).filter(|address| !is_single(address.kind));
    let mut patch = Patch(gone.map(|address| Op::Remove { address }).collect());
    for (kind, mut table) in tables {
        table.sort_by_key(|(place, _)| *place);
        patch.0.extend(
            table
                .into_iter()
                .enumerate()
                .map(|(at, (_, entity))| if is_single(kind) { Op::Set { entity } } else { Op::Insert { at, entity } }),
        );
    }
    Ok(patch)
}

/// Places for the rows that moved, between those that did not. None where there is no room.
fn between(
    order: &[u128],
    moved: &BTreeSet<u128>,
    place_of: impl Fn(u128) -> Answer<u128>,
) -> Answer<Option<Vec<(u128, u128)>>> {
    let mut places = Vec::with_capacity(moved.len());
    let mut at = 0;
    while at < order.len() && places.len() < moved.len() {
        if !moved.contains(&order[at]) {
            at += 1;
            continue;
        }
        let run = order[at..].iter().take_while(|id| moved.contains(id)).count();
        let before = at.checked_sub(1).map(|left| place_of(order[left])).transpose()?;
        let after = order.get(at + run).map(|right| place_of(*right)).transpose()?;
        let count = run as u128;
        let (first, step) = match (before, after) {
            (None, None) => (FIRST, STEP),
            (Some(before), None) => (before.saturating_add(STEP), STEP),
            (None, Some(after)) => (after.saturating_sub(count * STEP), STEP),
            (Some(before), Some(after)) => {
                let step = after.saturating_sub(before) / (count + 1);
                (before + step, step)
            }
        };
        if step == 0 || first == 0 || first > u128::MAX - count * STEP {
            return Ok(None);
        }
        places.extend((0..count).zip(&order[at..]).map(|(n, id)| (*id, first + n * step)));
        at += run;
    }
    Ok(Some(places))
}

fn numbered(order: &[u128]) -> Vec<(u128, u128)> {
    (0u128..).zip(order).map(|(n, id)| (*id, FIRST + n * STEP)).collect()
}

const TABLES: [Kind; 8] =
    [Kind::Scene, Kind::Shot, Kind::Take, Kind::Cast, Kind::Media, Kind::Track, Kind::Clip, Kind::Marker];

const fn is_single(kind: Kind) -> bool {
    matches!(kind, Kind::Settings | Kind::Script)
}

fn order(film: &Film, kind: Kind) -> Vec<u128> {
    fn ids<K: Id>(keys: impl Iterator<Item = K>) -> Vec<u128> {
        keys.map(Id::raw).collect()
    }
    match kind {
        Kind::Settings | Kind::Script => Vec::new(),
        Kind::Scene => ids(film.scenes.keys()),
        Kind::Shot => ids(film.shots.keys()),
        Kind::Take => ids(film.takes.keys()),
        Kind::Cast => ids(film.cast.keys()),
        Kind::Media => ids(film.media.keys()),
        Kind::Track => ids(film.tracks.keys()),
        Kind::Clip => ids(film.clips.keys()),
        Kind::Marker => ids(film.markers.keys()),
    }
}

fn entities(film: &Film) -> impl Iterator<Item = Entity> + '_ {
    [Entity::Settings(film.settings.clone()), Entity::Script(film.script.clone())]
        .into_iter()
        .chain(film.scenes.iter().cloned().map(Entity::Scene))
        .chain(film.shots.iter().cloned().map(Entity::Shot))
        .chain(film.takes.iter().cloned().map(Entity::Take))
        .chain(film.cast.iter().cloned().map(Entity::Cast))
        .chain(film.media.iter().cloned().map(Entity::Media))
        .chain(film.tracks.iter().cloned().map(Entity::Track))
        .chain(film.clips.iter().cloned().map(Entity::Clip))
        .chain(film.markers.iter().cloned().map(Entity::Marker))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kinora_document::{ClipSource, Marker, MarkerId, TrackId};

    fn marker(id: u128) -> Entity {
        Entity::Marker(Marker { id: MarkerId(id), at: Ticks(0), text: String::new() })
    }

    /// Applies the edit and writes its rows; how many were written.
    fn perform(film: &mut Film, rows: &mut BTreeMap<String, Vec<u8>>, op: Op) -> usize {
        perform_all(film, rows, &[op])
    }

    fn perform_all(film: &mut Film, rows: &mut BTreeMap<String, Vec<u8>>, ops: &[Op]) -> usize {
        let before = film.clone();
        film.apply(&Patch(ops.to_owned())).expect("the edit fits");
        let written = touched(&before, film, ops, |key| Ok(rows.get(key).cloned())).expect("rows");
        let count = written.len();
        for (key, row) in written {
            match row {
                Some(row) => drop(rows.insert(key, row)),
                None => drop(rows.remove(&key)),
            }
        }
        count
    }

    fn film_of(rows: &BTreeMap<String, Vec<u8>>) -> Film {
        let mut film = Film::empty("Test");
        let rows = rows.iter().map(|(key, row)| (key.as_bytes(), row.as_slice()));
        let patch = read(&film, rows).expect("rows that can be read");
        film.apply(&patch).expect("rows that fit");
        film
    }

    #[test]
    fn a_row_that_comes_between_two_others_is_the_only_one_written_until_there_is_no_room() {
        let mut film = Film::empty("Test");
        let mut rows: BTreeMap<String, Vec<u8>> =
            all(&film).expect("rows").into_iter().filter_map(|(key, row)| Some((key, row?))).collect();
        let mut most = 0;
        for n in 0..200 {
            // Always right behind the first: every place is half-way between its neighbours.
            let at = film.markers.len().min(1);
            let written = perform(&mut film, &mut rows, Op::Insert { at, entity: marker(n + 1) });
            assert!(written == 1 || n > 60, "{written} rows for edit {n}");
            most = most.max(written);
            assert_eq!(film_of(&rows), film, "after edit {n}");
        }
        assert!(most > 60, "the table was numbered anew");
    }

    #[test]
    fn rows_follow_whatever_is_inserted_moved_and_removed() {
        let mut film = Film::empty("Test");
        let mut rows: BTreeMap<String, Vec<u8>> =
            all(&film).expect("rows").into_iter().filter_map(|(key, row)| Some((key, row?))).collect();
        let mut dice = kinora_ports::fakes::Dice(20_261_127);
        for n in 0..400u128 {
            let count = film.markers.len();
            let some = |dice: &mut kinora_ports::fakes::Dice| {
                let at = dice.below(count.max(1) as u64) as usize;
                film.markers.at(at).map(|marker| Address { kind: Kind::Marker, id: marker.id.0 })
            };
            let op = match (dice.below(4), some(&mut dice)) {
                (0, Some(address)) => Op::Remove { address },
                (1, Some(address)) => Op::Move { address, to: dice.below(count as u64) as usize },
                (2, Some(address)) => Op::Set { entity: marker(address.id) },
                _ => Op::Insert { at: dice.below(count as u64 + 1) as usize, entity: marker(n + 1) },
            };
            perform(&mut film, &mut rows, op);
            assert_eq!(film_of(&rows), film, "after edit {n}");
        }
    }

    #[test]
    fn clips_follow_whatever_is_done_to_them_and_a_ripple_writes_few_rows() {
        let mut film = Film::empty("Test");
        let mut rows: BTreeMap<String, Vec<u8>> =
            all(&film).expect("rows").into_iter().filter_map(|(key, row)| Some((key, row?))).collect();
        let mut dice = kinora_ports::fakes::Dice(20_261_128);
        let colour = ClipSource::Colour([1, 2, 3]);
        for n in 0..400u128 {
            let count = film.clips.len();
            let some = film.clips.at(dice.below(count.max(1) as u64) as usize).cloned();
            let track = TrackId(u128::from(dice.below(3)));
            let at = Ticks(dice.below(1 << 40) as i64);
            let ops = match (dice.below(6), some) {
                (0, Some(clip)) => vec![Op::Remove { address: Address { kind: Kind::Clip, id: clip.id.0 } }],
                (1, Some(clip)) => vec![Op::Set { entity: Entity::Clip(Clip { track, start: at, ..clip }) }],
                (2, Some(clip)) => vec![Op::Set { entity: Entity::Clip(Clip { length: at, ..clip }) }],
                (3, Some(_)) => film.clips.keys().map(|clip| Op::Start { clip, at }).collect(),
                (4, Some(clip)) => vec![
                    Op::Start { clip: clip.id, at },
                    Op::Move { address: Address { kind: Kind::Clip, id: clip.id.0 }, to: count - 1 },
                ],
                _ => {
                    let entity = Entity::Clip(Clip::new(ClipId(n + 1), track, at, Ticks(9), colour.clone()));
                    vec![Op::Insert { at: dice.below(count as u64 + 1) as usize, entity }]
                }
            };
            perform_all(&mut film, &mut rows, &ops);
            assert_eq!(film_of(&rows), film, "after edit {n}");
        }
        let clip = |n: u128| Entity::Clip(Clip::new(ClipId(n), TrackId(7), Ticks(n as i64), Ticks(1), colour.clone()));
        let first = film.clips.len();
        let ops: Vec<Op> = (0..1_000).map(|n| Op::Insert { at: first + n, entity: clip(10_000 + n as u128) }).collect();
        perform_all(&mut film, &mut rows, &ops);
        let ripple: Vec<Op> =
            (0..1_000).map(|n| Op::Start { clip: ClipId(10_000 + n), at: Ticks(n as i64 + 50) }).collect();
        let written = perform_all(&mut film, &mut rows, &ripple);
        assert!(written <= 32, "{written} rows for a thousand clips");
        assert_eq!(film_of(&rows), film);
        let one = Clip { gain_millibels: -1, ..film.clips.get(ClipId(10_500)).cloned().expect("the clip") };
        assert_eq!(perform(&mut film, &mut rows, Op::Set { entity: Entity::Clip(one) }), 1, "its place in time stayed");
        assert_eq!(film_of(&rows), film);
    }
}
