//! Zip files written by hand, byte by byte, so that they can lie.
//!
//! No library writes what an attacker would: parents in names, sizes that are not so, the same name twice. Entries are stored, not packed.

pub struct Entry {
    pub name: Vec<u8>,
    pub bytes: Vec<u8>,
    /// Unix mode in the high half: 0o100644 is a file, 0o120777 a symlink.
    pub attributes: u32,
    pub claimed_size: Option<u32>,
    pub crc: Option<u32>,
    pub method: u16,
    pub flags: u16,
}

pub fn entry(name: &str, bytes: &[u8]) -> Entry {
    Entry {
        name: name.as_bytes().to_vec(),
        bytes: bytes.to_vec(),
        attributes: 0o100_644 << 16,
        claimed_size: None,
        crc: None,
        method: 0,
        flags: 1 << 11,
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// `claimed_entries`: what the end record says; None: the truth.
pub fn zip(entries: &[Entry], claimed_entries: Option<u16>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let begin = file.len() as u32;
        let crc = entry.crc.unwrap_or_else(|| crc32(&entry.bytes));
        let mut about = Vec::new();
        for value in [20u16, entry.flags, entry.method, 0, 0x21] {
            about.extend(value.to_le_bytes());
        }
        let size = entry.claimed_size.unwrap_or(entry.bytes.len() as u32);
        let packed = if entry.method == 0 { size } else { entry.bytes.len() as u32 };
        for value in [crc, packed, size] {
            about.extend(value.to_le_bytes());
        }
        about.extend((entry.name.len() as u16).to_le_bytes());
        about.extend(0u16.to_le_bytes());
        file.extend(0x0403_4b50u32.to_le_bytes());
        file.extend(&about);
        file.extend(&entry.name);
        file.extend(&entry.bytes);
        directory.extend(0x0201_4b50u32.to_le_bytes());
        // Made on Unix, so that the attributes are a mode.
        directory.extend(0x0314u16.to_le_bytes());
        directory.extend(&about);
        directory.extend([0; 6]);
        directory.extend(entry.attributes.to_le_bytes());
        directory.extend(begin.to_le_bytes());
        directory.extend(&entry.name);
    }
    let (begin, length) = (file.len() as u32, directory.len() as u32);
    let count = claimed_entries.unwrap_or(entries.len() as u16);
    file.extend(directory);
    file.extend(0x0605_4b50u32.to_le_bytes());
    file.extend([0; 4]);
    file.extend(count.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend(length.to_le_bytes());
    file.extend(begin.to_le_bytes());
    file.extend([0; 2]);
    file
}
