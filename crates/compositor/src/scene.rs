//! A frame plan worked out: every source found, every place in pixels, every pass prepared.
//!
//! Both executors (the processor's and the device's) start from the same [`Scene`], so that they can differ in arithmetic only.
//! Unknown kinds of effects are left out, an unknown transition is a dissolve: a film from a newer Kinora still plays.

use crate::sources::{Found, Source, Sources};
use kinora_document::film::{Blend, Fit, Placement};
use kinora_document::plan::{FramePlan, Layer, Picture as PlannedPicture, PictureSource};
use kinora_document::{BlobHash, Refusal};
use kinora_ports::PortError;
use kinora_ports::compositor::PictureStore;
use kinora_shaders::blend::Mode;
use kinora_shaders::effects::Needs;
use kinora_shaders::scale::Scaling;
use kinora_shaders::{Effect, Pass, Transition, effect, transition};
use std::collections::BTreeMap;
use std::ops::Range;

/// Sides of a frame: 8K, and what every graphics device offers.
pub const MAX_SIDE: u32 = 8192;

#[derive(Debug)]
pub(crate) struct Scene {
    pub width: usize,
    pub height: usize,
    pub layers: Vec<SceneLayer>,
    /// Nothing stands in for a picture that could not be had.
    pub whole: bool,
}

#[derive(Debug)]
pub(crate) enum SceneLayer {
    Single(Box<Placed>),
    Mix {
        transition: &'static Transition,
        pass: Box<Pass>,
        from: Option<Box<Placed>>,
        to: Option<Box<Placed>>,
        mode: Mode,
    },
}

#[derive(Debug)]
pub(crate) struct Placed {
    pub source: Source,
    pub size: Target,
    pub place: Pass,
    pub effects: Vec<PlacedEffect>,
    pub mode: Mode,
}

#[derive(Debug)]
pub(crate) struct PlacedEffect {
    pub effect: &'static Effect,
    pub pass: Pass,
    /// Compared with; scaled and placed exactly as the layer is.
    pub plate: Option<Source>,
}

/// What a source is scaled to before it is placed: a part of the whole, as much as can be seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    pub whole: (usize, usize),
    pub window: (Range<usize>, Range<usize>),
}

impl Target {
    fn all(whole: (usize, usize)) -> Self {
        Self { whole, window: (0..whole.0, 0..whole.1) }
    }

    /// Size of what is made.
    pub(crate) fn made(&self) -> (usize, usize) {
        (self.window.0.len(), self.window.1.len())
    }

    pub(crate) fn scaling(&self, from: (usize, usize)) -> Scaling {
        Scaling::fitting_part(from, self.whole, self.window.clone())
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.made() == self.whole
    }
}

/// Two plans that look the same: equal layers, and no effect in them that changes with time.
pub(crate) fn same_picture(a: &FramePlan, b: &FramePlan) -> bool {
    a.size == b.size && a.layers == b.layers && (a.frame == b.frame || !a.layers.iter().any(moves))
}

fn moves(layer: &Layer) -> bool {
    let moving = |picture: &PlannedPicture| {
        picture.effects.iter().any(|planned| effect(&planned.kind).is_some_and(|effect| effect.moves))
    };
    match layer {
        Layer::Picture(picture) => moving(picture),
        Layer::Mix { from, to, .. } => from.iter().chain(to).any(moving),
    }
}

impl Scene {
    pub(crate) fn new(
        plan: &FramePlan,
        sources: &mut Sources,
        store: &mut dyn PictureStore,
    ) -> Result<Self, PortError> {
        let (width, height) = (plan.size.width, plan.size.height);
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
            return Err(Refusal::new(
                "frame.size",
                format!("A picture of {width} × {height} pixels cannot be made."),
                format!("Choose a size from 1 × 1 to {MAX_SIDE} × {MAX_SIDE}."),
            )
            .into());
        }
        let mut maker = Maker { plan, size: (width as usize, height as usize), sources, store, whole: true };
        let layers = plan.layers.iter().filter_map(|layer| maker.layer(layer)).collect();
        Ok(Self { width: maker.size.0, height: maker.size.1, layers, whole: maker.whole })
    }
}

struct Maker<'a> {
    plan: &'a FramePlan,
    size: (usize, usize),
    sources: &'a mut Sources,
    store: &'a mut dyn PictureStore,
    whole: bool,
}

