//! Thumbnails and waveforms for the timeline: asked for when a clip that shows them is seen, a few at a time, and kept.
//!
//! Both are named by content, so what was loaded once stays right. What cannot be loaded is not asked for again.

use crate::bridge::{peaks_of, picture_address};
use kinora_document::{BlobHash, ClipSource, Film, MediaKind};
use leptos::prelude::{RwSignal, Update};
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlImageElement;

/// More at once would hold up the monitor's pictures, which come the same way.
const AT_ONCE: usize = 3;
/// Images the page keeps; a screen shows a few dozen.
const KEPT: usize = 600;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Tile {
    Picture(BlobHash),
    Peaks(BlobHash),
}

#[derive(Default)]
struct Inner {
    pictures: HashMap<BlobHash, HtmlImageElement>,
    peaks: HashMap<BlobHash, Rc<Vec<u8>>>,
    asked: HashSet<Tile>,
    waiting: VecDeque<Tile>,
    busy: usize,
}

/// `arrived` goes up whenever something new can be painted.
#[derive(Clone)]
pub struct Tiles {
    inner: Rc<RefCell<Inner>>,
    arrived: RwSignal<u32>,
}

impl std::fmt::Debug for Tiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tiles").finish_non_exhaustive()
    }
}

impl Tiles {
    pub fn new(arrived: RwSignal<u32>) -> Self {
        Self { inner: Rc::default(), arrived }
    }

    /// The picture, if it is here; otherwise it is on its way.
    pub fn picture(&self, hash: BlobHash) -> Option<HtmlImageElement> {
        let found = self.inner.borrow().pictures.get(&hash).cloned();
        if found.is_none() {
            self.want(Tile::Picture(hash));
        }
        found
    }

    pub fn peaks(&self, hash: BlobHash) -> Option<Rc<Vec<u8>>> {
        let found = self.inner.borrow().peaks.get(&hash).cloned();
        if found.is_none() {
            self.want(Tile::Peaks(hash));
        }
        found
    }

    fn want(&self, tile: Tile) {
        {
            let mut inner = self.inner.borrow_mut();
            if !inner.asked.insert(tile) {
                return;
            }
            inner.waiting.push_back(tile);
        }
        self.go_on();
    }

    fn go_on(&self) {
        loop {
            let tile = {
                let mut inner = self.inner.borrow_mut();
                if inner.busy >= AT_ONCE {
                    return;
                }
                let Some(tile) = inner.waiting.pop_front() else { return };
                inner.busy += 1;
                tile
            };
            match tile {
                Tile::Picture(hash) => self.load_picture(hash),
                Tile::Peaks(hash) => {
                    let tiles = self.clone();
                    spawn_local(async move {
                        let peaks = peaks_of(hash).await;
                        if let Some(peaks) = peaks {
                            tiles.inner.borrow_mut().peaks.insert(hash, Rc::new(peaks));
                        }
                        tiles.came();
                    });
                }
            }
        }
    }

    fn load_picture(&self, hash: BlobHash) {
        let Ok(image) = HtmlImageElement::new() else { return self.came() };
        let (tiles, loaded) = (self.clone(), image.clone());
        let done = Closure::once_into_js(move || {
            if loaded.natural_width() > 0 {
                let mut inner = tiles.inner.borrow_mut();
                if inner.pictures.len() >= KEPT {
                    inner.pictures.clear();
                    inner.asked.retain(|tile| matches!(tile, Tile::Peaks(_)));
                }
                inner.pictures.insert(hash, loaded);
            }
            tiles.came();
        });
        image.set_onload(Some(done.unchecked_ref()));
        image.set_onerror(Some(done.unchecked_ref()));
        image.set_src(&picture_address(hash));
    }

    fn came(&self) {
        self.inner.borrow_mut().busy -= 1;
        // The timeline may be gone by now.
        self.arrived.try_update(|n| *n += 1);
        self.go_on();
    }
}

/// The thumbnail of a clip, if it has one.
pub fn picture_of(film: &Film, source: &ClipSource) -> Option<BlobHash> {
    match source {
        ClipSource::Shot(shot) => film.takes.get(film.shots.get(*shot)?.chosen_take?)?.thumbnail,
        ClipSource::Take(take) => film.takes.get(*take)?.thumbnail,
        ClipSource::Media(media) => film.media.get(*media)?.thumbnail,
        ClipSource::Line { .. } | ClipSource::Ambience(_) | ClipSource::Title(_) | ClipSource::Colour(_) => None,
    }
}

/// What is heard of a clip.
pub fn sound_of(film: &Film, source: &ClipSource) -> Option<BlobHash> {
    match source {
        ClipSource::Shot(shot) => Some(film.takes.get(film.shots.get(*shot)?.chosen_take?)?.blob),
        ClipSource::Take(take) => Some(film.takes.get(*take)?.blob),
        ClipSource::Media(media) => {
            let media = film.media.get(*media)?;
            (media.kind == MediaKind::Sound || media.has_sound).then_some(media.blob)
        }
        // Which file a line has, only the whole film can say: too much for each drawing.
        ClipSource::Line { .. } | ClipSource::Ambience(_) | ClipSource::Title(_) | ClipSource::Colour(_) => None,
    }
}
