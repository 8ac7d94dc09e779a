//! A cache with a limit in bytes: what was used longest ago goes first.
//!
//! An entry larger than the limit is still kept, alone, because it is in use. Never unbounded, whatever a film holds.

use std::collections::HashMap;
use std::hash::Hash;

#[derive(Debug)]
pub(crate) struct Shelf<K, V> {
    entries: HashMap<K, Entry<V>>,
    bytes: usize,
    limit: usize,
    clock: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    bytes: usize,
    used: u64,
}

impl<K: Eq + Hash + Clone, V: Clone> Shelf<K, V> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { entries: HashMap::new(), bytes: 0, limit, clock: 0 }
    }

    pub(crate) fn get(&mut self, key: &K) -> Option<V> {
        self.clock += 1;
        let entry = self.entries.get_mut(key)?;
        entry.used = self.clock;
        Some(entry.value.clone())
    }

    /// What had to go, so that its memory can be used again.
    pub(crate) fn put(&mut self, key: K, value: V, bytes: usize) -> Vec<V> {
        self.clock += 1;
        let entry = Entry { value, bytes, used: self.clock };
        self.bytes += bytes;
        let mut gone = Vec::new();
        if let Some(old) = self.entries.insert(key, entry) {
            self.bytes -= old.bytes;
            gone.push(old.value);
        }
        while self.bytes > self.limit && self.entries.len() > 1 {
            let Some(oldest) = self.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone())
            else {
                break;
            };
            if let Some(entry) = self.entries.remove(&oldest) {
                self.bytes -= entry.bytes;
                gone.push(entry.value);
            }
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_and_the_oldest_goes() {
        let mut shelf = Shelf::new(100);
        for key in 0..50 {
            shelf.put(key, key, 30);
            assert!(shelf.bytes <= 100);
            assert!(shelf.get(&0).is_some(), "0 is used all the time");
        }
        assert_eq!(shelf.get(&49), Some(49));
        assert_eq!(shelf.get(&20), None);
        shelf.put(99, 99, 1000);
        assert_eq!(shelf.get(&99), Some(99));
        assert_eq!(shelf.entries.len(), 1);
    }
}
