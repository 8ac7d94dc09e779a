//! The script as it stands in the editor: its text, the caret, what is searched for, the note that is open. The parts of the Write room
//! share it; typing, placing the caret and finding a letter on screen are done here, once.

use crate::script::typing::line_of;
use crate::script::{Block, Seen, find, line_start, look, utf16_of};
use crate::state::Studio;
use kinora_document::screenplay::ShotNote;
use leptos::html;
use leptos::prelude::*;
use std::ops::Range;
use wasm_bindgen::JsCast;

/// Lines kept above the one that is shown.
const LINES_ABOVE: u32 = 3;

/// What the parts of the Write room share: the text as it stands in the editor, and where the caret is.
#[derive(Clone, Copy)]
pub struct Desk {
    pub studio: Studio,
    pub text: RwSignal<String>,
    pub seen: Memo<Seen>,
    /// Bytes into the text.
    pub caret: RwSignal<usize>,
    pub editor: NodeRef<html::Textarea>,
    /// What is searched for; None while the bar is closed.
    pub search: RwSignal<Option<Search>>,
    pub hits: Memo<Vec<Range<usize>>>,
    /// The shot note open as a form: the bytes it takes, and what it says.
    pub note: RwSignal<Option<(Range<usize>, ShotNote)>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Search {
    pub words: String,
    pub exact: bool,
    /// Which of the hits is the one shown.
    pub now: usize,
    pub replace: bool,
}

impl Desk {
    pub fn new(studio: Studio) -> Self {
        let text = RwSignal::new(studio.film_untracked(|film| film.script.text.clone()));
        let search = RwSignal::new(None::<Search>);
        let wanted = Memo::new(move |_| search.with(|search| search.as_ref().map(|s| (s.words.clone(), s.exact))));
        let hits = Memo::new(move |_| match wanted.get() {
            Some((words, exact)) => text.with(|text| find::find(text, &words, exact)),
            None => Vec::new(),
        });
        let now = Memo::new(move |_| search.with(|search| search.as_ref().map(|search| search.now)));
        let seen = Memo::new(move |_| text.with(|text| hits.with(|hits| look(text, hits, now.get()))));
        Self {
            studio,
            text,
            seen,
            caret: RwSignal::new(0),
            editor: NodeRef::new(),
            search,
            hits,
            note: RwSignal::new(None),
        }
    }

    /// Replaces bytes of the text as if it were typed, so that the system's undo takes it back.
    pub fn put(&self, range: Range<usize>, words: &str) {
        let Some(editor) = self.editor.get_untracked() else { return };
        let (start, end) = self.text.with_untracked(|text| (utf16_of(text, range.start), utf16_of(text, range.end)));
        if start == end && words.is_empty() {
            return;
        }
        let _ = editor.focus();
        let _ = editor.set_selection_range(start, end);
        if !type_words(words) {
            let _ = editor.set_range_text_with_start_and_end(words, start, end);
            if let Ok(event) = web_sys::Event::new("input") {
                let _ = editor.dispatch_event(&event);
            }
        }
    }

    pub fn place_caret(&self, at: usize) {
        let Some(editor) = self.editor.get_untracked() else { return };
        let place = self.text.with_untracked(|text| utf16_of(text, at));
        let _ = editor.set_selection_range(place, place);
        self.caret.set(at);
    }

    /// Shows a line near the top, with the caret at its beginning.
    pub fn go(&self, line: u32) {
        let start = self.text.with_untracked(|text| line_start(text, line));
        if let Some(editor) = self.editor.get_untracked() {
            let _ = editor.focus();
        }
        self.place_caret(start);
        self.show(start);
    }

    /// Scrolls so that a byte of the text is in sight.
    pub fn show(&self, at: usize) {
        let desk = *self;
        request_animation_frame(move || {
            let Some((_, top, height)) = desk.place_of(at) else { return };
            if let Ok(Some(scroll)) = document().query_selector(".script-scroll") {
                let above = f64::from(LINES_ABOVE) * height;
                let view = f64::from(scroll.client_height());
                let now = f64::from(scroll.scroll_top());
                if top < now + above || top > now + view - above {
                    scroll.set_scroll_top((top - above).max(0.0) as i32);
                }
            }
        });
    }

    /// Left, top and height in pixels of the letter at a byte, inside the page of the script.
    pub fn place_of(&self, at: usize) -> Option<(f64, f64, f64)> {
        let (key, piece, inside) = self.seen.with_untracked(|seen| piece_at(&seen.blocks, at))?;
        let block = document().query_selector(&format!(".script-look [data-key='{key}']")).ok()??;
        let span = block.query_selector(&format!("[data-piece='{piece}']")).ok()??;
        let letters = span.first_child()?;
        let length = u32::try_from(letters.text_content()?.encode_utf16().count()).ok()?;
        let range = document().create_range().ok()?;
        let from = inside.min(length.saturating_sub(1));
        range.set_start(&letters, from).ok()?;
        range.set_end(&letters, (from + 1).min(length)).ok()?;
        let rect = range.get_bounding_client_rect();
        let page = document().query_selector(".script-page").ok()??.get_bounding_client_rect();
        let left = if inside >= length { rect.right() } else { rect.left() };
        Some((left - page.left(), rect.top() - page.top(), rect.height()))
    }

    /// Opens the note under the caret, or a new one for the shot there.
    pub fn open_note(&self) {
        let caret = self.caret.get_untracked();
        let there = self.seen.with_untracked(|seen| {
            seen.notes.iter().find(|(range, _)| range.start <= caret && caret <= range.end).cloned()
        });
        let at = self.text.with_untracked(|text| line_of(text, caret).start);
        self.note.set(there.or(Some((at..at, ShotNote::default()))));
    }

    /// Writes the note of the form into the script; None takes it out.
    pub fn close_note(&self, note: Option<ShotNote>) {
        let Some((range, _)) = self.note.get_untracked() else { return };
        self.note.set(None);
        let desk = *self;
        // The dialog gives the focus back first.
        request_animation_frame(move || match note {
            Some(note) => {
                let words = format!("[[{}]]", note.print());
                // A new note stands on a line of its own, before the words of its shot.
                let fresh = range.is_empty();
                let words = if fresh { format!("{words}\n") } else { words };
                let caret = range.start + words.len();
                desk.put(range, &words);
                desk.place_caret(caret);
            }
            None => desk.put(range, ""),
        });
    }
}

/// Types into whatever has the focus, as a person would. False where the system has no such thing.
fn type_words(words: &str) -> bool {
    let document = document();
    let command = if words.is_empty() { "delete" } else { "insertText" };
    js_sys::Reflect::get(&document, &"execCommand".into())
        .ok()
        .and_then(|function| function.dyn_into::<js_sys::Function>().ok())
        .and_then(|function| function.call3(&document, &command.into(), &false.into(), &words.into()).ok())
        .is_some_and(|done| done.is_truthy())
}

/// The block's key, the piece's number in it, and how far into the piece (as the page counts) a byte lies.
fn piece_at(blocks: &[Block], at: usize) -> Option<(u64, usize, u32)> {
    let mut start = 0;
    let mut last = None;
    for block in blocks {
        let length: usize = block.pieces.iter().map(|piece| piece.text.len()).sum();
        if start + length <= at {
            last = block.pieces.len().checked_sub(1).map(|piece| (block.key, piece, u32::MAX));
            start += length;
            continue;
        }
        for (number, piece) in block.pieces.iter().enumerate() {
            if at < start + piece.text.len() {
                return Some((block.key, number, utf16_of(&piece.text, at - start)));
            }
            start += piece.text.len();
        }
    }
    last
}
