//! Where coded pictures and packets meet: collected for half a second, laid into a piece, handed to the keep by a thread of its own.
//!
//! A picture is in a piece once it is known how long it was seen, that is when the next one came. After the first error of the keep
//! nothing more is handed over: the pieces before it are whole, and stay so.

use crate::encode::aac;
use crate::isobmff::pieces::{self, Coded, Reel, ReelAudio, ReelVideo};
use kinora_document::FrameSize;
use kinora_ports::recording::RecordingSettings;
use kinora_ports::{Fault, Keep, PortError};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// A piece is laid down when this much is there. A kill loses it, a header costs a hundredth of it.
const PIECE_SAMPLES: u64 = 19_200;
/// Pieces that may wait for a slow disk: eight seconds of it.
const WAITING: usize = 20;

struct Shared {
    kept: AtomicU64,
    error: Mutex<Option<io::Error>>,
}

/// A piece and up to where everything is kept with it.
type Order = (Vec<u8>, u64);

pub struct Reels {
    inner: Mutex<Inner>,
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Reels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reels").field("kept", &self.kept()).finish_non_exhaustive()
    }
}

struct Inner {
    wanted: RecordingSettings,
    reel: Reel,
    sender: Option<SyncSender<Order>>,
    header: bool,
    number: u32,
    /// Pictures with the sample at which each is seen.
    pictures: Vec<(u64, Coded)>,
    packets: Vec<Coded>,
    /// Samples that earlier pieces hold, of pictures and of packets.
    laid: (u64, u64),
    progress: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Reels {
    pub fn start(settings: &RecordingSettings, keep: Box<dyn Keep>) -> Result<Self, PortError> {
        let shared = Arc::new(Shared { kept: AtomicU64::new(0), error: Mutex::new(None) });
        let (sender, orders) = sync_channel(WAITING);
        let theirs = Arc::clone(&shared);
        let writer = std::thread::Builder::new().name("recording".into()).spawn(move || write(keep, &orders, &theirs));
        let writer = writer.map_err(|error| {
            Fault::new(
                "The recording could not begin, because the system gave no thread for it.",
                "Close some programs and try again.",
                error,
            )
        })?;
        let inner = Inner {
            wanted: *settings,
            reel: Reel::default(),
            sender: Some(sender),
            header: false,
            number: 0,
            pictures: Vec::new(),
            packets: Vec::new(),
            laid: (0, 0),
            progress: 0,
        };
        Ok(Self { inner: Mutex::new(inner), shared, writer: Mutex::new(Some(writer)) })
    }

    /// In samples; what is in the keep.
    pub fn kept(&self) -> u64 {
        self.shared.kept.load(Ordering::Acquire)
    }
    pub fn trouble(&self) -> Option<io::Error> {
        // The kind is what a sentence is made from; an error cannot be copied whole.
        lock(&self.shared.error).as_ref().map(|error| io::Error::new(error.kind(), error.to_string()))
    }
    pub fn progress(&self) -> u64 {
        lock(&self.inner).progress
    }
    pub fn knows_pictures(&self) -> bool {
        lock(&self.inner).reel.video.is_some()
    }
    pub fn pictures_are(&self, size: FrameSize, config: Vec<u8>) {
        let video = ReelVideo { width: size.width as u16, height: size.height as u16, config };
        lock(&self.inner).reel.video = Some(video);
    }
    pub fn knows_sound(&self) -> bool {
        lock(&self.inner).reel.audio.is_some()
    }
    pub fn sound_is(&self, audio: ReelAudio) {
        lock(&self.inner).reel.audio = Some(audio);
    }
    pub fn picture(&self, bytes: Vec<u8>, at: u64, key: bool) {
        let mut inner = lock(&self.inner);
        inner.progress += 1;
        inner.pictures.push((at, Coded { bytes, length: 0, key }));
        inner.lay_down_when_due();
    }
    pub fn packet(&self, bytes: Vec<u8>) {
        let mut inner = lock(&self.inner);
        inner.progress += 1;
        inner.packets.push(Coded { bytes, length: aac::PACKET, key: true });
        inner.lay_down_when_due();
    }

    /// Lays down what is left, the last picture until `end`, and waits for the keep.
    pub fn close(&self, end: u64) {
        {
            let mut inner = lock(&self.inner);
            inner.lay_down_all(end);
            inner.sender = None;
        }
        if let Some(writer) = lock(&self.writer).take() {
            _ = writer.join();
        }
    }
}

impl Drop for Reels {
    /// Without a word: what was laid down stays, what was not is lost.
    fn drop(&mut self) {
        lock(&self.inner).sender = None;
        if let Some(writer) = lock(&self.writer).take() {
            _ = writer.join();
        }
    }
}

impl Inner {
    fn lay_down_when_due(&mut self) {
        let (video, audio) = (self.wanted.size.is_some(), self.wanted.sound_channels > 0);
        // Nothing can be written before both coders have said what they write.
        if (video && self.reel.video.is_none()) || (audio && self.reel.audio.is_none()) {
            return;
        }
        let seen = match (self.pictures.first(), self.pictures.last()) {
            (Some((first, _)), Some((last, _))) => last - first,
            _ => 0,
        };
        let heard = self.packets.len() as u64 * u64::from(aac::PACKET);
        if seen.max(heard) >= PIECE_SAMPLES {
            self.lay_down(self.pictures.len().saturating_sub(1), self.packets.len(), None);
        }
    }

