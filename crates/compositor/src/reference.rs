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

/// Pictures scaled to the film’s size: seven frames at 1080p, for stepping back and forth; more would only fill memory.
const SCALED_BYTES: usize = 48 << 20;
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
        let layers = self.layers(scene)?;
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
            .for_each_init(
                || Painter::new(width),
                |painter, (band, (red, (green, blue)))| {
                    let rows = red.chunks_mut(width).zip(green.chunks_mut(width).zip(blue.chunks_mut(width)));
                    for (y, (red, (green, blue))) in rows.enumerate() {
                        let mut out = [red, green, blue];
                        if let Some(shown) = painter.row(&layers, band * BAND + y, &mut out) {
                            out.into_iter().zip(shown).for_each(|(out, shown)| out.copy_from_slice(shown));
                        }
                    }
                },
            );
        Picture::from_planes(width, height, [red, green, blue, Vec::new()]).map(Arc::new)
    }

    /// The frame as video (I420) in `bytes`: the same rows, each pair turned into luma and chroma while it is at hand.
    pub(crate) fn video(&mut self, scene: &Scene, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        let layers = self.layers(scene)?;
        let (width, height) = (scene.width, scene.height);
        let columns = width.div_ceil(2);
        bytes.resize(output::video_length(width, height), 0);
        let (luma, chroma) = bytes.split_at_mut_checked(width * height)?;
        let (blue, red) = chroma.split_at_mut_checked(columns * height.div_ceil(2))?;
        luma.par_chunks_mut(width * BAND)
            .zip(blue.par_chunks_mut(columns * BAND / 2).zip(red.par_chunks_mut(columns * BAND / 2)))
            .enumerate()
            .for_each_init(
                || (Painter::new(width), Pair::new(width)),
                |(painter, pair), (band, (luma, (blue, red)))| {
                    let rows = luma.chunks_mut(2 * width).zip(blue.chunks_mut(columns).zip(red.chunks_mut(columns)));
                    for (at, (luma, (blue, red))) in rows.enumerate() {
                        let y = band * BAND + 2 * at;
                        pair.video(painter, &layers, [y, (y + 1).min(height - 1)], luma, blue, red);
                    }
                },
            );
        Some(bytes)
    }

    /// Every layer with its picture at hand.
    fn layers<'a>(&mut self, scene: &'a Scene) -> Option<Vec<ReadyLayer<'a>>> {
        let mut layers = Vec::with_capacity(scene.layers.len());
        for layer in &scene.layers {
            layers.push(match layer {
                SceneLayer::Single(placed) => ReadyLayer::Single(self.ready(placed)?),
                SceneLayer::Mix { from, to, .. } => {
                    ReadyLayer::Mix { layer, from: self.side(from.as_deref())?, to: self.side(to.as_deref())? }
                }
            });
        }
        Some(layers)
    }

    /// One side of a transition, where nothing may stand.
    fn side<'a>(&mut self, placed: Option<&'a Placed>) -> Option<Option<Ready<'a>>> {
        placed.map_or(Some(None), |placed| self.ready(placed).map(Some))
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

    fn part_of_row(&self, part: WholePart) -> Option<[&[u8]; 3]> {
        let channel = |channel| self.picture.row(channel, part.row).get(part.start..part.start + part.length);
        Some([channel(0)?, channel(1)?, channel(2)?])
    }

    /// The row as bytes: of the picture from edge to edge, or nothing of it. None where it is more than that.
    fn plain_row<'r>(&'r self, y: usize, nothing: &'r [u8]) -> Option<[&'r [u8]; 3]> {
        match self.covering(y, nothing.len()) {
            Some(part) => self.part_of_row(part),
            None => self.misses(y, nothing.len()).then_some([nothing; 3]),
        }
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

/// Two rows of the frame on their way to video.
struct Pair {
    painted: [[Vec<u8>; 3]; 2],
    chroma: output::Chroma,
}

impl Pair {
    fn new(width: usize) -> Self {
        let row = || std::array::from_fn(|_| vec![0; width]);
        Self { painted: [row(), row()], chroma: output::Chroma::default() }
    }

    fn video(
        &mut self,
        painter: &mut Painter,
        layers: &[ReadyLayer<'_>],
        rows: [usize; 2],
        luma: &mut [u8],
        blue: &mut [u8],
        red: &mut [u8],
    ) {
        let Self { painted, chroma } = self;
        let [upper, lower] = painted;
        let mut paint = |row: &mut [Vec<u8>; 3], y| {
            let mut out = row.each_mut().map(Vec::as_mut_slice);
            painter.row(layers, y, &mut out)
        };
        // What is shown as it is goes from the picture straight into the video.
        let shown = [paint(upper, rows[0]), paint(lower, rows[1])];
        let [upper, lower] = [&*upper, &*lower].map(|row| row.each_ref().map(Vec::as_slice));
        let rows = [shown[0].unwrap_or(upper), shown[1].unwrap_or(lower)];
        output::video_rows(rows, chroma, luma, blue, red);
    }
}

/// The rows that one task needs, reused from row to row.
struct Painter {
    canvas: Row,
    layer: Row,
    from: Row,
    to: Row,
    /// Instead of a picture that is not there.
    nothing: Vec<u8>,
}

impl Painter {
    fn new(width: usize) -> Self {
        let row = || Row::new(width);
        Self { canvas: row(), layer: row(), from: row(), to: row(), nothing: vec![0; width] }
    }

    /// Paints row `y`, unless it is a picture's row as it is: then that is given, and nothing painted.
    fn row<'l>(
        &mut self,
        layers: &'l [ReadyLayer<'_>],
        y: usize,
        [red, green, blue]: &mut [&mut [u8]; 3],
    ) -> Option<[&'l [u8]; 3]> {
        let width = red.len();
        // Whatever lies below a picture from edge to edge is not seen.
        let base = layers.iter().enumerate().rev().find_map(|(index, layer)| match layer {
            ReadyLayer::Single(ready) => ready.covering(y, width).map(|part| (index, ready, part)),
            ReadyLayer::Mix { .. } => None,
        });
        let above = base.as_ref().map_or(0, |(index, ..)| index + 1);
        let mut above = layers.get(above..).unwrap_or(&[]).iter().filter(|layer| !layer.misses(y, width)).peekable();
        if above.peek().is_none()
            && let Some(shown) = base.as_ref().and_then(|(_, ready, part)| ready.part_of_row(*part))
        {
            return Some(shown);
        }
        match base {
            Some((_, ready, _)) => ready.paint(y, &mut self.canvas),
            None => {
                let first = above.next();
                if let Some(first) = first
                    && above.peek().is_none()
                    && first.short_way(y, &self.nothing, [&mut **red, &mut **green, &mut **blue])
                {
                    return None;
                }
                self.canvas.reset(width, 1.0);
                first.into_iter().for_each(|layer| self.lay(layer, y));
            }
        }
        above.for_each(|layer| self.lay(layer, y));
        output::frame_row(&self.canvas, red, green, blue);
        None
    }

    fn lay(&mut self, layer: &ReadyLayer<'_>, y: usize) {
        match layer {
            ReadyLayer::Single(ready) => {
                ready.paint(y, &mut self.layer);
                blend::row(ready.placed.mode, &self.layer, &mut self.canvas);
            }
            ReadyLayer::Mix { layer, from, to } => self.mix(layer, from.as_ref(), to.as_ref(), y),
        }
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

    /// The row of a transition between two plain pictures, alone over black: bytes from bytes. False where it takes the long way.
    fn short_way(&self, y: usize, nothing: &[u8], out: [&mut [u8]; 3]) -> bool {
        let Self::Mix { layer: SceneLayer::Mix { transition, pass, mode: Mode::Normal, .. }, from, to } = self else {
            return false;
        };
        let Some(bytes) = transition.bytes else { return false };
        let reach = (transition.reach)(pass, y);
        let sides = [(from, reach.from), (to, reach.to)].map(|(ready, y)| match (ready, y) {
            (Some(ready), Some(y)) => ready.plain_row(y, nothing),
            _ => Some([nothing; 3]),
        });
        let [Some(from), Some(to)] = sides else { return false };
        for ((from, to), out) in from.into_iter().zip(to).zip(out) {
            bytes(pass, from, to, out);
        }
        true
    }
}
