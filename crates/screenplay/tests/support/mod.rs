//! What the tests and the hunt share: scripts made of marks, files damaged by chance, and the promise of the round trip.
//!
//! Everything is drawn from a seed, so that what is found once is found again. Nothing here knows how the parser works.

#![allow(dead_code, reason = "each test uses its part")]

pub mod chance;
pub mod corpus;
pub mod damage;
pub mod listed;
pub mod marks;
pub mod round_trip;
