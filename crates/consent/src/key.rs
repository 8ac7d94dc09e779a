//! The key of a device: what consents and ledgers of this machine are signed with.
//!
//! Made from a secret that somebody else keeps; this crate never stores or makes one. It must never be written, printed or compared.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use kinora_document::{BlobHash, PersonKey};

pub struct DeviceKey(SigningKey);

impl DeviceKey {
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// What others know this device by.
    pub fn public(&self) -> PersonKey {
        PersonKey(BlobHash(self.0.verifying_key().to_bytes()))
    }

    pub(crate) fn sign(&self, parts: &[&[u8]]) -> Mark {
        Mark(self.0.sign(&parts.concat()).to_bytes())
    }
}

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceKey(…)")
    }
}

/// A signature, written as 128 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark([u8; 64]);

impl Mark {
    pub(crate) fn holds(&self, by: PersonKey, parts: &[&[u8]]) -> bool {
        VerifyingKey::from_bytes(&by.0.0)
            .is_ok_and(|key| key.verify_strict(&parts.concat(), &Signature::from_bytes(&self.0)).is_ok())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mark({self})")
    }
}

impl std::str::FromStr for Mark {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a signature is 128 lower-case hexadecimal digits";
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(wrong),
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 64 || !rest.is_empty() {
            return Err(wrong);
        }
        let mut bytes = [0; 64];
        for (out, [high, low]) in bytes.iter_mut().zip(pairs) {
            *out = (digit(*high)? << 4) | digit(*low)?;
        }
        Ok(Self(bytes))
    }
}

impl serde::Serialize for Mark {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Mark {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
