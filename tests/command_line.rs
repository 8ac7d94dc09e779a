//! Bad input gets a sentence that says what, why and what to do, a non-zero exit, and loses nothing.

mod support;

use candle_core::{DType, Device};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;
use support::{Home, TWO_SHOTS, root, text};

/// A sentence about the thing, and a way out.
fn explains(home: &Home, arguments: &[&str], about: &str) {
    let problem = home.problem(arguments);
    // Before it may stand what was being done.
    assert!(problem.lines().any(|line| line.starts_with("kinora: ")), "{problem}");
    assert!(problem.contains(about), "“{about}” is not in: {problem}");
    assert!(problem.matches(['.', '?']).count() >= 2, "no way out in: {problem}");
    assert!(!problem.contains("panicked"), "{problem}");
}

#[test]
fn files_that_are_no_screenplays_are_refused_with_a_reason() {
    let home = Home::new();
    let out = home.path("x.mp4");
    let cases = [
        (home.write("binary.fountain", [0u8, 159, 146, 150, 0, 1, 2, 3].repeat(64)), "not a screenplay"),
        (home.write("broken.fdx", "<FinalDraft><Content><Paragraph"), "not a screenplay"),
        (home.write("bomb.fdx", "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><FinalDraft>&a;</FinalDraft>"), "not a screenplay"),
        (home.write("empty.fountain", ""), "no scene"),
        (home.write("huge.fountain", "A".repeat(5 << 20)), "MB"),
        (home.path("missing.fountain"), "could not be read"),
    ];
    for (file, about) in cases {
        explains(&home, &["film", text(&file), "-o", text(&out)], about);
        assert!(!out.exists());
    }
}

#[test]
fn two_megabytes_of_one_line_are_read() {
    let home = Home::new();
    let script = home.write("line.fountain", "A".repeat(2 << 20));
    let inspected = home.json(&["inspect", text(&script)]);
    assert_eq!(inspected["elements"].as_array().map(Vec::len), Some(1));
}

#[test]
fn unknown_engines_sizes_and_endings_name_what_there_is() {
    let home = Home::new();
    let script = home.write("two.fountain", TWO_SHOTS);
    let out = home.path("x.mp4");
    explains(&home, &["film", text(&script), "-o", text(&out), "--engine", "sora"], "draft");
    explains(&home, &["film", text(&script), "-o", text(&home.path("x.avi"))], ".mp4");
    for wrong in [["--size", "1281x720"], ["--size", "banana"], ["--fps", "12.5"], ["--seed", "x"]] {
        let output = home.kinora().args(["film", text(&script), "-o", text(&out)]).args(wrong).output().expect("runs");
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!out.exists());
        let json =
            home.kinora().args(["film", text(&script), "-o", text(&out), "--json"]).args(wrong).output().expect("runs");
        assert_eq!(json.status.code(), Some(2), "{wrong:?}");
        let said: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
        assert!(said["problem"]["what"].as_str().is_some_and(|what| what.contains(wrong[1])), "{said}");
    }
}

#[test]
fn a_project_open_elsewhere_is_left_alone() {
    let home = Home::new();
    let project = home.small_film();
    let (held, _) = kinora_store::ProjectFolder::open(&project).expect("it opens");
    let script = home.path("two.fountain");
    let out = home.path("second.mp4");
    explains(&home, &["film", text(&script), "-o", text(&out), "--project", text(&project)], "already open");
    drop(held);
    home.json(&["film", text(&script), "-o", text(&out), "--project", text(&project)]);
}

#[test]
fn a_missing_take_is_reported_and_made_again() {
    let home = Home::new();
    let project = home.small_film();
    let takes: Vec<_> = walk(&project.join("media")).into_iter().filter(|path| size(path) > 4096).collect();
    let largest = takes.iter().max_by_key(|path| size(path)).expect("there are takes");
    std::fs::remove_file(largest).expect("removing");
    explains(&home, &["project", "check", text(&project)], "repair");
    let out = home.path("second.mp4");
    let report = home.json(&["film", text(&home.path("two.fountain")), "-o", text(&out), "--project", text(&project)]);
    assert!(out.exists(), "{report}");
}

