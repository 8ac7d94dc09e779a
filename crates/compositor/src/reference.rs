//! Executes scenes with the shaders' twins: the definition of correct, and the faster way where there is no graphics card.
//!
//! A row goes through all its steps while it is in the processor's nearest cache; rows are spread over the cores. A row that shows
//! one opaque picture and nothing else is copied, a frame that does so is not even copied. Never rounds twice: canvas rows are
//! floating point until the end.

use crate::scene::{Placed, Scene, SceneLayer, Target};
use crate::shelf::Shelf;
use crate::sources::{Key, Source};
use kinora_shaders::blend::{self, Mode};
use kinora_shaders::effects::cut_out::REACH;
use kinora_shaders::effects::{Around, Needs};
use kinora_shaders::place::{self, WholePart};
use kinora_shaders::scale::{Scaling, scale_into};
use kinora_shaders::{Picture, Row, output};
use rayon::prelude::*;
use std::sync::Arc;

/// Pictures scaled to the film’s size: fifteen frames at 1080p, for stepping back and forth; more would only fill memory.
const SCALED_BYTES: usize = 96 << 20;
/// Rows that one task works on: enough to be worth a task, few enough to spread.
const BAND: usize = 16;

#[derive(Debug)]
pub(crate) struct Reference {
    scaled: Shelf<(Key, Target), Arc<Picture>>,
    /// Of the last pair of sizes: a film has few.
    tables: Option<((usize, usize), Target, Arc<Scaling>)>,
    /// Memory of pictures that are gone.
    spare: Vec<[Vec<u8>; 4]>,
}

impl Default for Reference {
    fn default() -> Self {
        Self { scaled: Shelf::new(SCALED_BYTES), tables: None, spare: Vec::new() }
    }
}

/// A layer with its picture at hand.
struct Ready<'a> {
    placed: &'a Placed,
    picture: Arc<Picture>,
    /// One an effect, where it has one.
    plates: Vec<Option<Arc<Picture>>>,
}

enum ReadyLayer<'a> {
    Single(Ready<'a>),
    Mix { layer: &'a SceneLayer, from: Option<Ready<'a>>, to: Option<Ready<'a>> },
}

impl Reference {
    /// The frame: opaque, 8 bits.
    pub(crate) fn frame(&mut self, scene: &Scene) -> Option<Arc<Picture>> {
        let layers: Vec<ReadyLayer<'_>> = scene
            .layers
            .iter()
            .map(|layer| match layer {
                SceneLayer::Single(placed) => Some(ReadyLayer::Single(self.ready(placed)?)),
                SceneLayer::Mix { from, to, .. } => {
                    let from = match from {
                        Some(placed) => Some(self.ready(placed)?),
                        None => None,
                    };
                    let to = match to {
                        Some(placed) => Some(self.ready(placed)?),
                        None => None,
                    };
                    Some(ReadyLayer::Mix { layer, from, to })
                }
            })
            .collect::<Option<_>>()?;
        if let [.., ReadyLayer::Single(top)] = layers.as_slice()
            && top.is_the_frame(scene)
        {
            return Some(Arc::clone(&top.picture));
        }
        let (width, height) = (scene.width, scene.height);
        let [mut red, mut green, mut blue] = [const { Vec::new() }; 3];
        for plane in [&mut red, &mut green, &mut blue] {
            plane.resize(width * height, 0_u8);
        }
        red.par_chunks_mut(width * BAND)
            .zip(green.par_chunks_mut(width * BAND).zip(blue.par_chunks_mut(width * BAND)))
            .enumerate()
            .for_each(|(band, (red, (green, blue)))| {
                let mut painter = Painter::new(width);
                let rows = red.chunks_mut(width).zip(green.chunks_mut(width).zip(blue.chunks_mut(width)));
                for (y, (red, (green, blue))) in rows.enumerate() {
                    painter.row(&layers, band * BAND + y, [red, green, blue]);
                }
            });
        Picture::from_planes(width, height, [red, green, blue, Vec::new()]).map(Arc::new)
    }

    fn ready<'a>(&mut self, placed: &'a Placed) -> Option<Ready<'a>> {
        let picture = self.sized(&placed.source, &placed.size)?;
        let mut plates = Vec::new();
        for effect in &placed.effects {
            plates.push(match &effect.plate {
                Some(plate) => Some(self.sized(plate, &placed.size)?),
                None => None,
            });
        }
        Some(Ready { placed, picture, plates })
    }

    fn sized(&mut self, source: &Source, size: &Target) -> Option<Arc<Picture>> {
        let own = (source.picture.width(), source.picture.height());
        if own == size.whole && size.is_whole() {
            return Some(Arc::clone(&source.picture));
        }
        let key = (source.key.clone(), size.clone());
        if let Some(picture) = self.scaled.get(&key) {
            return Some(picture);
        }
        let scaling = match &self.tables {
            Some((from, to, scaling)) if *from == own && to == size => Arc::clone(scaling),
            _ => {
                let scaling = Arc::new(size.scaling(own));
                self.tables = Some((own, size.clone(), Arc::clone(&scaling)));
                scaling
            }
        };
        let memory = self.spare.pop().unwrap_or_default();
        let picture = Arc::new(scale_into(memory, &source.picture, &scaling)?);
        let gone = self.scaled.put(key, Arc::clone(&picture), picture.bytes());
        // A picture that somebody still holds is not spare.
        self.spare.extend(gone.into_iter().filter_map(Arc::into_inner).map(Picture::into_planes));
        self.spare.truncate(2);
        Some(picture)
    }
}

