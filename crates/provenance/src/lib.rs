//! What a file says of its own making.
//!
//! For now the mark in its frames, which survives what strips everything else. No connection is made and no file is opened here; it must
//! never be the only evidence of anything.

pub mod watermark;
