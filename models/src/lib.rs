//! Tensor code of the model families, and what belongs to a generated clip: its sound curves, the synthesiser that
//! plays them, and the particles drawn from them. Functions take bytes and callbacks and give back values.
//!
//! **Never here:** files, network, clocks, progress bars, or knowledge of the document. The callers own all of those.
//! A family is one folder with the same file names in each: `mod`, `config`, `transformer`, `vae`, `text`, `scheduler`.

pub mod checkpoint;
pub mod conditioning;
pub mod curves;
pub mod draft;
pub mod gguf;
pub mod kernels;
pub mod kokoro;
pub mod linear;
pub mod ltx;
pub mod noise;
pub mod onnx;
pub mod open_nsfw;
pub mod parity;
pub mod particles;
pub mod preview;
pub mod probe;
pub mod sound;
pub mod stream;
pub mod weights;