#[test]
fn a_journal_cut_anywhere_is_mended_and_the_rest_is_told_of() {
    let home = Home::new();
    let project = home.small_film();
    let journal = project.join("journal/edits.log");
    let whole = std::fs::read(&journal).expect("a journal");
    let lines: Vec<usize> =
        whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    let edits = home.json(&["project", "check", text(&project)])["edits"].as_u64().expect("edits");
    let cuts = [0, 1, lines[0] / 2, lines[0], lines[1] - 1, whole.len() / 2, whole.len() - 10, whole.len() - 1];
    for cut in cuts {
        let copy = home.path(&format!("cut {cut}.kinora"));
        copy_folder(&project, &copy);
        std::fs::write(copy.join("journal/edits.log"), &whole[..cut]).expect("cutting");
        let repaired = home.json(&["project", "repair", text(&copy)]);
        assert!(repaired["repairs"].to_string().contains("journal"), "cut at {cut}: {repaired}");
        let kept = home.json(&["inspect", text(&copy)])["report"]["edits"].as_u64().expect("edits");
        // The very last line may be a note of the queue's, not an edit.
        assert!(if cut <= whole.len() / 2 { kept < edits } else { kept <= edits }, "cut at {cut}: {kept} of {edits}");
        let again = home.json(&["project", "repair", text(&copy)]);
        assert_eq!(again["repairs"], serde_json::json!([]), "cut at {cut}: mended for good");
    }
    // Damage in the middle: what follows is kept aside, to the byte.
    let mut damaged = whole.clone();
    damaged[lines[1] + 60] ^= 4;
    std::fs::write(&journal, &damaged).expect("damaging");
    let repaired = home.json(&["project", "repair", text(&project)]);
    assert!(repaired["repairs"].to_string().contains("line 3"), "{repaired}");
    let aside: Vec<_> = walk(&project).into_iter().filter(|path| text(path).contains("aside")).collect();
    let kept = aside.first().expect("a file with the rest");
    assert_eq!(std::fs::read(kept).expect("readable"), damaged[lines[1]..]);
}

/// Nobody may write there: a folder whose rights say so, or, for those who may write everywhere, the kernel's own.
#[cfg(target_os = "linux")]
fn read_only_folder(home: &Home) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let folder = home.path("read only");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).expect("rights");
    if std::fs::write(folder.join("probe"), "x").is_ok() { "/sys/kernel".into() } else { folder }
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_folder_is_named_and_nothing_is_lost() {
    let home = Home::new();
    let project = home.small_film();
    let folder = read_only_folder(&home);
    let script = home.path("two.fountain");
    let inside = |name: &str| folder.join(name);
    let with = |out: &std::path::Path, project: &std::path::Path, about: &str| {
        explains(&home, &["film", text(&script), "-o", text(out), "--project", text(project)], about);
    };
    with(&inside("film.mp4"), &project, "film.mp4");
    with(&home.path("other.mp4"), &inside("Film.kinora"), "Film.kinora");
    explains(&home, &["project", "bundle", text(&project), "-o", text(&inside("film.zip"))], "film.zip");
    let out = home.path("again.mp4");
    let again = home.json(&["film", text(&script), "-o", text(&out), "--project", text(&project)]);
    assert_eq!(again["generated"].as_u64(), Some(0), "the film has all its takes");
}

/// On a disk of 200 KiB of its own where the system grants one, else with files limited to that size.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named_and_nothing_is_lost() {
    let home = Home::new();
    let project = home.small_film();
    let disk = home.path("small disk");
    std::fs::create_dir(&disk).expect("a folder");
    let (script, out) = (home.path("two.fountain"), disk.join("film.frames"));
    let words = ["film", text(&script), "-o", text(&out), "--size", "640x360", "--project", text(&project)];
    let mounted = "mount -t tmpfs -o size=200k none \"$1\" || exit 77; shift; \"$@\"";
    let limited = "shift; trap '' XFSZ; ulimit -f 400; exec \"$@\"";
    let namespace = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mounted];
    let binary = env!("CARGO_BIN_EXE_kinora");
    let run = |command: &[&str]| {
        let mut process = std::process::Command::new(command[0]);
        process.args(&command[1..]).arg("sh").arg(&disk).arg(binary).args(words);
        process.env("KINORA_HOME", home.path("home")).output()
    };
    let mut output = run(&namespace);
    if output.as_ref().map_or(true, |output| {
        matches!(output.status.code(), Some(1 | 77)) && !support::said(output).contains("kinora:")
    }) {
        output = run(&["sh", "-c", limited]);
    }
    let output = output.expect("a shell runs");
    let said = support::said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("no room left") && said.matches(['.', '?']).count() >= 2, "{said}");
    assert!(!out.exists(), "nothing half written is left");
    let whole = home.path("whole.mp4");
    let again = home.json(&["film", text(&script), "-o", text(&whole), "--project", text(&project)]);
    assert_eq!(again["generated"].as_u64(), Some(0), "the film has all its takes");
}