    fn lay_down_all(&mut self, end: u64) {
        // Run-in and the silence that drove the last packets out are not part of it.
        let skip = self.reel.audio.as_ref().map_or(0, |audio| u64::from(audio.skip));
        let wanted = (end + skip).div_ceil(u64::from(aac::PACKET));
        let before = self.laid.1 / u64::from(aac::PACKET);
        let packets = (wanted.saturating_sub(before) as usize).min(self.packets.len());
        self.lay_down(self.pictures.len(), packets, Some(end));
    }

    /// The first so many of each; `end` is where the last picture ends when no next one tells.
    fn lay_down(&mut self, pictures: usize, packets: usize, end: Option<u64>) {
        let ends: Vec<u64> = self.pictures.iter().skip(1).map(|(at, _)| *at).chain(end).collect();
        // The first picture of all is seen from the beginning on.
        let mut from = self.laid.0;
        let mut laid: Vec<Coded> = Vec::with_capacity(pictures);
        for ((_, mut coded), until) in self.pictures.drain(..pictures.min(ends.len())).zip(ends) {
            coded.length = until.saturating_sub(from).clamp(1, u64::from(u32::MAX)) as u32;
            from += u64::from(coded.length);
            laid.push(coded);
        }
        let packets: Vec<Coded> = self.packets.drain(..packets.min(self.packets.len())).collect();
        if !self.header {
            self.header = true;
            if self.reel.video.is_none() && self.reel.audio.is_none() {
                return;
            }
            let header = self.reel.to_bytes();
            self.send(header, 0);
        }
        if laid.is_empty() && packets.is_empty() {
            return;
        }
        self.number += 1;
        let piece = pieces::piece(self.number, self.laid, &laid, &packets);
        self.laid = (from, self.laid.1 + packets.len() as u64 * u64::from(aac::PACKET));
        let skip = self.reel.audio.as_ref().map_or(0, |audio| u64::from(audio.skip));
        let heard = if self.reel.audio.is_some() { self.laid.1.saturating_sub(skip) } else { u64::MAX };
        let seen = if self.reel.video.is_some() { self.laid.0 } else { u64::MAX };
        self.send(piece, heard.min(seen));
    }

    fn send(&mut self, piece: Vec<u8>, kept: u64) {
        if self.sender.as_ref().is_some_and(|sender| sender.send((piece, kept)).is_err()) {
            self.sender = None;
        }
    }
}

fn write(mut keep: Box<dyn Keep>, orders: &Receiver<Order>, shared: &Shared) {
    while let Ok((piece, kept)) = orders.recv() {
        let done = keep.append(&piece).and_then(|()| keep.sync());
        if let Err(error) = done {
            lock(&shared.error).get_or_insert(error);
            return;
        }
        shared.kept.fetch_max(kept, Ordering::AcqRel);
    }
}
