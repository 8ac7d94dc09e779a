//! What kind of file it is, told by its first bytes and never by its name.

use std::io::{self, Read, Seek, SeekFrom};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Mp4,
    QuickTime,
    Png,
    Jpeg,
    Wav,
    WebM,
}

impl Kind {
    pub fn of(file: &mut (impl Read + Seek)) -> io::Result<Option<Self>> {
        file.seek(SeekFrom::Start(0))?;
        let mut head = Vec::with_capacity(12);
        file.by_ref().take(12).read_to_end(&mut head)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self::of_head(&head))
    }

    fn of_head(head: &[u8]) -> Option<Self> {
        let at = |from: usize, wanted: &[u8]| head.get(from..from + wanted.len()) == Some(wanted);
        if at(4, b"ftypqt  ") {
            Some(Self::QuickTime)
        } else if at(4, b"ftyp") {
            Some(Self::Mp4)
        } else if at(0, b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if at(0, b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if at(0, b"RIFF") && at(8, b"WAVE") {
            Some(Self::Wav)
        } else if at(0, b"\x1a\x45\xdf\xa3") {
            Some(Self::WebM)
        } else {
            None
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mp4 => "MP4",
            Self::QuickTime => "QuickTime",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Wav => "WAV",
            Self::WebM => "WebM or Matroska",
        }
    }

    /// As the standard's library wants it; None where there is no place for a history.
    pub fn media_type(self) -> Option<&'static str> {
        match self {
            Self::Mp4 => Some("video/mp4"),
            Self::QuickTime => Some("video/quicktime"),
            Self::Png => Some("image/png"),
            Self::Jpeg => Some("image/jpeg"),
            Self::Wav => Some("audio/wav"),
            Self::WebM => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_asked() {
        assert_eq!(Kind::of_head(b"\0\0\0\x20ftypisom"), Some(Kind::Mp4));
        assert_eq!(Kind::of_head(b"RIFF\0\0\0\0WAVE"), Some(Kind::Wav));
        assert_eq!(Kind::of_head(b"RIFF\0\0\0\0AVI "), None);
        assert_eq!(Kind::of_head(b""), None);
    }
}
