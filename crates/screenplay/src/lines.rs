//! A logical line: its text without notes and boneyards, what was taken out of it, and where it came from.
//!
//! Notes and boneyards may span lines, so one logical line can cover several lines of the file. The parser sees
//! only logical lines; offsets lead back to bytes of the source.

use crate::tree::{Insert, InsertKind, Span};

#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) text: String,
    /// What was taken out; `at` counts into `text`, in order.
    pub(crate) inserts: Vec<Insert>,
    /// Where the first run of text stands in the source.
    origin: usize,
    /// The further runs as `(offset in text, offset in source)`, growing; most lines have none.
    places: Vec<(usize, usize)>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Line {
    pub(crate) fn starting_at(start: usize) -> Self {
        Line { start, end: start, origin: start, ..Line::default() }
    }

    /// Appends text that stands at `source_offset`.
    pub(crate) fn push(&mut self, text: &str, source_offset: usize) {
        if !text.is_empty() {
            self.begin_run(source_offset);
            self.text.push_str(text);
        }
    }

    fn begin_run(&mut self, source_offset: usize) {
        if self.text.is_empty() {
            self.origin = source_offset;
        } else {
            self.places.push((self.text.len(), source_offset));
        }
    }

    pub(crate) fn push_insert(&mut self, kind: InsertKind, text: String, start: usize, end: usize) {
        let span = Span { line: 0, column: 0, start: narrow(start), end: narrow(end) };
        self.inserts.push(Insert { at: self.text.len(), kind, text, span });
    }

    /// Appends `from..to` of another line with the inserts that stand in it, both ends included.
    pub(crate) fn append(&mut self, other: &Line, from: usize, to: usize) {
        let base = self.text.len();
        let slice = other.text.get(from..to).unwrap_or_default();
        if !slice.is_empty() {
            self.begin_run(other.source_offset(from));
            let first = other.places.partition_point(|(offset, _)| *offset <= from);
            let inside = other.places.get(first..).unwrap_or_default();
            let inside = inside.iter().take_while(|(offset, _)| *offset < to);
            self.places.extend(inside.map(|(offset, source)| (base + offset - from, *source)));
        }
        self.text.push_str(slice);
        let first = other.inserts.partition_point(|insert| insert.at < from);
        let inside = other.inserts.get(first..).unwrap_or_default();
        let inside = inside.iter().take_while(|insert| insert.at <= to);
        self.inserts.extend(inside.map(|insert| Insert { at: base + insert.at - from, ..insert.clone() }));
    }

    /// Appends, at the end of the text, the inserts that stand strictly between two offsets of another line.
    pub(crate) fn adopt_inserts(&mut self, other: &Line, after: Option<usize>, before: Option<usize>) {
        let first = after.map_or(0, |after| other.inserts.partition_point(|insert| insert.at <= after));
        let inside = other.inserts.get(first..).unwrap_or_default();
        let inside = inside.iter().take_while(|insert| before.is_none_or(|before| insert.at < before));
        let at = self.text.len();
        self.inserts.extend(inside.map(|insert| Insert { at, ..insert.clone() }));
    }

    /// Where an offset of the text stands in the source.
    pub(crate) fn source_offset(&self, offset: usize) -> usize {
        let next = self.places.partition_point(|(at, _)| *at <= offset);
        let place = next.checked_sub(1).and_then(|index| self.places.get(index));
        place.map_or(self.origin + offset, |(at, source)| source + (offset - at))
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Only notes and boneyards: the line is not there for the layout of the script.
    pub(crate) fn is_transparent(&self) -> bool {
        !self.inserts.is_empty() && self.is_blank()
    }

    /// Ends a note or a speech: blank, and not held open by two spaces.
    pub(crate) fn is_hard_blank(&self) -> bool {
        self.inserts.is_empty() && self.is_blank() && self.text.chars().nth(1).is_none()
    }
}

/// Offsets are kept in 32 bits: scripts are bounded far below, and the tree stays small.
pub(crate) fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
