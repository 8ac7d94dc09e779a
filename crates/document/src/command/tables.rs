//! From a table and the list it should become to the fewest operations that make it so.
//!
//! Rows that only changed are set, rows that are gone removed, new ones inserted; of rows in another order, the longest run that is
//! already in order stays and the others move, so that dragging one shot is one move. It never touches rows that are the same.

use crate::id::Id;
use crate::patch::{Address, Entity, Kind, Op};
use crate::table::{Keyed, Table};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn difference<T: Keyed + Clone + PartialEq>(
    table: &Table<T>,
    wanted: &[T],
    kind: Kind,
    wrap: impl Fn(T) -> Entity,
) -> Vec<Op> {
    let keys: BTreeSet<T::Key> = wanted.iter().map(Keyed::key).collect();
    let mut ops = Vec::new();
    let mut order: Vec<T::Key> = Vec::with_capacity(wanted.len());
    for row in table.iter() {
        if keys.contains(&row.key()) {
            order.push(row.key());
        } else {
            ops.push(Op::Remove { address: Address { kind, id: row.key().raw() } });
        }
    }
    let positions: BTreeMap<T::Key, usize> = order.iter().enumerate().map(|(at, key)| (*key, at)).collect();
    let stay = longest_run(wanted.iter().filter_map(|row| positions.get(&row.key()).map(|at| (row.key(), *at))));
    let mut before: Option<T::Key> = None;
    for (hint, row) in wanted.iter().enumerate() {
        let key = row.key();
        let known = positions.contains_key(&key);
        if !stay.contains(&key) {
            if known {
                if let Some(from) = order.iter().position(|other| *other == key) {
                    order.remove(from);
                    let to = place_after(&order, before, hint);
                    order.insert(to, key);
                    if to != from {
                        ops.push(Op::Move { address: Address { kind, id: key.raw() }, to });
                    }
                }
            } else {
                let at = place_after(&order, before, hint);
                order.insert(at, key);
                ops.push(Op::Insert { at, entity: wrap(row.clone()) });
            }
        }
        if known && table.get(key).is_some_and(|old| old != row) {
            ops.push(Op::Set { entity: wrap(row.clone()) });
        }
        before = Some(key);
    }
    ops
}

/// Right after `before`; looked for near `hint` first, where it usually is.
fn place_after<K: PartialEq>(order: &[K], before: Option<K>, hint: usize) -> usize {
    let Some(before) = before else { return 0 };
    if let Some(at) = hint.checked_sub(1)
        && order.get(at) == Some(&before)
    {
        return hint;
    }
    order.iter().position(|other| *other == before).map_or(order.len(), |at| at + 1)
}

/// Keys of a longest run of rising positions.
fn longest_run<K: Ord + Copy>(rows: impl Iterator<Item = (K, usize)>) -> BTreeSet<K> {
    let rows: Vec<(K, usize)> = rows.collect();
    // ends[n]: the row that ends the run of n + 1 rows with the smallest end.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(rows.len());
    for (index, (_, position)) in rows.iter().enumerate() {
        let at = ends.partition_point(|end| rows.get(*end).is_some_and(|(_, other)| other < position));
        previous.push(at.checked_sub(1).and_then(|at| ends.get(at).copied()));
        match ends.get_mut(at) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut keys = BTreeSet::new();
    let mut next = ends.last().copied();
    while let Some(index) = next {
        keys.extend(rows.get(index).map(|(key, _)| *key));
        next = previous.get(index).copied().flatten();
    }
    keys
}
