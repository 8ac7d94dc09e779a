//! Every parser that is given bytes from outside, with the words its format is made of.
//!
//! A new parser is one more line in [`ALL`] and its test in `tests/hunts.rs`. Beside not breaking, each says what else must hold of
//! what it read: a command that was understood leaves a sound film, a path that was let through stays inside.

use super::{Target, corpus, films};
use candle_core::{DType, Device};
use kinora_api::{
    CreateFilm, EditRequest, ExportRequest, FilmToOpen, GenerateRequest, MoveJob, PlayRequest, SavedView,
};
use kinora_document::{Command, Planner, Ticks, check, migrate};
use kinora_media::isobmff::BoxedMovie;
use kinora_models::kokoro::{KokoroConfig, convert, voices::Voice};
use kinora_ports::media::{Container, EncodeSettings};
use kinora_ports::{Encoder, Pixels};
use std::fs::File;
use std::path::Path;
use std::sync::LazyLock;

pub const ALL: &[Target] = &[
    Target {
        name: "screenplay",
        words: corpus::WORDS,
        files: |_| corpus::files(),
        read: |bytes, _| _ = corpus::read(bytes),
    },
    Target { name: "project", words: JSON, files: |scratch| vec![films::project(scratch)[0].clone()], read: project },
    Target {
        name: "journal",
        words: JOURNAL,
        files: |scratch| vec![films::project(scratch)[1].clone()],
        read: journal,
    },
    Target { name: "bundle", words: ZIP, files: |scratch| vec![films::project(scratch)[2].clone()], read: bundle },
    Target { name: "request", words: JSON, files: |_| requests(), read: request },
    Target { name: "weights", words: WEIGHTS, files: |_| weights(), read: weight },
    Target { name: "pickle", words: PICKLES, files: |_| released_voices(), read: released_voice },
    Target { name: "manifest", words: TOML, files: |_| manifests(), read: manifest },
    Target { name: "captions", words: CAPTIONS, files: |_| captions(), read: caption },
    Target { name: "film", words: BOXES, files: takes, read: film },
    Target {
        name: "picture",
        words: PNG,
        files: |_| pictures(),
        read: |bytes, _| drop(kinora_media::png_file::decode(bytes)),
    },
    Target {
        name: "path",
        words: PATHS,
        files: |_| vec![b"media/ab/cd/0123.mov".to_vec(), b"project.json".to_vec()],
        read: path,
    },
];

pub fn named(name: &str) -> &'static Target {
    ALL.iter().find(|target| target.name == name).expect("a parser of that name")
}

const JSON: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b":",
    b"null",
    b"true",
    b"0",
    b"-1",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"18446744073709551615",
    b"4294967295",
    b"1e308",
    b"0.5",
    b"\\u0000",
    b"\\ud800",
    b"\"\"",
    b"{}",
    b"[]",
    b"\"00000000000000000000000000000001\"",
    b"\"ffffffffffffffffffffffffffffffff\"",
    b"\"command\":",
    b"\"op\":",
    b"\"length\":",
    b"\"start\":",
];
const JOURNAL: &[&[u8]] = &[
    b"\n",
    b"kinora1 ",
    b"00000000000000000000000000000000",
    b" ",
    b"{\"edit\":{",
    b"{\"record\":{\"name\":\"a\",\"value\":null}}",
    b"\"sequence\":",
    b"18446744073709551615",
    b"\"op\":\"remove\"",
    b"\"op\":\"move\"",
    b"\"to\":",
    b"\"at\":",
    b"\0",
    b"\xff",
];
const ZIP: &[&[u8]] = &[
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"PK\x06\x07",
    b"../",
    b"/",
    b"\\",
    b"C:",
    b"project.json",
    b"journal/edits.log",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\x08\0",
    b"media/",
];
const WEIGHTS: &[&[u8]] = &[
    b"{",
    b"}",
    b"\"dtype\":\"F32\"",
    b"\"F16\"",
    b"\"shape\":[",
    b"\"data_offsets\":[",
    b"18446744073709551615",
    b",",
    b"]",
    b"__metadata__",
    b"GGUF",
    b"\x03\0\0\0",
    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\x09\0\0\0",
    b"\x08\0\0\0",
    b"general.alignment",
    b"tokenizer.ggml.tokens",
];
const PICKLES: &[&[u8]] = &[
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"\x80\x02",
    b"ctorch._utils\n_rebuild_tensor_v2\n",
    b"ctorch\nFloatStorage\n",
    b"ctorch\nLongStorage\n",
    b"ccollections\nOrderedDict\n",
    b"cos\nsystem\n",
    b"storage",
    b"data.pkl",
    b"data/0",
    b"(",
    b")",
    b"}",
    b"t",
    b"Q",
    b"R",
    b"u",
    b"s",
    b"b",
    b"q\x00",
    b"h\x00",
    b"\x85",
    b"\x86",
    b"\x87",
    b"J\xff\xff\xff\x7f",
    b"J\xff\xff\xff\xff",
    b"K\x00",
    b"\xff\xff\xff\xff",
    b".",
];
const TOML: &[&[u8]] = &[
    b"[[files]]\n",
    b"[ltx]\n",
    b"= ",
    b"\n",
    b"\"",
    b"[",
    b"]",
    b"-1",
    b"18446744073709551615",
    b"9223372036854775807",
    b"nan",
    b"inf",
    b"bytes = ",
    b"fps = 0\n",
    b"sizes = []\n",
    b"../",
    b"blake3 = ",
];
const CAPTIONS: &[&[u8]] = &[
    b"WEBVTT",
    b"\n\n",
    b"\r\n",
    b" --> ",
    b"00:00:01,000",
    b"99999999:99:99.999",
    b"00:00.000",
    b"NOTE ",
    b"STYLE",
    b"<i>",
    b"</i>",
    b"&amp;",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"line:0",
    b"-1",
    b"1",
];
const BOXES: &[&[u8]] = &[
    b"ftyp",
    b"moov",
    b"trak",
    b"mdia",
    b"minf",
    b"stbl",
    b"stsd",
    b"stts",
    b"stsc",
    b"stsz",
    b"stco",
    b"co64",
    b"ctts",
    b"stss",
    b"elst",
    b"mdat",
    b"avcC",
    b"\0\0\0\0",
    b"\0\0\0\x08",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\0\0\0\x01",
];
const PNG: &[&[u8]] = &[
    b"\x89PNG\r\n\x1a\n",
    b"IHDR",
    b"IDAT",
    b"IEND",
    b"PLTE",
    b"tRNS",
    b"acTL",
    b"fcTL",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x78\x9c",
];
const PATHS: &[&[u8]] = &[
    b"..",
    b"/",
    b"\\",
    b".",
    b"C:",
    b"CON",
    b"nul.txt",
    b"\0",
    b"//?/",
    b"~",
    b"%2e%2e",
    b" ",
    b"\xe2\x80\xae",
    b":",
    b"media",
    b"a",
];

