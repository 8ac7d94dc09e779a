//! A file read as if some bytes stood in the middle of it, so that nothing has to be copied first.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// `file` with `extra` before its byte number `at`.
#[derive(Debug)]
pub struct Spliced {
    file: File,
    length: u64,
    at: u64,
    extra: Vec<u8>,
    position: u64,
}

impl Spliced {
    pub fn new(mut file: File, at: u64, extra: Vec<u8>) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        let at = at.min(length);
        Ok(Self { file, length, at, extra, position: 0 })
    }

    fn end(&self) -> u64 {
        self.length + self.extra.len() as u64
    }
}

impl Read for Spliced {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let extra = self.extra.len() as u64;
        let count = if self.position >= self.at && self.position < self.at + extra {
            let rest = self.extra.get((self.position - self.at) as usize..).unwrap_or_default();
            let count = rest.len().min(into.len());
            if let (Some(into), Some(from)) = (into.get_mut(..count), rest.get(..count)) {
                into.copy_from_slice(from);
            }
            count
        } else {
            let (from, most) = if self.position < self.at {
                (self.position, self.at - self.position)
            } else {
                (self.position - extra, u64::MAX)
            };
            self.file.seek(SeekFrom::Start(from))?;
            self.file.by_ref().take(most).read(into)?
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Spliced {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let wanted = match to {
            SeekFrom::Start(from) => Some(from),
            SeekFrom::End(by) => self.end().checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = wanted.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extra_bytes_are_read_where_they_were_put() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        std::fs::write(&path, b"abcdef").expect("it can be written");
        for at in 0..=7 {
            let file = File::open(&path).expect("it opens");
            let mut spliced = Spliced::new(file, at, b"123".to_vec()).expect("it is spliced");
            let mut wanted = b"abcdef".to_vec();
            let at = at.min(6) as usize;
            wanted.splice(at..at, *b"123");
            for from in 0..=9u64 {
                let mut read = Vec::new();
                spliced.seek(SeekFrom::Start(from)).expect("it seeks");
                spliced.read_to_end(&mut read).expect("it reads");
                assert_eq!(read, wanted[from as usize..], "extra at {at}, read from {from}");
            }
        }
    }
}
