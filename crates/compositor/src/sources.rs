//! The pictures that a plan names, ready for work: frames of movies, letterings, slates, plain colours.
//!
//! Kept by content within a limit of bytes, so that a picture is fetched and converted once however often the film shows it.
//! A picture that cannot be had becomes a slate that says why; a render never fails for it.

use crate::shelf::Shelf;
use crate::text::{Lettering, Typesetter};
use kinora_document::BlobHash;
use kinora_document::Corner;
use kinora_document::film::{Title, TitleStyle};
use kinora_document::plan::PictureSource;
use kinora_ports::compositor::PictureStore;
use kinora_shaders::Picture;
use kinora_shaders::scale::MAX_SIDE;
use std::sync::Arc;

/// Decoded pictures in their own size: thirty frames at 1080p.
const PICTURES_BYTES: usize = 192 << 20;
/// A title is set once and shown for seconds: some thirty captions as wide as 1080p. Somebody who scrubs passes hundreds and sees each once.
const LETTERINGS_BYTES: usize = 24 << 20;

/// Names a source picture by its content.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Frame(BlobHash, u32),
    Title { text: String, style: u8, word: Option<u32>, width: usize, height: usize },
    Slate { heading: String, text: String, width: usize, height: usize },
    Sign { corner: Corner, size_permille: u32, width: usize, height: usize },
    Colour([u8; 3]),
}

/// A picture, and where it lies in the space that it is placed in.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub key: Key,
    pub picture: Arc<Picture>,
    /// Size of that space: the picture's own for a frame of a movie, the film's frame for what was set for it.
    pub space: (usize, usize),
    pub left: i32,
    pub top: i32,
    /// Was made at the size at which it is seen, as letters are: not to be scaled any more.
    pub final_size: bool,
}

#[derive(Debug)]
pub(crate) struct Sources {
    typesetter: Typesetter,
    pictures: Shelf<Key, Arc<Picture>>,
    letterings: Shelf<Key, Option<(Arc<Picture>, i32, i32)>>,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            typesetter: Typesetter::default(),
            pictures: Shelf::new(PICTURES_BYTES),
            letterings: Shelf::new(LETTERINGS_BYTES),
        }
    }
}

/// What came of asking for a source.
pub(crate) enum Found {
    Source(Source),
    /// Stands in for a picture that could not be had; the frame must not be kept as if it were whole.
    StandIn(Source),
    /// Nothing to be seen: an empty title.
    Nothing,
}

impl Sources {
    /// `set_for` is the size at which text is set: the frame, times the layer's scale.
    pub(crate) fn find(
        &mut self,
        source: &PictureSource,
        set_for: (usize, usize),
        store: &mut dyn PictureStore,
    ) -> Found {
        match source {
            PictureSource::Movie { blob, frame } => match self.frame(*blob, *frame, store) {
                Ok(found) => Found::Source(found),
                Err(reason) => {
                    let slate = self.slate("Missing picture", &reason, set_for);
                    slate.map_or(Found::Nothing, Found::StandIn)
                }
            },
            PictureSource::Title(title) => self.title(title, set_for).map_or(Found::Nothing, Found::Source),
            PictureSource::Karaoke { text, word } => {
                self.karaoke(text, *word, set_for).map_or(Found::Nothing, Found::Source)
            }
            PictureSource::Slate { heading, text } => {
                self.slate(heading, text, set_for).map_or(Found::Nothing, Found::Source)
            }
            PictureSource::Sign { corner, size_permille } => {
                self.sign(*corner, *size_permille, set_for).map_or(Found::Nothing, Found::Source)
            }
            PictureSource::Colour(colour) => self.colour(*colour, set_for).map_or(Found::Nothing, Found::Source),
        }
    }

    fn frame(&mut self, blob: BlobHash, frame: u32, store: &mut dyn PictureStore) -> Result<Source, String> {
        let key = Key::Frame(blob, frame);
        let picture = match self.pictures.get(&key) {
            Some(picture) => picture,
            None => {
                let pixels = store.picture(blob, frame).map_err(|error| error.to_string())?;
                if pixels.width.max(pixels.height) as usize > MAX_SIDE {
                    return Err(format!(
                        "The picture is larger than {MAX_SIDE} pixels. Make it smaller and import it again."
                    ));
                }
                let picture = Picture::from_straight_rgba(pixels.width as usize, pixels.height as usize, &pixels.rgba)
                    .ok_or("The file holds a picture without a size. Import it again or choose another take.")?;
                let picture = Arc::new(picture);
                self.pictures.put(key.clone(), Arc::clone(&picture), picture.bytes());
                picture
            }
        };
        Ok(Source { key, space: (picture.width(), picture.height()), picture, left: 0, top: 0, final_size: false })
    }

    fn title(&mut self, title: &Title, (width, height): (usize, usize)) -> Option<Source> {
        let style = match title.style {
            TitleStyle::Card => 0,
            TitleStyle::Lower => 1,
            TitleStyle::Caption => 2,
            TitleStyle::Credits => 3,
            TitleStyle::Social | TitleStyle::Karaoke => 4,
        };
        let key = Key::Title { text: title.text.clone(), style, word: None, width, height };
        self.lettering(key, (width, height), |typesetter| typesetter.title(title, width, height))
    }

    fn karaoke(&mut self, text: &str, word: Option<u32>, (width, height): (usize, usize)) -> Option<Source> {
        let key = Key::Title { text: text.to_owned(), style: 4, word, width, height };
        self.lettering(key, (width, height), |typesetter| typesetter.karaoke(text, word, width, height))
    }

    fn slate(&mut self, heading: &str, text: &str, (width, height): (usize, usize)) -> Option<Source> {
        let key = Key::Slate { heading: heading.to_owned(), text: text.to_owned(), width, height };
        self.lettering(key, (width, height), |typesetter| typesetter.slate(heading, text, width, height))
    }

    fn sign(&mut self, corner: Corner, size_permille: u32, (width, height): (usize, usize)) -> Option<Source> {
        let key = Key::Sign { corner, size_permille, width, height };
        self.lettering(key, (width, height), |typesetter| typesetter.sign(corner, size_permille, width, height))
    }

    fn lettering(
        &mut self,
        key: Key,
        space: (usize, usize),
        set: impl FnOnce(&mut Typesetter) -> Option<Lettering>,
    ) -> Option<Source> {
        let (picture, left, top) = match self.letterings.get(&key) {
            Some(lettering) => lettering,
            None => {
                let lettering = set(&mut self.typesetter).map(|set| (Arc::new(set.picture), set.left, set.top));
                let bytes = lettering.as_ref().map_or(64, |(picture, ..)| picture.bytes());
                self.letterings.put(key.clone(), lettering.clone(), bytes);
                lettering
            }
        }?;
        Some(Source { key, picture, space, left, top, final_size: true })
    }

    fn colour(&mut self, colour: [u8; 3], space: (usize, usize)) -> Option<Source> {
        let [red, green, blue] = colour;
        let picture = Picture::from_straight_rgba(1, 1, &[red, green, blue, 255])?;
        Some(Source { key: Key::Colour(colour), picture: Arc::new(picture), space, left: 0, top: 0, final_size: false })
    }
}
