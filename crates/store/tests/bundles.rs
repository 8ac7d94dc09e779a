//! A bundle carries a film whole; a hostile one cannot leave its staging folder.
//!
//! Every refused bundle leaves the folder it was to be unpacked in byte for byte as it was, with a sentence that says why. Bundles that
//! attack are written by hand, since no library writes them.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;
#[path = "common/raw_zip.rs"]
mod raw_zip;

use common::{Writer, assert_polite, empty_film, files};
use kinora_document::BlobHash;
use kinora_ports::ProjectStore;
use kinora_store::{ProjectFolder, SafeRelPath, bundle, unbundle};
use raw_zip::{Entry, entry, zip};
use std::io::Write;
use std::path::Path;

fn project(root: &Path) -> Vec<BlobHash> {
    let project = ProjectFolder::create(root, &empty_film()).unwrap();
    let mut writer = Writer::new(empty_film(), 0, 1);
    for _ in 0..30 {
        let edit = writer.edit();
        project.append(&edit, &writer.film).unwrap();
    }
    project.put_record("queue/next", b"7").unwrap();
    (0..9u8).map(|number| project.blobs().put(&vec![number; 10_000 * usize::from(number)]).unwrap()).collect()
}

#[test]
fn a_bundled_film_comes_back_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("My “Film”.kinora");
    let blobs = project(&root);
    let before = files(&root);
    // What a desktop leaves lying about, and half a render, do not travel.
    std::fs::write(root.join("media").join(&blobs[0].to_string()[..2]).join(".DS_Store"), "x").unwrap();
    let first = blobs[0].to_string();
    std::fs::write(root.join("media").join(&first[..2]).join(&first[2..4]).join("Thumbs.db"), "x").unwrap();
    std::fs::write(root.join("media/scratch/half.part"), "x").unwrap();
    let file = folder.path().join("Film.zip");
    let report = bundle(&root, &file).unwrap();
    assert_eq!((report.files, report.left_out), (2 + blobs.len(), Vec::new()));
    let target = folder.path().join("Again.kinora");
    assert_eq!(unbundle(&file, &target).unwrap().files, 2 + blobs.len());
    assert_eq!(files(&target), before);
    let (project, opened) = ProjectFolder::open(&target).unwrap();
    assert_eq!((opened.film, opened.edits.len()), (ProjectFolder::open(&root).unwrap().1.film, 30));
    assert_eq!(opened.repairs, Vec::<String>::new());
    assert_eq!(project.record("queue/next").unwrap().as_deref(), Some(&b"7"[..]));
    let mut left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["Again.kinora", "Film.zip", "My “Film”.kinora"]);
    assert_polite(&unbundle(&file, &target).unwrap_err());
}

#[test]
fn a_changed_picture_stays_behind_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    let blob = project(&root)[3].to_string();
    std::fs::write(root.join("media").join(&blob[..2]).join(&blob[2..4]).join(&blob), "changed").unwrap();
    let file = folder.path().join("Film.zip");
    let report = bundle(&root, &file).unwrap();
    assert!(report.left_out.len() == 1 && report.left_out[0].contains(&blob));
    unbundle(&file, &folder.path().join("Again.kinora")).unwrap();
}

#[test]
fn a_bundle_that_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    project(&root);
    std::fs::write(folder.path().join("file"), "mine").unwrap();
    let before = files(folder.path());
    for target in ["file/Film.zip", "nowhere/Film.zip", "Film.kinora/media"] {
        assert_polite(&bundle(&root, &folder.path().join(target)).unwrap_err());
        assert!(files(folder.path()) == before, "{target} changed something");
    }
    let open = ProjectFolder::open(&root).unwrap();
    assert_polite(&bundle(&root, &folder.path().join("Film.zip")).unwrap_err());
    drop(open);
}

/// Unpacks beside other people's files; returns what was said.
fn refused(what: &str, bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a/b/c");
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::write(folder.path().join("mine"), "mine").unwrap();
    std::fs::write(inner.join("Film.zip"), bytes).unwrap();
    let before = files(folder.path());
    let error = unbundle(&inner.join("Film.zip"), &inner.join("Film.kinora"))
        .err()
        .unwrap_or_else(|| panic!("{what} was unpacked"));
    assert_eq!(files(folder.path()), before, "{what} wrote something");
    let names: Vec<_> = std::fs::read_dir(&inner).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["Film.zip"], "{what} left its staging folder");
    assert_polite(&error);
    error.to_string()
}

fn film_json() -> Vec<u8> {
    serde_json::to_vec(&empty_film()).unwrap()
}

/// A bundle that is right but for one entry.
fn with(extra: Entry) -> Vec<u8> {
    zip(&[entry("project.json", &film_json()), extra], None)
}

