//! When the clips of the mirror begin: a few rows for each track, with the times of many clips in each.
//!
//! A ripple moves thousands of clips at once. With its time in its own row each would be written anew, with everything that did not change;
//! here it is twenty-four bytes. A clip is always found in the row that its track and its id name, so an edit reads and writes no other.

use crate::rows::Rows;
use kinora_document::{ClipId, Film, Op, Ticks, TrackId};
use std::collections::{BTreeMap, BTreeSet};

const PREFIX: &str = "starts/";
/// Rows of a track: a clip that moves alone writes a thirty-second of its track's times, one of a thousand clips less than a kilobyte.
const ROWS: u128 = 32;
const ID: usize = size_of::<u128>();
const ENTRY: usize = ID + size_of::<i64>();

type Place = (TrackId, u128);

fn place(track: TrackId, clip: ClipId) -> Place {
    (track, clip.0 % ROWS)
}

fn key((track, row): Place) -> String {
    format!("{PREFIX}{track}/{row:02x}")
}

pub fn is_key(key: &[u8]) -> bool {
    key.starts_with(PREFIX.as_bytes())
}

/// The rows of times that `ops` touched, which made `film` of `before`; None where no clip is left.
pub fn touched(before: &Film, film: &Film, ops: &[Op]) -> Rows {
    let mut places = BTreeSet::new();
    for op in ops {
        let clip = ClipId(op.address().id);
        let of = |film: &Film| film.clips.get(clip).map(|clip| (place(clip.track, clip.id), clip.start));
        if op.address().kind == kinora_document::Kind::Clip && of(before) != of(film) {
            places.extend(of(before).into_iter().chain(of(film)).map(|(place, _)| place));
        }
    }
    if places.is_empty() {
        return Rows::new();
    }
    let mut found: BTreeMap<Place, Vec<u8>> = BTreeMap::new();
    for clip in film.clips.iter() {
        let place = place(clip.track, clip.id);
        if places.contains(&place) {
            write(found.entry(place).or_default(), clip.id, clip.start);
        }
    }
    places.into_iter().map(|place| (key(place), found.remove(&place))).collect()
}

/// Every row of times.
pub fn all(film: &Film) -> Rows {
    let mut found: BTreeMap<Place, Vec<u8>> = BTreeMap::new();
    for clip in film.clips.iter() {
        write(found.entry(place(clip.track, clip.id)).or_default(), clip.id, clip.start);
    }
    found.into_iter().map(|(place, row)| (key(place), Some(row))).collect()
}

fn write(row: &mut Vec<u8>, clip: ClipId, start: Ticks) {
    row.extend(clip.0.to_be_bytes());
    row.extend(start.0.to_be_bytes());
}

/// What a row says, added to what others said.
pub fn read(row: &[u8], begin: &mut BTreeMap<ClipId, Ticks>) -> Result<(), String> {
    let (entries, rest) = row.as_chunks::<ENTRY>();
    if !rest.is_empty() {
        return Err("a row of times is torn".to_owned());
    }
    for entry in entries {
        let parts = entry.split_first_chunk::<ID>().and_then(|(id, at)| Some((id, at.first_chunk()?)));
        let (id, at) = parts.ok_or("a row of times is torn")?;
        begin.insert(ClipId(u128::from_be_bytes(*id)), Ticks(i64::from_be_bytes(*at)));
    }
    Ok(())
}
