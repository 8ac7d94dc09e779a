//! An ordered map of entities by id.
//!
//! The order is part of the film (story order of shots, top-to-bottom order of tracks) and is what a `Move` changes. Look-up by id
//! is logarithmic; insertion and removal in the order are linear in the number of siblings, which the limits keep small.

use crate::id::Id;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// Something that lives in a [`Table`]: it knows its own id.
pub trait Keyed {
    type Key: Id;
    fn key(&self) -> Self::Key;
}

#[derive(Clone, PartialEq)]
pub struct Table<T: Keyed> {
    order: Vec<T::Key>,
    rows: BTreeMap<T::Key, T>,
}

impl<T: Keyed> Default for Table<T> {
    fn default() -> Self {
        Self { order: Vec::new(), rows: BTreeMap::new() }
    }
}

impl<T: Keyed + std::fmt::Debug> std::fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Keyed> Table<T> {
    pub fn len(&self) -> usize {
        self.order.len()
    }
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
    pub fn get(&self, key: T::Key) -> Option<&T> {
        self.rows.get(&key)
    }
    pub fn contains(&self, key: T::Key) -> bool {
        self.rows.contains_key(&key)
    }
    pub fn position(&self, key: T::Key) -> Option<usize> {
        self.order.iter().position(|k| *k == key)
    }
    /// In order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.order.iter().filter_map(|key| self.rows.get(key))
    }
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = T::Key> + '_ {
        self.order.iter().copied()
    }
    pub fn at(&self, index: usize) -> Option<&T> {
        self.rows.get(self.order.get(index)?)
    }
    pub fn first(&self) -> Option<&T> {
        self.at(0)
    }
    pub fn last(&self) -> Option<&T> {
        self.at(self.len().checked_sub(1)?)
    }

    // Changing a table is the privilege of `patch::apply`.
    pub(crate) fn insert(&mut self, at: usize, row: T) -> bool {
        let key = row.key();
        if at > self.order.len() || self.rows.contains_key(&key) {
            return false;
        }
        self.order.insert(at, key);
        self.rows.insert(key, row);
        true
    }
    pub(crate) fn remove(&mut self, key: T::Key) -> Option<(usize, T)> {
        let row = self.rows.remove(&key)?;
        let at = self.position(key)?;
        self.order.remove(at);
        Some((at, row))
    }
    pub(crate) fn replace(&mut self, row: T) -> Option<T> {
        let slot = self.rows.get_mut(&row.key())?;
        Some(std::mem::replace(slot, row))
    }
    pub(crate) fn shift(&mut self, key: T::Key, to: usize) -> Option<usize> {
        let from = self.position(key)?;
        if to >= self.order.len() {
            return None;
        }
        let key = self.order.remove(from);
        self.order.insert(to, key);
        Some(from)
    }
}

impl<T: Keyed + Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de, T: Keyed + Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = Vec::<T>::deserialize(deserializer)?;
        let mut table = Self::default();
        for row in rows {
            let id = row.key();
            if !table.insert(table.len(), row) {
                return Err(serde::de::Error::custom(format!("the id {id} appears twice")));
            }
        }
        Ok(table)
    }
}