fn media_name(bytes: &[u8]) -> String {
    let hash = blake3::hash(bytes).to_hex();
    format!("media/{}/{}/{hash}", &hash[..2], &hash[2..4])
}

const NAMES: [&str; 52] = [
    "..",
    "../x",
    "../../x",
    "../../../../../../../../tmp/x",
    "media/../../x",
    "media/../project.json",
    "a/..",
    "./project.json",
    "/x",
    "/etc/passwd",
    "//server/share/x",
    "\\\\server\\share\\x",
    "\\x",
    "..\\x",
    "media\\..\\..\\x",
    "C:\\x",
    "C:/x",
    "c:x",
    "\\\\?\\C:\\x",
    "\\\\.\\PhysicalDrive0",
    "file:///x",
    "~/x",
    "~root/x",
    "$HOME/x",
    "%TEMP%/x",
    "project.json\0.txt",
    "\0",
    "media/\0",
    "CON",
    "con",
    "CON.txt",
    "NUL",
    "media/aux",
    "COM1",
    "lpt9.log",
    "CONIN$",
    "project.json:stream",
    "project.json.",
    "project.json ",
    " project.json",
    "media//x",
    "media/",
    "/",
    "",
    "a\nb",
    "a\u{202e}b",
    "a∕b",
    "a／b",
    "store.sled/db",
    "project.lock",
    "journal/edits.log/x",
    "media/scratch/x",
];

#[test]
fn a_name_cannot_leave_the_folder() {
    let mut cases = 0;
    for name in NAMES {
        refused(name, &with(entry(name, b"x")));
        // Also as the first entry, before anything right was seen.
        refused(name, &zip(&[entry(name, b"x"), entry("project.json", &film_json())], None));
        cases += 1;
    }
    let hash = media_name(b"x");
    for name in [
        hash.to_uppercase(),
        hash.replace("media", "MEDIA"),
        format!("{hash}/x"),
        format!("x/{hash}"),
        "a/".repeat(600),
        "x".repeat(5000),
    ] {
        refused(&name, &with(entry(&name, b"x")));
        cases += 1;
    }
    for bytes in [&b"\xff\xfe"[..], b"media/\xc0\xae\xc0\xae/x", b"..\xc0\xafx"] {
        refused("not UTF-8", &with(Entry { name: bytes.to_vec(), ..entry("", b"x") }));
        cases += 1;
    }
    for name in NAMES {
        // Whatever passes for a path stays below the folder it is joined to.
        if let Ok(path) = SafeRelPath::parse(name) {
            assert!(path.as_path().components().all(|part| matches!(part, std::path::Component::Normal(_))), "{name}");
        }
    }
    println!("{cases} names");
}

#[test]
fn an_entry_is_a_plain_file_with_the_content_it_claims() {
    let json = film_json();
    let name = media_name(b"x");
    let link = |name: &str| Entry { attributes: 0o120_777 << 16, ..entry(name, b"../../../mine") };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("a symlink as project.json", zip(&[link("project.json")], None)),
        ("a symlink as the journal", with(link("journal/edits.log"))),
        ("a symlink as a picture", with(link(&media_name(b"../../../mine")))),
        ("a symlink as a folder", zip(&[link("media"), entry(&name, b"x"), entry("project.json", &json)], None)),
        ("a folder", with(Entry { attributes: 0o040_755 << 16 | 0x10, ..entry("journal/", b"") })),
        ("another content", with(entry(&name, b"y"))),
        ("no content", with(entry(&name, b""))),
        ("a wrong checksum", with(Entry { crc: Some(1), ..entry(&name, b"x") })),
        ("the same name twice", zip(&[entry("project.json", &json), entry("PROJECT.json", &json)], None)),
        ("the same name by case", zip(&[entry("project.json", &json), entry("Journal/edits.log", b"")], None)),
        ("a size that is too large", with(Entry { claimed_size: Some(5_000), ..entry(&name, b"x") })),
        ("a size that is too small", with(Entry { claimed_size: Some(0), ..entry(&name, b"x") })),
        ("an encrypted entry", with(Entry { flags: 1, ..entry(&name, b"x") })),
        ("an unknown packing", with(Entry { method: 14, ..entry(&name, b"x") })),
        ("a packing that is none", with(Entry { method: 8, ..entry(&name, &[0xff; 90]) })),
        ("no project.json", zip(&[entry(&name, b"x")], None)),
        ("nothing in it", zip(&[], None)),
        ("a journal that is none", with(entry("journal/edits.log", b"hello\nworld\n"))),
        ("a torn journal", with(entry("journal/edits.log", b"kinora1 0000"))),
        ("an empty film", zip(&[entry("project.json", b"")], None)),
        ("a film that is no object", zip(&[entry("project.json", b"[1,2]")], None)),
        ("a script that would be run", with(entry("install.sh", b"rm -rf ~"))),
    ];
    println!("{} cases", cases.len());
    for (what, bytes) in cases {
        refused(what, &bytes);
    }
}

