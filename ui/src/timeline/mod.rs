//! The timeline: a plain model of what is visible where, the drawing of it, and the hands that change it.

pub mod draw;
pub mod hands;
pub mod model;