fn project(bytes: &[u8], _: &Path) {
    let Ok(film) = migrate::decode_film(bytes) else { return };
    // What does not hold is said, and the film not opened from a bundle; what holds can be planned.
    if check(&film).is_empty() {
        let planner = Planner::new(&film);
        let frames = planner.reel().frames;
        [0, frames / 2, frames].into_iter().for_each(|frame| drop(planner.frame_at(frame)));
    }
}

fn journal(bytes: &[u8], _: &Path) {
    let (lines, _) = kinora_store::Journal::inspect(bytes);
    let (mut film, _) = films::small();
    for line in lines {
        if let kinora_store::Line::Edit(edit) = line {
            let before = film.clone();
            match film.apply(&edit.patch) {
                Ok(inverse) => drop(film.clone().apply(&inverse).expect("an inverse applies")),
                Err(_) => assert_eq!(film, before, "half of a patch was applied"),
            }
        }
    }
}

fn bundle(bytes: &[u8], scratch: &Path) {
    let (file, target) = (scratch.join("hunted.zip"), scratch.join("Hunted.kinora"));
    std::fs::write(&file, bytes).expect("the scratch folder can be written");
    let outcome = kinora_store::unbundle(&file, &target);
    assert_eq!(outcome.is_ok(), target.exists(), "{outcome:?}");
    let _ = std::fs::remove_dir_all(&target);
    for entry in std::fs::read_dir(scratch).expect("the scratch folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(["hunted.zip", "seed.zip", "Seed.kinora"].contains(&name.as_str()), "{name} was left behind");
    }
}