#[test]
fn paths_with_spaces_quotes_and_letters_of_any_script_work_everywhere() {
    let home = Home::new();
    let names = ["it's \"mine\"", "映画 и кино", "a b  c'%20&;$(x)"];
    for name in names {
        let script = home.write(&format!("{name}.fountain"), TWO_SHOTS);
        let project = home.path(&format!("{name}.kinora"));
        let (film, zip, copy) = (
            home.path(&format!("{name}.mp4")),
            home.path(&format!("{name}.zip")),
            home.path(&format!("{name} 2.kinora")),
        );
        home.json(&["film", text(&script), "-o", text(&film), "--size", "192x108", "--project", text(&project)]);
        assert_eq!(home.json(&["inspect", text(&film)])["kind"], "media", "{name}");
        home.json(&["project", "check", text(&project)]);
        home.json(&["project", "bundle", text(&project), "-o", text(&zip)]);
        home.json(&["project", "unbundle", text(&zip), "-o", text(&copy)]);
        assert_eq!(home.json(&["inspect", text(&copy)])["report"]["shots"].as_u64(), Some(2), "{name}");
    }
}

#[test]
fn a_bundle_holds_the_whole_film() {
    let home = Home::new();
    let project = home.small_film();
    let (bundle, copy) = (home.path("film.zip"), home.path("copy.kinora"));
    home.json(&["project", "bundle", text(&project), "-o", text(&bundle)]);
    home.json(&["project", "unbundle", text(&bundle), "-o", text(&copy)]);
    let out = home.path("copy.mp4");
    let script = home.path("two.fountain");
    let arguments = ["film", text(&script), "-o", text(&out), "--project", text(&copy)];
    assert_eq!(home.json(&arguments)["generated"].as_u64(), Some(0));
    explains(&home, &["project", "unbundle", text(&bundle), "-o", text(&copy)], "already something");
    explains(&home, &["project", "unbundle", text(&script), "-o", text(&home.path("other.kinora"))], "not a bundle");
}

#[test]
fn unreadable_media_say_so() {
    let home = Home::new();
    explains(&home, &["inspect", text(&home.write("noise.mp4", [7u8; 4096]))], "noise.mp4");
    let out = home.path("shot.mp4");
    for broken in
        [home.write("broken.png", b"\x89PNG\r\n\x1a\nno more"), home.write("empty.jpg", ""), home.path("gone.png")]
    {
        let words = ["shot", "A red ball.", "-o", text(&out), "--seconds", "1", "--from", text(&broken)];
        explains(&home, &words, &broken.file_name().unwrap_or_default().to_string_lossy());
        assert!(!out.exists());
    }
}

#[test]
fn a_board_is_told_without_making_anything() {
    let home = Home::new();
    let rows = home.json(&["board", text(&root().join("examples/the-lighthouse-ball.fountain"))]);
    let rows = rows.as_array().expect("rows");
    assert!(rows.len() >= 6);
    for row in rows {
        assert!(row["prompt"].as_str().is_some_and(|prompt| prompt.len() > 10), "{row}");
        assert!(row["frames"].as_u64().is_some_and(|frames| frames % 4 == 1), "legal frame counts: {row}");
    }
    // A voice that measured the lines may lie unpacked there; nothing of the film does.
    let kept = std::fs::read_dir(home.path("home")).into_iter().flatten().flatten().map(|entry| entry.file_name());
    assert_eq!(kept.filter(|name| name != "voices").count(), 0, "nothing is kept");
}

#[test]
fn inspect_lists_the_elements_of_a_screenplay_in_order() {
    let home = Home::new();
    let script = home.write(
        "all.fountain",
        "# Act\n\n= Synopsis\n\nINT. ROOM - DAY #1A#\n\nA lamp.\n\nMARA ^\n(low)\nHello.\n\n> THE END <\n\n===\n",
    );
    let value = home.json(&["inspect", text(&script)]);
    let kinds: Vec<&str> =
        value["elements"].as_array().expect("elements").iter().filter_map(|e| e["type"].as_str()).collect();
    let wanted = [
        "section",
        "synopsis",
        "scene_heading",
        "action",
        "character",
        "parenthetical",
        "dialogue",
        "centered",
        "page_break",
    ];
    assert_eq!(kinds, wanted);
    assert_eq!(value["elements"][2]["scene_number"], "1A");
    assert_eq!(value["elements"][4]["dual"], true);
    assert_eq!(value["elements"][0]["depth"], 1);
}

