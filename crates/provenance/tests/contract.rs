//! The notary keeps the port's contract on each kind of file that it signs, and no single byte of a small one can be changed unnoticed.

use kinora_ports::Provenance;
use kinora_ports::fakes::{provenance_contract, sample_claim};
use kinora_ports::provenance::Verdict;
use kinora_provenance::Notary;
use std::path::Path;

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

/// Every second byte in a debug build would take minutes: a step that shares no factor with the layout visits all regions.
const STEP: usize = 7;

#[test]
fn no_byte_of_a_signed_file_can_be_changed_unnoticed() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let notary = Notary::new(home.path());
    let path = |name: &str| home.path().join(name);
    for (kind, sample) in samples() {
        std::fs::write(path("from"), sample).expect("writing");
        notary.seal(&path("from"), &path("to"), &sample_claim()).unwrap_or_else(|error| panic!("{kind}: {error:?}"));
        let sealed = std::fs::read(path("to")).expect("reading");
        let missed: Vec<usize> =
            (0..sealed.len()).step_by(STEP).filter(|at| !noticed(&notary, &path("x"), &sealed, *at)).collect();
        assert!(missed.is_empty(), "{kind} of {} bytes: {missed:?}", sealed.len());
    }
}

fn noticed(notary: &Notary, path: &Path, sealed: &[u8], at: usize) -> bool {
    let mut changed = sealed.to_vec();
    changed[at] ^= 1;
    std::fs::write(path, changed).expect("writing");
    notary.read(path).expect("it is looked at").verdict == Verdict::Changed
}
