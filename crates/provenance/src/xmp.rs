//! The digital source type once more, unsigned, where programs that know nothing of signed histories look for it: as XMP.
//!
//! An MP4 takes it as a box at its end, a PNG as a text before its pictures. It is covered by the signature that comes after it.

use crate::kind::Kind;
use crate::{PROGRAM, VERSION};
use kinora_ports::provenance::SourceType;

/// The name of the XMP box, as its standard gives it.
const UUID: [u8; 16] = [0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac];
/// A PNG's signature and its header chunk: what must come first.
const PNG_HEAD: u64 = 8 + 4 + 4 + 13 + 4;

fn packet(source: SourceType) -> String {
    let address = source.address();
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" \
         xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\" \
         xmp:CreatorTool=\"{PROGRAM} {VERSION}\" Iptc4xmpExt:DigitalSourceType=\"{address}\"/>\
         </rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>"
    )
}

/// The bytes to put into such a file, and before which of its bytes.
pub fn addition(kind: Kind, source: SourceType) -> Option<(u64, Vec<u8>)> {
    let text = packet(source);
    match kind {
        Kind::Mp4 | Kind::QuickTime => Some((u64::MAX, uuid_box(text.as_bytes()))),
        Kind::Png => {
            let mut body = b"XML:com.adobe.xmp\0\0\0\0\0".to_vec();
            body.extend_from_slice(text.as_bytes());
            Some((PNG_HEAD, chunk(*b"iTXt", &body)))
        }
        Kind::Jpeg | Kind::Wav | Kind::WebM => None,
    }
}

fn uuid_box(content: &[u8]) -> Vec<u8> {
    let mut out = ((8 + UUID.len() + content.len()) as u32).to_be_bytes().to_vec();
    out.extend_from_slice(b"uuid");
    out.extend_from_slice(&UUID);
    out.extend_from_slice(content);
    out
}

fn chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = (body.len() as u32).to_be_bytes().to_vec();
    out.extend_from_slice(&name);
    out.extend_from_slice(body);
    let sum = crc(out.get(4..).unwrap_or_default());
    out.extend_from_slice(&sum.to_be_bytes());
    out
}

/// The checksum of PNG's chunks, over name and content.
pub fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_png() {
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn boxes_and_chunks_say_how_long_they_are() {
        let (at, mp4) = addition(Kind::Mp4, SourceType::Generated).expect("an MP4 takes it");
        assert_eq!((at, mp4[..4].to_vec()), (u64::MAX, (mp4.len() as u32).to_be_bytes().to_vec()));
        let (at, png) = addition(Kind::Png, SourceType::Mixed).expect("a PNG takes it");
        assert_eq!((at, png[..4].to_vec()), (33, (png.len() as u32 - 12).to_be_bytes().to_vec()));
        assert!(String::from_utf8_lossy(&png).contains("digitalsourcetype/compositeWithTrainedAlgorithmicMedia"));
    }
}