#[test]
fn a_film_no_hand_could_make_is_refused() {
    let deep = format!("{{\"version\":1,\"settings\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    refused("JSON 10,000 deep", &zip(&[entry("project.json", deep.as_bytes())], None));
    let deep = format!("kinora1 {} {} {}\n", "0".repeat(32), "0".repeat(32), "{\"edit\":".repeat(10_000));
    refused("a journal line 10,000 deep", &with(entry("journal/edits.log", deep.as_bytes())));
    let mut film = serde_json::to_value(empty_film()).unwrap();
    let twice = film["tracks"][0].clone();
    film["tracks"].as_array_mut().unwrap().push(twice);
    refused("an id twice", &zip(&[entry("project.json", film.to_string().as_bytes())], None));
    let mut film = serde_json::to_value(empty_film()).unwrap();
    film["settings"]["size"]["width"] = 4_000_000_000u32.into();
    let said =
        refused("a frame of 4,000,000,000 pixels", &zip(&[entry("project.json", film.to_string().as_bytes())], None));
    assert!(said.contains("frame size"), "{said}");
    let mut film = serde_json::to_value(empty_film()).unwrap();
    film["version"] = 2.into();
    assert!(
        refused("a newer film", &zip(&[entry("project.json", film.to_string().as_bytes())], None)).contains("newer")
    );
}

#[test]
fn a_bomb_is_seen_before_it_is_unpacked() {
    let mut bomb = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    bomb.start_file("project.json", options).unwrap();
    for _ in 0..100 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = bomb.finish().unwrap().into_inner();
    assert!(bomb.len() < 200_000, "100 MiB in {}", bomb.len());
    assert!(refused("a bomb", &bomb).contains("larger than it may be"));
    // The same, whose headers claim that it is small.
    let mut liar = bomb;
    let size = (100u32 << 20).to_le_bytes();
    while let Some(at) = liar.windows(4).position(|four| four == size) {
        liar[at..at + 4].copy_from_slice(&100u32.to_le_bytes());
    }
    refused("a bomb that lies", &liar);
    refused("an end that claims 65,535 entries", &zip(&[entry("project.json", &film_json())], Some(u16::MAX)));
    // A million entries, claimed by a zip64 end record and not there.
    let mut many = Vec::new();
    many.extend(0x0606_4b50u32.to_le_bytes());
    many.extend(44u64.to_le_bytes());
    many.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for value in [1_000_000u64, 1_000_000, 46_000_000, 0] {
        many.extend(value.to_le_bytes());
    }
    many.extend(0x0706_4b50u32.to_le_bytes());
    many.extend([0; 12]);
    many.extend(1u32.to_le_bytes());
    many.extend(0x0605_4b50u32.to_le_bytes());
    many.extend([0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0]);
    refused("a million entries that are not there", &many);
}

#[test]
fn a_bundle_cut_or_changed_anywhere_is_refused_or_right() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    let project = ProjectFolder::create(&root, &empty_film()).unwrap();
    let mut writer = Writer::new(empty_film(), 0, 1);
    let edit = writer.edit();
    project.append(&edit, &writer.film).unwrap();
    project.blobs().put(b"picture").unwrap();
    drop(project);
    let before = files(&root);
    let file = folder.path().join("Film.zip");
    bundle(&root, &file).unwrap();
    let whole = std::fs::read(&file).unwrap();
    for keep in (0..whole.len()).step_by(41) {
        refused(&format!("cut to {keep}"), &whole[..keep]);
    }
    let mut dice = kinora_ports::fakes::Dice(4);
    let mut unpacked = 0;
    for number in 0..150 {
        let mut changed = whole.clone();
        let at = dice.below(changed.len() as u64) as usize;
        changed[at] ^= 1 << dice.below(8);
        std::fs::write(&file, changed).unwrap();
        let target = folder.path().join(format!("{number}.kinora"));
        match unbundle(&file, &target) {
            // Times and the like may change; the film may not.
            Ok(_) => {
                assert_eq!(files(&target), before, "bit at {at}");
                unpacked += 1;
            }
            Err(error) => {
                assert_polite(&error);
                assert!(!target.exists());
            }
        }
    }
    assert!(unpacked < 75, "{unpacked} of 150 changes were no matter");
}