impl Maker<'_> {
    fn layer(&mut self, layer: &Layer) -> Option<SceneLayer> {
        match layer {
            Layer::Picture(picture) => Some(SceneLayer::Single(Box::new(self.placed(picture)?))),
            Layer::Mix { kind, progress_permille, parameters, from, to } => {
                let (width, height) = (self.plan.size.width, self.plan.size.height);
                let transition = transition(kind).or_else(|| transition("dissolve"))?;
                let mut pass = self.pass(Pass::full_frame(width, height));
                pass.amount = permille(*progress_permille).min(1.0);
                pass.values = transition.declaration.values(|name| value(parameters, name));
                (transition.prepare)(&mut pass);
                let [from, to] =
                    [from, to].map(|picture| picture.as_ref().and_then(|picture| self.placed(picture)).map(Box::new));
                let mode = to.as_ref().or(from.as_ref()).map(|placed| placed.mode)?;
                Some(SceneLayer::Mix { transition, pass: Box::new(pass), from, to, mode })
            }
        }
    }

    fn placed(&mut self, planned: &PlannedPicture) -> Option<Placed> {
        let placement = &planned.placement;
        let scale = permille(placement.scale_permille.min(100_000));
        if placement.opacity_permille == 0 || scale <= 0.0 {
            return None;
        }
        let (width, height) = (self.size.0 as f32, self.size.1 as f32);
        let set_for = match planned.source {
            // Letters are set at the size at which they are seen, within reason.
            PictureSource::Title(_)
            | PictureSource::Karaoke { .. }
            | PictureSource::Slate { .. }
            | PictureSource::Sign { .. } => {
                let scale = scale.min(2.0);
                (rounded(width * scale), rounded(height * scale))
            }
            _ => self.size,
        };
        let source = match self.sources.find(&planned.source, set_for, self.store) {
            Found::Source(source) => source,
            Found::StandIn(source) => {
                self.whole = false;
                source
            }
            Found::Nothing => return None,
        };
        let geometry = Geometry::new(&source, placement, self.size, scale)?;
        let place = geometry.place(placement, self.pass(Pass { size: [width, height], ..Pass::default() }));
        let effects = planned
            .effects
            .iter()
            .filter_map(|planned| {
                let effect = effect(&planned.kind)?;
                let plate = match (effect.needs, planned.plate) {
                    // Without its plate nothing could be told from the figure: the layer stays as it is.
                    (Needs::Around { plate: true, .. }, None) => return None,
                    (Needs::Around { plate: true, .. }, Some(blob)) => Some(self.plate(blob)?),
                    _ => None,
                };
                let mut pass = self.pass(Pass { size: [width, height], map: geometry.unit_map(), ..Pass::default() });
                pass.values = effect.declaration.values(|name| value(&planned.parameters, name));
                pass.whole = [geometry.seen.0.round() as i32, geometry.seen.1.round() as i32, 0, 0, 0, 0, 0, 0];
                (effect.prepare)(&mut pass);
                Some(PlacedEffect { effect, pass, plate })
            })
            .collect();
        let mode = match placement.blend {
            Blend::Normal => Mode::Normal,
            Blend::Multiply => Mode::Multiply,
            Blend::Screen => Mode::Screen,
            Blend::Add => Mode::Add,
        };
        Some(Placed { size: geometry.target, source, place, effects, mode })
    }

    fn plate(&mut self, blob: BlobHash) -> Option<Source> {
        match self.sources.find(&PictureSource::Movie { blob, frame: 0 }, self.size, self.store) {
            Found::Source(source) => Some(source),
            Found::StandIn(_) | Found::Nothing => {
                self.whole = false;
                None
            }
        }
    }

    fn pass(&self, pass: Pass) -> Pass {
        // Frames before the film's start do not exist; a wrapped number would still be a legal seed.
        Pass { frame: self.plan.frame as u32, ..pass }
    }
}

fn permille(value: u32) -> f32 {
    value as f32 / 1000.0
}

fn value(parameters: &BTreeMap<String, f32>, name: &str) -> Option<f32> {
    parameters.get(name).copied()
}

/// A side of at least one pixel; a hundred times the largest frame at most.
fn rounded(side: f32) -> usize {
    side.round().clamp(1.0, MAX_SIDE as f32 * 100.0) as usize
}

/// Where a source lies on the frame.
struct Geometry {
    /// The whole of it, scaled, in its own pixels.
    space: (f32, f32),
    /// What of the picture is made.
    target: Target,
    /// Where that begins in the space.
    left: f32,
    top: f32,
    /// Frame pixels per pixel of that space; not 1 only when it would have become too large.
    rest: f32,
    /// Size on the frame.
    seen: (f32, f32),
    centre: (f32, f32),
    sine: f32,
    cosine: f32,
    still: bool,
}

