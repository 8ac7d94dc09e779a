//! A logical line: its text without notes and boneyards, what was taken out of it, and where it came from.
//!
//! Notes and boneyards may span lines, so one logical line can cover several lines of the file. The parser sees
//! only logical lines; offsets lead back to bytes of the source.

use std::borrow::Cow;

use crate::tree::{Insert, InsertKind, Span};

#[derive(Debug, Default)]
pub(crate) struct Line<'a> {
    /// Borrowed where nothing was taken out of it, as from most lines.
    pub(crate) text: Cow<'a, str>,
    more: Option<Box<More>>,
    /// Where the first run of text stands in the source.
    origin: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What most lines do not have.
#[derive(Debug, Default)]
struct More {
    /// What was taken out; `at` counts into `text`, in order.
    inserts: Vec<Insert>,
    /// The further runs as `(offset in text, offset in source)`, growing.
    places: Vec<(usize, usize)>,
}

impl<'a> Line<'a> {
    pub(crate) fn starting_at(start: usize) -> Self {
        Line { start, end: start, origin: start, ..Line::default() }
    }

    /// What was taken out; `at` counts into the text, in order.
    pub(crate) fn inserts(&self) -> &[Insert] {
        self.more.as_ref().map_or(&[], |more| &more.inserts)
    }

    fn places(&self) -> &[(usize, usize)] {
        self.more.as_ref().map_or(&[], |more| &more.places)
    }

    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// Appends text that stands at `source_offset`.
    pub(crate) fn push(&mut self, text: &'a str, source_offset: usize) {
        if !text.is_empty() {
            self.begin_run(source_offset);
            self.text += text;
        }
    }

    fn begin_run(&mut self, source_offset: usize) {
        if self.text.is_empty() {
            self.origin = source_offset;
        } else {
            let at = self.text.len();
            self.more().places.push((at, source_offset));
        }
    }

    pub(crate) fn push_insert(&mut self, kind: InsertKind, text: String, start: usize, end: usize) {
        let span = Span { line: 0, column: 0, start: narrow(start), end: narrow(end) };
        let at = self.text.len();
        self.more().inserts.push(Insert { at, kind, text, span });
    }

    /// Appends `from..to` of another line with the inserts that stand in it, both ends included.
    pub(crate) fn append(&mut self, other: &Line<'a>, from: usize, to: usize) {
        let base = self.text.len();
        let slice = match &other.text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(from..to).unwrap_or_default()),
            Cow::Owned(text) => Cow::Owned(text.get(from..to).unwrap_or_default().to_owned()),
        };
        if !slice.is_empty() {
            self.begin_run(other.source_offset(from));
            let first = other.places().partition_point(|(offset, _)| *offset <= from);
            let inside = other.places().get(first..).unwrap_or_default();
            let inside = inside.iter().take_while(|(offset, _)| *offset < to);
            let mut inside = inside.map(|(offset, source)| (base + offset - from, *source)).peekable();
            if inside.peek().is_some() {
                self.more().places.extend(inside);
            }
        }
        self.text += slice;
        let first = other.inserts().partition_point(|insert| insert.at < from);
        let inside = other.inserts().get(first..).unwrap_or_default();
        let inside = inside.iter().take_while(|insert| insert.at <= to);
        self.take_inserts(inside.map(|insert| Insert { at: base + insert.at - from, ..insert.clone() }));
    }

    /// Appends, at the end of the text, the inserts that stand strictly between two offsets of another line.
    pub(crate) fn adopt_inserts(&mut self, other: &Line<'_>, after: Option<usize>, before: Option<usize>) {
        let first = after.map_or(0, |after| other.inserts().partition_point(|insert| insert.at <= after));
        let inside = other.inserts().get(first..).unwrap_or_default();
        let inside = inside.iter().take_while(|insert| before.is_none_or(|before| insert.at < before));
        let at = self.text.len();
        self.take_inserts(inside.map(|insert| Insert { at, ..insert.clone() }));
    }

    fn take_inserts(&mut self, inserts: impl Iterator<Item = Insert>) {
        let mut inserts = inserts.peekable();
        if inserts.peek().is_some() {
            self.more().inserts.extend(inserts);
        }
    }

    /// Where an offset of the text stands in the source.
    pub(crate) fn source_offset(&self, offset: usize) -> usize {
        let next = self.places().partition_point(|(at, _)| *at <= offset);
        let place = next.checked_sub(1).and_then(|index| self.places().get(index));
        place.map_or(self.origin + offset, |(at, source)| source + (offset - at))
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Only notes and boneyards: the line is not there for the layout of the script.
    pub(crate) fn is_transparent(&self) -> bool {
        !self.inserts().is_empty() && self.is_blank()
    }

    /// Ends a note or a speech: blank, and not held open by two spaces.
    pub(crate) fn is_hard_blank(&self) -> bool {
        self.inserts().is_empty() && self.is_blank() && self.text.chars().nth(1).is_none()
    }
}

/// Offsets are kept in 32 bits: scripts are bounded far below, and the tree stays small.
pub(crate) fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
