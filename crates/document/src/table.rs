//! An ordered map of entities by id.
//!
//! The order is part of the film (story order of shots, top-to-bottom order of tracks) and is what a `Move` changes. Look-up by id
//! takes the same time in any film; insertion and removal in the order are linear in the number of siblings, which the limits keep small. A copy shares
//! its rows with the original until one of the two changes, since every edit works on a copy of the film.

use crate::id::Id;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashMap;
use std::sync::Arc;

/// Something that lives in a [`Table`]: it knows its own id.
pub trait Keyed {
    type Key: Id;
    fn key(&self) -> Self::Key;
}

#[derive(Clone, PartialEq)]
pub struct Table<T: Keyed> {
    order: Arc<Vec<T::Key>>,
    /// A plan walks thousands of clips in order and looks each of them up.
    rows: Arc<HashMap<T::Key, Arc<T>, foldhash::fast::RandomState>>,
}

impl<T: Keyed> Default for Table<T> {
    fn default() -> Self {
        Self { order: Arc::default(), rows: Arc::default() }
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
        self.rows.get(&key).map(Arc::as_ref)
    }
    pub fn contains(&self, key: T::Key) -> bool {
        self.rows.contains_key(&key)
    }
    pub fn position(&self, key: T::Key) -> Option<usize> {
        self.order.iter().position(|k| *k == key)
    }
    /// In order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.order.iter().filter_map(|key| self.get(*key))
    }
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = T::Key> + '_ {
        self.order.iter().copied()
    }
    pub fn at(&self, index: usize) -> Option<&T> {
        self.get(*self.order.get(index)?)
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
        Arc::make_mut(&mut self.order).insert(at, key);
        Arc::make_mut(&mut self.rows).insert(key, Arc::new(row));
        true
    }
    pub(crate) fn shift(&mut self, key: T::Key, to: usize) -> Option<usize> {
        let from = self.position(key)?;
        if to >= self.order.len() {
            return None;
        }
        let order = Arc::make_mut(&mut self.order);
        let key = order.remove(from);
        order.insert(to, key);
        Some(from)
    }
}

impl<T: Keyed + Clone> Table<T> {
    pub(crate) fn remove(&mut self, key: T::Key) -> Option<(usize, T)> {
        let at = self.position(key)?;
        let row = Arc::make_mut(&mut self.rows).remove(&key)?;
        Arc::make_mut(&mut self.order).remove(at);
        Some((at, Arc::unwrap_or_clone(row)))
    }
    pub(crate) fn replace(&mut self, row: T) -> Option<T> {
        let slot = Arc::make_mut(&mut self.rows).get_mut(&row.key())?;
        Some(Arc::unwrap_or_clone(std::mem::replace(slot, Arc::new(row))))
    }
    /// Changes a row where it is; its id stays.
    pub(crate) fn change<A>(&mut self, key: T::Key, change: impl FnOnce(&mut T) -> A) -> Option<A> {
        let slot = Arc::make_mut(&mut self.rows).get_mut(&key)?;
        Some(change(Arc::make_mut(slot)))
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
