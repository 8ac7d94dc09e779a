//! What a decoder reads from: a file, or bytes that must never lie on a disk.
//!
//! Both can be sought in, so whoever decodes need not know which it is.

use crate::gst as media;
use crate::isobmff::BoxedMovie;
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use kinora_ports::PortError;
use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Handed to the demuxer at once.
const PORTION: usize = 1 << 18;

#[derive(Clone)]
pub enum Material {
    File(PathBuf),
    Memory(Arc<[u8]>),
}

impl std::fmt::Debug for Material {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Memory(bytes) => write!(f, "Memory({} bytes)", bytes.len()),
        }
    }
}

/// A stretch of shared bytes that a buffer reads in place.
struct Part(Arc<[u8]>, usize, usize);

impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        self.0.get(self.1..self.2).unwrap_or_default()
    }
}

impl Material {
    /// For sentences.
    pub fn name(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Memory(_) => Path::new("the recording"),
        }
    }

    /// Its tables, when it is an MP4 that we understand.
    pub fn boxed(&self) -> Option<BoxedMovie> {
        match self {
            Self::File(path) => BoxedMovie::read(&mut File::open(path).ok()?).ok().flatten(),
            Self::Memory(bytes) => BoxedMovie::read(&mut Cursor::new(bytes)).ok().flatten(),
        }
    }

    /// The element that a demuxer reads from.
    pub fn element(&self) -> Result<gst::Element, PortError> {
        match self {
            Self::File(path) => {
                let file = media::make("filesrc")?;
                file.set_property("location", path);
                Ok(file)
            }
            Self::Memory(bytes) => {
                let source = media::make("appsrc")?;
                let source = source.downcast::<gst_app::AppSrc>().map_err(|_| media::missing("appsrc"))?;
                source.set_stream_type(gst_app::AppStreamType::RandomAccess);
                source.set_format(gst::Format::Bytes);
                source.set_size(bytes.len() as i64);
                let place = Arc::new(AtomicUsize::new(0));
                let (sought, whole) = (Arc::clone(&place), Arc::clone(bytes));
                let callbacks = gst_app::AppSrcCallbacks::builder()
                    .need_data(move |source, wanted| {
                        let from = place.load(Ordering::Acquire);
                        // A demuxer that pulls gets exactly what it asked for.
                        let portion = if wanted == u32::MAX { PORTION } else { wanted as usize };
                        let until = from.saturating_add(portion).min(whole.len());
                        if from >= until {
                            _ = source.end_of_stream();
                            return;
                        }
                        let mut buffer = gst::Buffer::from_slice(Part(Arc::clone(&whole), from, until));
                        let head = buffer.make_mut();
                        head.set_offset(from as u64);
                        head.set_offset_end(until as u64);
                        place.store(until, Ordering::Release);
                        _ = source.push_buffer(buffer);
                    })
                    .seek_data(move |_, to| {
                        sought.store(usize::try_from(to).unwrap_or(usize::MAX), Ordering::Release);
                        true
                    })
                    .build();
                source.set_callbacks(callbacks);
                Ok(source.upcast())
            }
        }
    }
}