#[test]
fn every_engine_that_speaks_is_listed_with_its_licence_and_its_languages() {
    let home = Home::new();
    // Where no neural voice is, Pico has every language.
    let listed = home.kinora().args(["voices", "--json"]).env("KINORA_VOICES", home.path("nowhere")).output();
    let listed: serde_json::Value = serde_json::from_slice(&listed.expect("it runs").stdout).expect("JSON");
    let all = serde_json::json!(["en-US", "en-GB", "de-DE", "es-ES", "fr-FR", "it-IT"]);
    let named = |engine: &serde_json::Value| (engine["name"].clone(), engine["licence"].clone());
    let engines = listed.as_array().expect("a list");
    assert_eq!(engines.iter().map(named).collect::<Vec<_>>(), [("Pico".into(), "Apache-2.0".into())]);
    assert_eq!(engines[0]["languages"], all);

    // What this machine has: each engine once, with its licence, and each language once.
    let engines = home.json(&["voices"]);
    let engines = engines.as_array().expect("a list");
    let mut languages = Vec::new();
    for engine in engines {
        assert_eq!(engine["licence"], "Apache-2.0", "{engine}");
        assert_eq!(engine["distilled_from"] == "Kokoro-82M", engine["name"] == "Hibari", "{engine}");
        assert!(!engine["voices"].as_array().expect("voices").is_empty(), "{engine}");
        languages.extend(engine["languages"].as_array().expect("languages").clone());
    }
    let wanted: std::collections::BTreeSet<String> = languages.iter().map(ToString::to_string).collect();
    assert_eq!((languages.len(), wanted.len()), (6, 6), "one engine speaks a language: {engines:?}");
    let said = home.kinora().arg("voices").output().expect("it runs");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("Pico") && said.contains("licence: Apache-2.0") && said.contains("de-DE"), "{said}");
}

/// Kokoro's files as they are released, tiny: what PyTorch itself wrote, from the parity fixtures.
fn released_kokoro(folder: &Path) {
    let case = root().join("models/tests/fixtures/kokoro/release_full");
    let bytes = std::fs::read(case.join("weights.safetensors")).expect("a fixture of ours");
    let held = kinora_models::weights::tensors(&[&bytes], DType::F32, &Device::Cpu).expect("safetensors");
    let file = |name: &str| held[name].to_vec1::<u8>().expect("bytes");
    std::fs::create_dir_all(folder.join("voices")).expect("writable");
    std::fs::copy(case.join("config.json"), folder.join("config.json")).expect("writable");
    std::fs::write(folder.join("kokoro-v1_0.pth"), file("model")).expect("writable");
    for name in ["af_heart", "am_adam"] {
        std::fs::write(folder.join(format!("voices/{name}.pt")), file("voice")).expect("writable");
    }
}

/// What a conversion makes.
const MADE: [&str; 3] = ["kokoro-v1_0.safetensors", "voices/af_heart.safetensors", "voices/am_adam.safetensors"];

