//! Clean tokens: the one mechanism behind first frame, last frame, extension, key frames, references and retakes.
//! What is already known enters the network as tokens without noise, with timestep 0 and coordinates of their own; what
//! stands in the clip replaces the tokens there, what does not is appended. **Never here:** how pictures become latents.

use candle_core::{Device, Result, Tensor};

/// Where a clean latent stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// It is latent frame `t` of the clip.
    Frame(usize),
    /// It is outside the clip (a reference), with this time coordinate.
    Outside(f32),
}

/// One known latent picture.
#[derive(Debug, Clone)]
pub struct CleanLatent {
    pub place: Place,
    /// `[channels, h, w]`, normalised.
    pub latent: Tensor,
}

/// All picture tokens of one clip: coordinates, which are clean, and what the clean ones hold.
#[derive(Debug, Clone)]
pub struct TokenPlan {
    /// (t, y, x) of each picture token: the clip's in order, then appended ones.
    pub coords: Vec<[f32; 3]>,
    /// (h, w) of the picture each token belongs to.
    pub grids: Vec<[f32; 2]>,
    /// How many of the tokens are the clip's.
    pub clip: usize,
    /// Clean or not, per token.
    pub clean: Vec<bool>,
    /// Values of clean tokens, `[1, tokens, channels]`, zeros elsewhere; absent when no token is clean.
    pub given: Option<Tensor>,
}

impl TokenPlan {
    /// Tokens of a clip of `times` latent frames of `h × w` positions, with what is known of it.
    /// A later entry for the same frame replaces an earlier one.
    ///
    /// # Errors
    /// When a latent has the wrong shape or stands outside the clip.
    pub fn new(
        (times, h, w): (usize, usize, usize),
        channels: usize,
        known: &[CleanLatent],
        device: &Device,
    ) -> Result<Self> {
        let mut coords = Vec::new();
        let mut grids = Vec::new();
        for t in 0..times {
            add_grid(&mut coords, &mut grids, t as f32, h, w);
        }
        let clip = coords.len();
        let mut values = vec![0.0f32; clip * channels];
        let mut clean = vec![false; clip];
        for item in known {
            let (c, lh, lw) = item.latent.dims3()?;
            let tokens = item.latent.permute((1, 2, 0))?.flatten_all()?.to_vec1::<f32>()?;
            match item.place {
                Place::Frame(t) if t < times && (c, lh, lw) == (channels, h, w) => {
                    values.splice(t * h * w * c..(t + 1) * h * w * c, tokens);
                    clean.splice(t * h * w..(t + 1) * h * w, vec![true; h * w]);
                }
                Place::Outside(t) if c == channels => {
                    add_grid(&mut coords, &mut grids, t, lh, lw);
                    values.extend(tokens);
                    clean.resize(coords.len(), true);
                }
                _ => candle_core::bail!("a clean latent {:?} at {:?} of {times} × {h} × {w}", (c, lh, lw), item.place),
            }
        }
        let given = if clean.contains(&true) {
            Some(Tensor::from_vec(values, (1, coords.len(), channels), device)?)
        } else {
            None
        };
        Ok(Self { coords, grids, clip, clean, given })
    }

    /// `x` `[1, tokens, channels]` with the clean tokens put in their places.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn hold(&self, x: &Tensor) -> Result<Tensor> {
        match &self.given {
            Some(given) => hold(x, given, &self.clean),
            None => Ok(x.clone()),
        }
    }
}

/// `given` where `clean`, `x` elsewhere; both `[1, tokens, channels]`.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn hold(x: &Tensor, given: &Tensor, clean: &[bool]) -> Result<Tensor> {
    let mask: Vec<u8> = clean.iter().map(|c| u8::from(*c)).collect();
    let mask = Tensor::from_vec(mask, (1, clean.len(), 1), x.device())?.broadcast_as(x.shape())?;
    mask.where_cond(given, x)
}

fn add_grid(coords: &mut Vec<[f32; 3]>, grids: &mut Vec<[f32; 2]>, t: f32, h: usize, w: usize) {
    for y in 0..h {
        for x in 0..w {
            coords.push([t, y as f32, x as f32]);
            grids.push([h as f32, w as f32]);
        }
    }
}