impl Geometry {
    /// None when nothing of it is on the frame.
    fn new(source: &Source, placement: &Placement, (width, height): (usize, usize), scale: f32) -> Option<Self> {
        let frame = (width as f32, height as f32);
        let own = (source.space.0 as f32, source.space.1 as f32);
        let (fit_x, fit_y) = (frame.0 * scale / own.0, frame.1 * scale / own.1);
        let factor = match placement.fit {
            Fit::Contain => fit_x.min(fit_y),
            Fit::Cover => fit_x.max(fit_y),
        };
        let seen = (own.0 * factor, own.1 * factor);
        let turned = placement.rotation_millidegrees != 0;
        let (sine, cosine) =
            if turned { (placement.rotation_millidegrees as f32 / 1000.0).to_radians().sin_cos() } else { (0.0, 1.0) };
        let centre = (
            frame.0 * (0.5 + placement.x_permille as f32 / 1000.0),
            frame.1 * (0.5 + placement.y_permille as f32 / 1000.0),
        );
        let still = placement.x_permille == 0 && placement.y_permille == 0;
        let mut geometry = Self {
            space: own,
            target: Target::all((source.picture.width(), source.picture.height())),
            left: source.left as f32,
            top: source.top as f32,
            rest: factor,
            seen,
            centre,
            sine,
            cosine,
            still,
        };
        if source.final_size {
            if (factor - 1.0).abs() < 1e-4 {
                geometry.rest = 1.0;
            }
            return Some(geometry);
        }
        // A turned picture is made whole: twice the frame is as fine as can be seen, placing enlarges the rest.
        let limit = if turned { (2.0 * frame.0.max(frame.1)).min(MAX_SIDE as f32) / seen.0.max(seen.1) } else { 1.0 };
        let limit = limit.min(1.0);
        let whole = (rounded(seen.0 * limit), rounded(seen.1 * limit));
        geometry.space = (whole.0 as f32, whole.1 as f32);
        geometry.rest = 1.0 / limit;
        geometry.target = Target::all(whole);
        if !turned {
            geometry.see_window(frame)?;
        }
        Some(geometry)
    }

    /// Much of a picture that covers a frame of another shape, or is zoomed, is never seen, and need not be made.
    fn see_window(&mut self, frame: (f32, f32)) -> Option<()> {
        let (whole_x, whole_y) = self.target.whole;
        let window = |centre: f32, frame: f32, whole: usize| {
            let start = whole as f32 / 2.0 - centre;
            // Two pixels more on each side, which a shift by a fraction reaches for.
            let part = |at: f32| at.clamp(0.0, whole as f32) as usize;
            let (from, to) = (part((start - 2.0).floor()), part((start + frame + 2.0).ceil()));
            (from < to).then_some(from..to)
        };
        let (columns, rows) = (window(self.centre.0, frame.0, whole_x)?, window(self.centre.1, frame.1, whole_y)?);
        // A picture that moves within the frame is made once when that is not much more work.
        if columns.len() * rows.len() * 5 < whole_x * whole_y * 3 {
            self.left += columns.start as f32;
            self.top += rows.start as f32;
            self.target.window = (columns, rows);
        }
        Some(())
    }

    /// Frame pixel → pixel of the space.
    fn map(&self) -> [f32; 8] {
        let (xx, xy) = (self.cosine / self.rest, self.sine / self.rest);
        let (yx, yy) = (-self.sine / self.rest, self.cosine / self.rest);
        let (cx, cy) = self.centre;
        let x0 = self.space.0 / 2.0 - xx * cx - xy * cy;
        let y0 = self.space.1 / 2.0 - yx * cx - yy * cy;
        [xx, xy, x0, 0.0, yx, yy, y0, 0.0]
    }

    fn unit_map(&self) -> [f32; 8] {
        let (width, height) = self.space;
        let [xx, xy, x0, _, yx, yy, y0, _] = self.map();
        [xx / width, xy / width, x0 / width, 0.0, yx / height, yy / height, y0 / height, 0.0]
    }

    fn place(&self, placement: &Placement, mut pass: Pass) -> Pass {
        let [crop_left, crop_top, crop_right, crop_bottom] =
            placement.crop_permille.map(|part| permille(part).min(1.0));
        let (width, height) = self.space;
        let made = self.target.made();
        pass.map = self.map();
        pass.map[2] -= self.left;
        pass.map[6] -= self.top;
        let x0 = (crop_left * width - self.left).max(0.0);
        let y0 = (crop_top * height - self.top).max(0.0);
        let x1 = ((1.0 - crop_right) * width - self.left).min(made.0 as f32);
        let y1 = ((1.0 - crop_bottom) * height - self.top).min(made.1 as f32);
        pass.values = [0.0; kinora_shaders::declare::PARAMETERS];
        for (value, given) in pass.values.iter_mut().zip([x0, y0, x1, y1, self.rest, self.rest]) {
            *value = given;
        }
        pass.amount = permille(placement.opacity_permille).min(1.0);
        let (shift_x, shift_y) = (-pass.map[2], -pass.map[6]);
        let near = |shift: f32| (shift - shift.round()).abs() < 1.0 / 64.0;
        if self.rest == 1.0
            && self.sine == 0.0
            && self.cosine == 1.0
            && (self.still || (near(shift_x) && near(shift_y)))
        {
            let shift = |shift: f32| shift.round().clamp(-1e6, 1e6) as i32;
            pass.whole = [1, shift(shift_x), shift(shift_y), 0, 0, 0, 0, 0];
        }
        pass
    }
}