#[test]
fn released_voices_are_converted_once_with_their_licence_sizes_and_hashes_said() {
    let home = Home::new();
    let folder = home.path("home/voices/kokoro-82m");
    released_kokoro(&folder);
    let read = |name: &str| std::fs::read(folder.join(name)).expect("it is there");
    let said = || {
        let output = home.kinora().args(["voices", "convert"]).env_remove("KINORA_VOICES").output().expect("it runs");
        assert!(output.status.success(), "{}", support::said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let first = said();
    let hash = blake3::hash(&read("kokoro-v1_0.pth")).to_hex();
    for words in ["Kokoro-82M, licence: Apache-2.0", hash.as_str(), " kB", MADE[0], MADE[1], MADE[2]] {
        assert!(first.contains(words), "{words} is not in: {first}");
    }
    let made = MADE.map(read);
    let second = said();
    assert!(second.contains("nothing was done") && second.contains("Apache-2.0"), "{second}");
    assert_eq!(MADE.map(read), made);
    // The released files stay, and a folder may be named.
    assert!(folder.join("kokoro-v1_0.pth").is_file() && folder.join("voices/af_heart.pt").is_file());
    let elsewhere = home.path("elsewhere");
    released_kokoro(&elsewhere);
    let listed = home.json(&["voices", "convert", text(&elsewhere)]);
    assert_eq!(listed["licence"], "Apache-2.0");
    assert_eq!(listed["files"][0]["made"]["from_blake3"], hash.as_str());
    // What is no model is refused in a sentence, and nothing is written.
    let broken = home.path("broken");
    released_kokoro(&broken);
    std::fs::write(broken.join("kokoro-v1_0.pth"), b"no zip").expect("writable");
    explains(&home, &["voices", "convert", text(&broken)], "kokoro-v1_0.pth");
    assert!(MADE.iter().all(|name| !broken.join(name).exists()));
    explains(&home, &["voices", "convert", text(&home.path("nowhere"))], "config.json is missing");
}

#[test]
fn a_conversion_that_is_killed_leaves_whole_files_or_none() {
    let home = Home::new();
    let convert = |folder: &PathBuf| {
        let mut command = home.kinora();
        command.args(["voices", "convert", text(folder)]).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("it starts")
    };
    let whole = home.path("whole");
    released_kokoro(&whole);
    let begun = Instant::now();
    assert!(convert(&whole).wait().expect("it ends").success());
    let takes = begun.elapsed();
    let read = |folder: &Path, name: &str| std::fs::read(folder.join(name)).ok();
    for round in 0..20 {
        let folder = home.path(&format!("killed{round}"));
        released_kokoro(&folder);
        let mut running = convert(&folder);
        std::thread::sleep(takes * round / 20);
        running.kill().expect("it is ours");
        running.wait().expect("it ends");
        for name in MADE {
            let left = read(&folder, name);
            assert!(left.is_none() || left == read(&whole, name), "half of {name} in round {round}");
        }
        assert!(convert(&folder).wait().expect("it ends").success());
        for name in MADE {
            assert_eq!(read(&folder, name), read(&whole, name));
            assert!(!folder.join(format!("{name}.part")).exists());
        }
    }
}

#[test]
fn models_as_json_say_which_loras_are_on_them_and_how_strongly() {
    let home = Home::new();
    let header = r#"{"transformer_blocks.0.attn1.to_q.lora_A.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},
        "transformer_blocks.0.attn1.to_q.lora_B.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]}}"#;
    let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0; 16]].concat();
    let file = home.write("ink.safetensors", bytes);
    let put = format!("ltx-2b={}", text(&file));
    let loras = |listed: &serde_json::Value, name: &str| {
        let models = listed.as_array().expect("a list");
        models.iter().find(|model| model["name"] == name).map(|model| model["loras"].clone()).expect("the model")
    };
    let listed = home.json(&["models", "--lora", &put, "--strength", "0.8"]);
    assert_eq!(loras(&listed, "ltx-2b"), serde_json::json!([{ "file": text(&file), "strength": 0.8 }]));
    assert_eq!(loras(&listed, "draft"), serde_json::json!([]));
    let listed = home.json(&["models", "--lora", &put, "--strength", "0"]);
    assert_eq!(loras(&listed, "ltx-2b"), serde_json::json!([]), "it was taken off");
}

/// The bundler's own list, followed as the bundler does: what it puts beside an installed studio is enough to make takes.
#[test]
fn an_installed_studio_has_its_models_and_samples() {
    let home = Home::new();
    let conf = std::fs::read(root().join("tauri.conf.json")).expect("the configuration");
    let conf: serde_json::Value = serde_json::from_slice(&conf).expect("JSON");
    let installed = home.path("installed");
    for (from, to) in conf["bundle"]["resources"].as_object().expect("resources") {
        let to = to.as_str().expect("a path");
        let (folder, pattern) = from.rsplit_once('/').expect("a folder");
        for file in std::fs::read_dir(root().join(folder)).expect("a folder").flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            let fits = pattern.strip_prefix('*').map_or(name == pattern, |ending| name.ends_with(ending));
            if fits && file.path().is_file() {
                let target = installed.join(if to.ends_with('/') { format!("{to}{name}") } else { to.to_owned() });
                std::fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
                std::fs::copy(file.path(), target).expect("copying");
            }
        }
    }
    let output = home.kinora().args(["models", "--json"]).env("KINORA_MODELS", installed.join("models")).output();
    let models: serde_json::Value = serde_json::from_slice(&output.expect("runs").stdout).expect("JSON");
    let models = models.as_array().expect("models");
    // Models whose files a person brings say where to get them; the others are there.
    let lacks = |model: &serde_json::Value| model["unavailable"].as_str().map(str::to_owned);
    assert!(models.iter().any(|model| model["name"] == "draft" && lacks(model).is_none()), "{models:?}");
    assert!(models.iter().filter_map(lacks).all(|why| why.contains("kinora models --use")), "{models:?}");
    assert_eq!(std::fs::read_dir(installed.join("examples")).expect("samples").count(), 3);
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    for file in walk(from) {
        let target = to.join(file.strip_prefix(from).expect("inside"));
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        std::fs::copy(file, target).expect("copying");
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

fn size(path: &std::path::Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}