fn requests() -> Vec<Vec<u8>> {
    let (film, _) = films::small();
    let json =
        |value: &Command| serde_json::to_vec(&EditRequest { command: value.clone(), gesture: None }).expect("JSON");
    let (shot, clip) = (film.shots.first().expect("a shot").clone(), film.clips.first().expect("a clip").clone());
    let track = film.tracks.first().expect("a track").clone();
    let at = Ticks::from_seconds(1);
    let mut all: Vec<Vec<u8>> = [
        Command::SetScript { text: "INT. A\n\nB.\n".to_owned() },
        Command::SetSettings { settings: film.settings.clone() },
        Command::SetShot { shot: Box::new(shot.clone()) },
        Command::MoveShot { shot: shot.id, before: None },
        Command::MergeShots { shots: film.shots.keys().collect() },
        Command::SplitShot { shot: shot.id },
        Command::SetTrack { track: track.clone() },
        Command::BladeClip { clip: clip.id, at },
        Command::TrimClip { clip: clip.id, start: clip.start, length: at, ripple: true },
        Command::SlipClip { clip: clip.id, by: at },
        Command::SlideClip { clip: clip.id, by: at },
        Command::MoveClip { clip: clip.id, track: track.id, start: at },
        Command::PasteClips { clips: vec![clip.clone()], landing: kinora_document::command::Landing::Insert },
        Command::RemoveRange { from: Ticks::ZERO, until: at, tracks: vec![track.id], close: true },
        Command::InsertClip { track: track.id, at, source: clip.source.clone(), source_in: Ticks::ZERO, length: at },
        Command::OverwriteClip { track: track.id, at, source: clip.source.clone(), source_in: Ticks::ZERO, length: at },
        Command::SetClipSpeed { clip: clip.id, speed_permille: 500 },
        Command::StretchClip { clip: clip.id, length: at },
        Command::SetClipSound { clip: clip.id, gain_millibels: -600, fade_in: at, fade_out: at },
        Command::SetClipPlacement { clip: clip.id, placement: clip.placement },
        Command::SetCast { member: film.cast.first().expect("Mara").clone() },
        Command::AddMarker { at, text: "here".to_owned() },
    ]
    .iter()
    .map(json)
    .collect();
    all.push(
        br#"{"grant":1,"title":"A","size":{"width":1280,"height":720},"rate":{"frames":24,"seconds":1}}"#.to_vec(),
    );
    all.push(br#"{"grant":1,"format":"mp4","size":null,"rate":null}"#.to_vec());
    all.push(br#"{"shots":[],"variations":2,"new_seed":true}"#.to_vec());
    all.push(br#"{"sample":"snow-for-pim"}"#.to_vec());
    all
}

fn request(bytes: &[u8], _: &Path) {
    fn understood<T: for<'de> serde::Deserialize<'de>>(bytes: &[u8]) -> Option<T> {
        serde_json::from_slice(bytes).ok()
    }
    let _ = (understood::<CreateFilm>(bytes), understood::<ExportRequest>(bytes), understood::<FilmToOpen>(bytes));
    let _ = (understood::<GenerateRequest>(bytes), understood::<MoveJob>(bytes), understood::<PlayRequest>(bytes));
    let _ = understood::<SavedView>(bytes);
    let Some(EditRequest { command, .. }) = understood(bytes) else { return };
    let (mut film, mut ids) = films::small();
    let Ok(patch) = command.plan(&film, &mut ids) else { return };
    film.apply(&patch).expect("a planned patch applies");
    let violations = check(&film);
    assert!(violations.is_empty(), "{violations:?}");
}

fn weights() -> Vec<Vec<u8>> {
    let header = br#"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"F16","shape":[2],"data_offsets":[16,20]}}"#;
    let safetensors = [&(header.len() as u64).to_le_bytes()[..], header, &[0; 20]].concat();
    let name = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let gguf = [
        b"GGUF\x03\0\0\0".to_vec(),
        [1_u64.to_le_bytes(), 2_u64.to_le_bytes()].concat(),
        name("general.alignment"),
        [4_u32.to_le_bytes(), 32_u32.to_le_bytes()].concat(),
        name("tokenizer.ggml.tokens"),
        [&9_u32.to_le_bytes()[..], &8_u32.to_le_bytes(), &2_u64.to_le_bytes(), &name("a"), &name("b")].concat(),
        name("t"),
        [&1_u32.to_le_bytes()[..], &4_u64.to_le_bytes(), &0_u32.to_le_bytes(), &0_u64.to_le_bytes()].concat(),
        vec![0; 64],
    ];
    vec![safetensors, gguf.concat()]
}

fn weight(bytes: &[u8], _: &Path) {
    let _ = kinora_models::weights::check(bytes);
    let length = bytes.len() as u64;
    if let Ok(names) = kinora_models::gguf::names(bytes, length) {
        assert!(names.len() <= bytes.len(), "more tensors than bytes");
    }
    let _ = kinora_models::gguf::vocabulary(bytes, length);
}

/// A tiny model and a voice, as PyTorch saves them.
fn released_voices() -> Vec<Vec<u8>> {
    let case =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("models/tests/fixtures/kokoro/release_half/weights.safetensors");
    let bytes = std::fs::read(case).expect("a fixture of ours");
    let tensors = kinora_models::weights::tensors(&[&bytes], DType::F32, &Device::Cpu).expect("safetensors");
    let file = |name: &str| tensors.get(name).and_then(|t| t.to_vec1::<u8>().ok()).expect("bytes");
    vec![file("voice"), file("model")]
}

fn released_voice(bytes: &[u8], _: &Path) {
    static CONFIG: LazyLock<KokoroConfig> = LazyLock::new(|| {
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/tests/fixtures/kokoro/release_half/config.json");
        KokoroConfig::parse(&std::fs::read(case).expect("a fixture of ours")).expect("a config of ours")
    });
    if let Ok(file) = convert::released_voice(bytes, CONFIG.style_dim) {
        // Values of a file may be shared fourfold, and grow from two bytes to four.
        assert!(file.len() <= 8 * bytes.len() + 1024, "{} bytes out of {}", file.len(), bytes.len());
    }
    let _ = convert::released_model(&CONFIG, bytes);
    let _ = Voice::parse(bytes, CONFIG.style_dim);
}

fn manifests() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/manifests");
    let names = ["draft.toml", "ltx-2b-distilled.toml"];
    names.iter().map(|name| std::fs::read(folder.join(name)).expect("a manifest of ours")).collect()
}

fn manifest(bytes: &[u8], scratch: &Path) {
    let path = scratch.join("hunted.toml");
    std::fs::write(&path, bytes).expect("the scratch folder can be written");
    if let Ok(manifest) = kinora_engine::Manifest::read(&path) {
        let _ = (manifest.fingerprint(), manifest.bytes());
        // Nothing lies there, so nothing can be verified, unless the manifest pins nothing.
        assert!(manifest.files.is_empty() || manifest.verify(&scratch.join("nowhere")).is_err());
    }
}

fn captions() -> Vec<Vec<u8>> {
    let srt = "1\r\n00:00:01,000 --> 00:00:02,500\r\nHello.\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\n<i>Two</i>\r\nlines.\r\n";
    let vtt = "WEBVTT\n\nNOTE x\n\nSTYLE\n::cue { }\n\n1\n00:01.000 --> 00:02.000 line:0\n<v Mara>A &amp; b\n\n00:03.000 --> 00:04.000\nC\n";
    vec![srt.as_bytes().to_vec(), vtt.as_bytes().to_vec()]
}

fn caption(bytes: &[u8], _: &Path) {
    use kinora_interchange::{clips, read_captions, to_srt, to_vtt, without_overlaps};
    let Ok(read) = read_captions(bytes) else { return };
    let (cues, _) = without_overlaps(read.cues);
    assert!(cues.is_sorted_by(|a, b| a.end <= b.start), "captions overlap");
    let (film, _) = films::small();
    let track = film.tracks.first().expect("a track").id;
    let _ = clips(&cues, track, film.settings.rate);
    for text in [to_srt(&cues), to_vtt(&cues)] {
        assert!(cues.is_empty() || read_captions(text.as_bytes()).is_ok(), "what was written cannot be read: {text}");
    }
}

/// A take and a film, tiny.
fn takes(scratch: &Path) -> Vec<Vec<u8>> {
    [(Container::Take, "seed.mov"), (Container::Mp4, "seed.mp4")]
        .into_iter()
        .map(|(container, name)| {
            let settings = EncodeSettings {
                container,
                size: kinora_document::FrameSize { width: 64, height: 64 },
                rate: kinora_document::FrameRate::FPS_24,
                sound_rate: Some(48_000),
                sound_channels: 2,
                title: "Seed".to_owned(),
            };
            let path = scratch.join(name);
            let mut encoding = kinora_media::GstEncoder::new().start(&settings, &path).expect("an encoder");
            for _ in 0..4 {
                encoding.picture(&Pixels::new(64, 64)).expect("a picture");
                encoding.sound(&[0.0; 4000]).expect("sound");
            }
            encoding.finish().expect("a file");
            let bytes = std::fs::read(&path).expect("it was written");
            let _ = std::fs::remove_file(path);
            bytes
        })
        .collect()
}

fn film(bytes: &[u8], scratch: &Path) {
    let path = scratch.join("hunted.mp4");
    std::fs::write(&path, bytes).expect("the scratch folder can be written");
    let mut file = File::open(&path).expect("it was just written");
    let Ok(Some(movie)) = BoxedMovie::read(&mut file) else { return };
    for track in &movie.tracks {
        let _ =
            (track.samples(), kinora_media::probe::even_rate(track), kinora_media::probe::boxed_length(&movie, track));
        let _ = track.bytes();
    }
}

fn pictures() -> Vec<Vec<u8>> {
    let mut picture = Pixels::new(24, 16);
    let plain = kinora_media::png_file::encode(&picture).expect("a picture");
    picture.rgba.iter_mut().enumerate().for_each(|(at, value)| *value = (at * 7) as u8);
    vec![plain, kinora_media::png_file::encode(&picture).expect("a picture")]
}

fn path(bytes: &[u8], scratch: &Path) {
    let Ok(name) = std::str::from_utf8(bytes) else { return };
    let Ok(path) = kinora_store::SafeRelPath::parse(name) else { return };
    let inside = path.as_path().components().all(|part| matches!(part, std::path::Component::Normal(_)));
    assert!(inside && scratch.join(path.as_path()).starts_with(scratch), "{name:?} leaves the folder");
}
