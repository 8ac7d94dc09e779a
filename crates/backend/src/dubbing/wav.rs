//! A recorded voice as a file: WAV with the samples as they came, in float, so that nothing is rounded or coded.

use kinora_ports::Sound;

/// IEEE float.
const FLOAT: u16 = 3;
const SAMPLE_BYTES: u32 = 4;
/// Everything before the samples but the first eight bytes.
const HEAD_BYTES: u32 = 48;

/// At the film's rate. A recording of minutes is far below the four gigabytes that such a file can name.
pub fn wav(samples: &[f32], channels: u16) -> Vec<u8> {
    let bytes = u32::try_from(samples.len()).unwrap_or(u32::MAX).saturating_mul(SAMPLE_BYTES);
    let frame = u32::from(channels) * SAMPLE_BYTES;
    let mut file = Vec::with_capacity((HEAD_BYTES + 8 + bytes) as usize);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&HEAD_BYTES.saturating_add(bytes).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0");
    file.extend_from_slice(&FLOAT.to_le_bytes());
    file.extend_from_slice(&channels.to_le_bytes());
    file.extend_from_slice(&Sound::FILM_RATE.to_le_bytes());
    file.extend_from_slice(&(Sound::FILM_RATE * frame).to_le_bytes());
    file.extend_from_slice(&(frame as u16).to_le_bytes());
    file.extend_from_slice(&((SAMPLE_BYTES * 8) as u16).to_le_bytes());
    file.extend_from_slice(b"fact\x04\0\0\0");
    file.extend_from_slice(&(bytes / frame.max(1)).to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&bytes.to_le_bytes());
    samples.iter().for_each(|sample| file.extend_from_slice(&sample.to_le_bytes()));
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_says_of_itself_how_long_it_is() {
        let file = wav(&[0.25, -0.25, 1.5, 0.0], 2);
        let number = |at: usize| u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]);
        assert_eq!(number(4) as usize + 8, file.len());
        assert_eq!((&file[36..40], number(44)), (b"fact".as_slice(), 2));
        assert_eq!((&file[48..52], number(52)), (b"data".as_slice(), 16));
        assert_eq!(&file[56..60], 0.25f32.to_le_bytes());
    }
}
