//! The notary keeps the port's contract on each kind of file that it signs, and no single byte of a small one can be changed unnoticed.

use kinora_ports::fakes::provenance_contract;
use kinora_provenance::Notary;

/// One pixel.
const PNG: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x0fIDATx\x01\x01\x04\x00\xfb\xff\x00 @\x80\x01d\x00\xe1D+\x0e?\x00\x00\x00\x00IEND\xaeB`\x82";

fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut out = (content.len() as u32 + 8).to_be_bytes().to_vec();
    out.extend_from_slice(name);
    out.extend_from_slice(content);
    out
}

/// The outer boxes of a film, without one.
fn mp4() -> Vec<u8> {
    let mut header = vec![0; 100];
    header[12..16].copy_from_slice(&1000u32.to_be_bytes());
    let moov = boxed(b"moov", &boxed(b"mvhd", &header));
    [boxed(b"ftyp", b"isom\0\0\x02\0isommp42"), moov, boxed(b"mdat", &[7; 500])].concat()
}

/// Silence.
fn wav() -> Vec<u8> {
    let mut out =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\xbb\0\0\0\x77\x01\0\x02\0\x10\0data\xc8\0\0\0".to_vec();
    out.extend([0; 200]);
    let length = out.len() as u32 - 8;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    out
}

fn samples() -> [(&'static str, Vec<u8>); 3] {
    [("PNG", PNG.to_vec()), ("MP4", mp4()), ("WAV", wav())]
}

#[test]
fn the_notary_is_a_notary_for_each_kind_of_file() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let notary = Notary::new(home.path());
    for (kind, sample) in samples() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(provenance_contract(&notary, &sample, folder.path()), Ok(()), "{kind}");
    }
}
