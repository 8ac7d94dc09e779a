//! The form of a sealed file: pieces in XChaCha20-Poly1305, each bound to its cameo, its name, its place and whether it is the last.
//!
//! `KNSEAL1\n`, 19 random bytes, then pieces of four bytes of length and what is sealed; the nonce of a piece is those bytes, its number
//! and a flag for the last, which is empty. So a piece changed, moved, left out, added or taken from another file is refused, and so is a
//! file without its end. It must never give a byte that was not authenticated.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use kinora_document::CameoId;

pub const MAGIC: &[u8; 8] = b"KNSEAL1\n";
pub const PREFIX: usize = 19;
const TAG: usize = 16;
/// Half a second of video is far below; a file may not make us reserve more.
pub const PIECE_BYTES: usize = 16 << 20;
pub const KEY_BYTES: usize = 32;

/// Why a sealed file is not opened; never a byte of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    NotSealed,
    Changed { piece: u32 },
    NoEnd,
    BeyondEnd,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotSealed => f.write_str("it does not begin as a sealed file does"),
            Self::Changed { piece } => write!(f, "piece {piece} is not as it was sealed"),
            Self::NoEnd => f.write_str("its end is missing"),
            Self::BeyondEnd => f.write_str("something was put behind its end"),
        }
    }
}

pub struct Sealer {
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX],
    bound_to: Vec<u8>,
    number: u32,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    pub fn new(key: &[u8; KEY_BYTES], cameo: CameoId, name: &str, prefix: [u8; PREFIX]) -> Self {
        let cipher = XChaCha20Poly1305::new(&Key::from(*key));
        let bound_to = [MAGIC.as_slice(), &cameo.0.to_be_bytes(), name.as_bytes()].concat();
        Self { cipher, prefix, bound_to, number: 0 }
    }

    pub fn header(&self) -> Vec<u8> {
        [MAGIC.as_slice(), &self.prefix].concat()
    }

    fn nonce(&self, last: bool) -> XNonce {
        let mut nonce = [0; 24];
        let (start, end) = nonce.split_at_mut(PREFIX);
        start.copy_from_slice(&self.prefix);
        let [a, b, c, d] = self.number.to_be_bytes();
        end.copy_from_slice(&[a, b, c, d, u8::from(last)]);
        XNonce::from(nonce)
    }

    /// None when there are too many pieces or the piece is too large.
    pub fn seal(&mut self, plain: &[u8], last: bool) -> Option<Vec<u8>> {
        if plain.len() > PIECE_BYTES {
            return None;
        }
        let payload = Payload { msg: plain, aad: &self.bound_to };
        let sealed = self.cipher.encrypt(&self.nonce(last), payload).ok()?;
        self.number = self.number.checked_add(1)?;
        let length = u32::try_from(sealed.len()).ok()?;
        Some([length.to_le_bytes().as_slice(), &sealed].concat())
    }

    fn open(&mut self, sealed: &[u8], last: bool) -> Option<Vec<u8>> {
        let payload = Payload { msg: sealed, aad: &self.bound_to };
        let plain = self.cipher.decrypt(&self.nonce(last), payload).ok()?;
        self.number = self.number.checked_add(1)?;
        Some(plain)
    }
}

/// One value sealed by itself: nonce, then what is sealed.
pub fn wrap(key: &[u8; KEY_BYTES], bound_to: &[u8], nonce: [u8; 24], plain: &[u8]) -> Option<Vec<u8>> {
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: bound_to }).ok()?;
    Some([nonce.as_slice(), &sealed].concat())
}

pub fn unwrap(key: &[u8; KEY_BYTES], bound_to: &[u8], wrapped: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = wrapped.split_first_chunk::<24>()?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: bound_to }).ok()
}

/// What was sealed. With `torn`, whole pieces up to where the file breaks off.
pub fn open(file: &[u8], key: &[u8; KEY_BYTES], cameo: CameoId, name: &str, torn: bool) -> Result<Vec<u8>, Broken> {
    let (magic, rest) = file.split_first_chunk::<8>().ok_or(Broken::NotSealed)?;
    let (prefix, mut rest) = rest.split_first_chunk::<PREFIX>().ok_or(Broken::NotSealed)?;
    if magic != MAGIC {
        return Err(Broken::NotSealed);
    }
    let mut sealer = Sealer::new(key, cameo, name, *prefix);
    let mut plain = Vec::with_capacity(file.len());
    while !rest.is_empty() {
        let piece = sealer.number + 1;
        let Some((sealed, after)) = cut_off(rest) else {
            return if torn { Ok(plain) } else { Err(Broken::NoEnd) };
        };
        rest = after;
        if let Some(opened) = sealer.open(sealed, false) {
            plain.extend_from_slice(&opened);
        } else if sealed.len() == TAG && sealer.open(sealed, true).is_some() {
            return if rest.is_empty() { Ok(plain) } else { Err(Broken::BeyondEnd) };
        } else if torn && rest.is_empty() {
            // The last piece of a file that was being written: what of it reached the disk is not known.
            return Ok(plain);
        } else {
            return Err(Broken::Changed { piece });
        }
    }
    if torn { Ok(plain) } else { Err(Broken::NoEnd) }
}

fn cut_off(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > PIECE_BYTES + TAG {
        return None;
    }
    rest.split_at_checked(length)
}