impl Ready<'_> {
    /// Opaque, unchanged, laid over whatever is below.
    fn is_plain(&self) -> bool {
        self.placed.effects.is_empty()
            && self.placed.mode == Mode::Normal
            && self.placed.place.amount == 1.0
            && self.placed.place.whole[0] == 1
            && self.picture.is_opaque()
    }

    /// Nothing else can be seen.
    fn is_the_frame(&self, scene: &Scene) -> bool {
        (self.picture.width(), self.picture.height()) == (scene.width, scene.height)
            && self.is_plain()
            && [0, scene.height - 1].iter().all(|&y| self.covering(y, scene.width).is_some_and(|part| part.row == y))
    }

    /// When the row shows this picture from edge to edge: the part of it.
    fn covering(&self, y: usize, width: usize) -> Option<WholePart> {
        if !self.is_plain() {
            return None;
        }
        place::whole_part(&self.placed.place, y, &self.picture, width)
            .filter(|part| part.target == 0 && part.length == width)
    }

    /// Not even a fraction of a pixel of it is on this row.
    fn misses(&self, y: usize, width: usize) -> bool {
        self.placed.place.whole[0] == 1 && place::whole_part(&self.placed.place, y, &self.picture, width).is_none()
    }

    fn paint(&self, y: usize, row: &mut Row) {
        self.paint_with(self.placed.effects.len(), y, row);
    }

    /// With the first so many effects. One that looks around has its rows painted for it, which costs that many times as much.
    fn paint_with(&self, count: usize, y: usize, row: &mut Row) {
        let placed = self.placed;
        let Some((last, _)) = placed.effects.get(..count).and_then(|effects| effects.split_last()) else {
            return place::row(&placed.place, y, &self.picture, row);
        };
        let Needs::Around { twin, .. } = last.effect.needs else {
            self.paint_with(count - 1, y, row);
            return last.effect.apply(&last.pass, y, row);
        };
        let lowest = (placed.place.size[1] as usize).saturating_sub(1);
        let around = || (0..=2 * REACH).map(|offset| (y + offset).saturating_sub(REACH).min(lowest));
        let painted = |paint: &dyn Fn(usize, &mut Row)| {
            let rows = around().map(|y| {
                let mut around = Row::new(row.width());
                paint(y, &mut around);
                around
            });
            rows.collect::<Vec<Row>>()
        };
        let rows = painted(&|y, row| self.paint_with(count - 1, y, row));
        let plates = match self.plates.get(count - 1) {
            Some(Some(plate)) => painted(&|y, row| place::row(&placed.place, y, plate, row)),
            _ => Vec::new(),
        };
        twin(&last.pass, y, &Around { rows: &rows, plates: &plates }, row);
    }
}

/// The rows that one task needs, reused from row to row.
struct Painter {
    canvas: Row,
    layer: Row,
    from: Row,
    to: Row,
}

impl Painter {
    fn new(width: usize) -> Self {
        let row = || Row::new(width);
        Self { canvas: row(), layer: row(), from: row(), to: row() }
    }

    fn row(&mut self, layers: &[ReadyLayer<'_>], y: usize, [red, green, blue]: [&mut [u8]; 3]) {
        let width = red.len();
        // Whatever lies below a picture from edge to edge is not seen.
        let base = layers.iter().enumerate().rev().find_map(|(index, layer)| match layer {
            ReadyLayer::Single(ready) => ready.covering(y, width).map(|part| (index, ready, part)),
            ReadyLayer::Mix { .. } => None,
        });
        let above = base.as_ref().map_or(0, |(index, ..)| index + 1);
        let mut above = layers.get(above..).unwrap_or(&[]).iter().filter(|layer| !layer.misses(y, width)).peekable();
        match base {
            Some((_, ready, part)) if above.peek().is_none() => {
                for (channel, out) in [red, green, blue].into_iter().enumerate() {
                    if let Some(source) = ready.picture.row(channel, part.row).get(part.start..part.start + width) {
                        out.copy_from_slice(source);
                    }
                }
                return;
            }
            Some((_, ready, _)) => ready.paint(y, &mut self.canvas),
            None => self.canvas.reset(width, 1.0),
        }
        for layer in above {
            match layer {
                ReadyLayer::Single(ready) => {
                    ready.paint(y, &mut self.layer);
                    blend::row(ready.placed.mode, &self.layer, &mut self.canvas);
                }
                ReadyLayer::Mix { layer, from, to } => self.mix(layer, from.as_ref(), to.as_ref(), y),
            }
        }
        output::frame_row(&self.canvas, red, green, blue);
    }

    fn mix(&mut self, layer: &SceneLayer, from: Option<&Ready<'_>>, to: Option<&Ready<'_>>, y: usize) {
        let SceneLayer::Mix { transition, pass, mode, .. } = layer else { return };
        let width = self.canvas.width();
        let reach = (transition.reach)(pass, y);
        for (ready, y, row) in [(from, reach.from, &mut self.from), (to, reach.to, &mut self.to)] {
            match (ready, y) {
                (Some(ready), Some(y)) => ready.paint(y, row),
                _ => row.reset(width, 0.0),
            }
        }
        self.layer.reset(width, 0.0);
        (transition.twin)(pass, y, &self.from, &self.to, &mut self.layer);
        blend::row(*mode, &self.layer, &mut self.canvas);
    }
}

impl ReadyLayer<'_> {
    fn misses(&self, y: usize, width: usize) -> bool {
        match self {
            Self::Single(ready) => ready.misses(y, width),
            Self::Mix { .. } => false,
        }
    }
}
