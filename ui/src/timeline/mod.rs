//! The timeline: a plain model of what is visible where, the drawing of it, and the hands that change it.

pub mod ambience;
pub mod clip_paint;
pub mod cutting;
pub mod draw;
pub mod edits;
pub mod hands;
pub mod model;
pub mod perform;
pub mod settings;
pub mod tiles;
