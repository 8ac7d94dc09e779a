//! The film file under construction: coded pictures and packets come in from two encoders and lie down in playing order.
//!
//! Sound is coded as soon as it arrives but laid down only beside the pictures it belongs to, so the file plays from a slow disk and
//! the waiting part is small (it is compressed). Errors of the disk are kept for the thread that feeds; nothing here may block it.

use crate::isobmff::MovieWriter;
use crate::isobmff::tables::Sample;
use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A coded picture with the time its encoder gave it, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct CodedPicture {
    pub offset: u64,
    pub size: u32,
    pub time: u64,
    pub sync: bool,
}

#[derive(Debug)]
pub struct Film {
    writer: Option<MovieWriter>,
    pub pictures: Vec<CodedPicture>,
    pub sound: Vec<Sample>,
    waiting: VecDeque<Vec<u8>>,
    /// How many packets may lie down once this many pictures have.
    packets_for: fn(u64, &Pace) -> u64,
    pace: Pace,
    pub avc_config: Option<Vec<u8>>,
    /// The configuration was mended: sets inside the pictures would override it.
    pub strip_parameter_sets: bool,
    pub aac_config: Option<Vec<u8>>,
    pub error: Option<io::Error>,
}

/// Frame rate and packet rate, to know which packet belongs to which picture.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub frames: u32,
    pub seconds: u32,
    pub packet_frames: u32,
    pub sample_rate: u32,
}

/// Pictures and sound alternate in portions of about half a second.
fn packets_for(pictures: u64, pace: &Pace) -> u64 {
    let portion = (u64::from(pace.frames / pace.seconds.max(1)) / 2).max(1);
    if !pictures.is_multiple_of(portion) {
        return 0;
    }
    let samples =
        u128::from(pictures) * u128::from(pace.seconds) * u128::from(pace.sample_rate) / u128::from(pace.frames.max(1));
    (samples / u128::from(pace.packet_frames.max(1))) as u64 + 2
}

impl Film {
    pub fn new(writer: MovieWriter, pace: Pace) -> Self {
        Self {
            writer: Some(writer),
            pictures: Vec::new(),
            sound: Vec::new(),
            waiting: VecDeque::new(),
            packets_for,
            pace,
            avc_config: None,
            strip_parameter_sets: false,
            aac_config: None,
            error: None,
        }
    }
    /// Places the data and returns where; the first error stays.
    fn append(&mut self, bytes: &[u8]) -> Option<u64> {
        match self.writer.as_mut()?.append(bytes) {
            Ok(offset) => Some(offset),
            Err(error) => {
                self.error.get_or_insert(error);
                self.writer = None;
                None
            }
        }
    }
    pub fn picture(&mut self, bytes: &[u8], time: u64, sync: bool) {
        if let Some(offset) = self.append(bytes) {
            self.pictures.push(CodedPicture { offset, size: bytes.len() as u32, time, sync });
            let due = (self.packets_for)(self.pictures.len() as u64, &self.pace);
            while (self.sound.len() as u64) < due && self.lay_down_packet() {}
        }
    }
    pub fn packet(&mut self, bytes: Vec<u8>) {
        if self.writer.is_some() {
            self.waiting.push_back(bytes);
        }
    }
    fn lay_down_packet(&mut self) -> bool {
        let Some(bytes) = self.waiting.pop_front() else { return false };
        if let Some(offset) = self.append(&bytes) {
            self.sound.push(Sample { offset, size: bytes.len() as u32, composition: 0, sync: true });
        }
        true
    }
    /// Lays down what waits, up to `packets` in all, and gives the writer out for the header.
    pub fn close(&mut self, packets: usize) -> Option<MovieWriter> {
        while self.sound.len() < packets && self.lay_down_packet() {}
        self.waiting.clear();
        self.sound.truncate(packets);
        self.writer.take()
    }
    /// Changes while there is life.
    pub fn progress(&self) -> u64 {
        (self.pictures.len() + self.sound.len() + self.waiting.len()) as u64
    }
}

/// A panic of another thread is not ours to repeat.
pub fn lock(film: &Mutex<Film>) -> MutexGuard<'_, Film> {
    film.lock().unwrap_or_else(PoisonError::into_inner)
}
