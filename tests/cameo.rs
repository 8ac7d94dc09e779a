//! `kinora cameo` on the real binary: a secret that somebody has to decide on, recordings that are sealed, consents that travel as files alone,
//! and words that never hold a secret.

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::{Home, said, text};

const WORDS: &str = "four words without sense";
const SCRIPT: &str = "EXT. BEACH - DAY\n\n[[shot: wide | static | 1s | seed 7]]\n\nADA throws a red ball.\n\n\
[[shot: wide | static | 1s | seed 8]]\n\nA blue boat passes.\n";

/// No keychain answers here, whatever the machine has.
fn kinora(home: &Home, arguments: &[&str], passphrase: Option<&str>) -> Output {
    let mut command = home.kinora();
    command
        .args(arguments)
        .env("XDG_RUNTIME_DIR", home.path("none"))
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/none");
    match passphrase {
        Some(words) => command.env("KINORA_PASSPHRASE", words),
        None => command.env_remove("KINORA_PASSPHRASE"),
    };
    command.output().expect("the binary runs")
}

fn works(home: &Home, arguments: &[&str], passphrase: Option<&str>) -> Value {
    let output = kinora(home, &[arguments, &["--json"]].concat(), passphrase);
    assert!(output.status.success(), "kinora {arguments:?}: {}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("not JSON ({error}): {}", said(&output)))
}

fn refused(home: &Home, arguments: &[&str], passphrase: Option<&str>, rule: &str) -> String {
    let output = kinora(home, &[arguments, &["--json"]].concat(), passphrase);
    assert_eq!(output.status.code(), Some(1), "kinora {arguments:?}: {}", said(&output));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", said(&output)));
    assert_eq!(answer["problem"]["rule"], rule, "{answer}");
    answer["problem"]["what"].as_str().unwrap_or_default().to_owned()
}

fn picture(home: &Home, name: &str) -> PathBuf {
    let mut seed = 7u32;
    let pixels = (0..160 * 90 * 3).map(|_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    });
    let path = home.path(name);
    image::RgbImage::from_raw(160, 90, pixels.collect()).expect("fits").save(&path).expect("written");
    path
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn without_a_keychain_nothing_is_kept_before_somebody_decides() {
    let home = Home::new();
    let me = picture(&home, "me.png");
    let add = ["cameo", "add", "Ada", "--i-am-this-person", "--file", text(&me)];
    let what = refused(&home, &add, None, "keys.undecided");
    assert!(what.contains("no keychain"), "{what}");
    assert!(!home.path("home/cameos/cameos").exists(), "nothing was sealed");
    let decided = works(&home, &["cameo", "keys", "--key-file"], None);
    assert_eq!(decided["key"].as_str().map(str::len), Some(64));
    refused(&home, &["cameo", "keys", "--passphrase"], Some(WORDS), "keys.decided");
    works(&home, &add, None);
    #[cfg(unix)]
    for file in files(&home.path("home/cameos")).iter().filter(|file| file.ends_with("secret.key")) {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(file).expect("there").permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn from_recording_to_film_to_revocation_by_commands_alone() {
    let home = Home::new();
    let (me, project, script) =
        (picture(&home, "me.png"), home.path("beach.kinora"), home.write("beach.fountain", SCRIPT));
    let passphrase = Some(WORDS);
    works(&home, &["cameo", "keys", "--passphrase"], passphrase);
    refused(&home, &["cameo", "add", "Ada", "--file", text(&me)], passphrase, "consent.somebody_else");
    let added = works(
        &home,
        &[
            "cameo",
            "add",
            "Ada",
            "--i-am-this-person",
            "--file",
            text(&me),
            "--restrictions",
            "No smoking.",
            "--until",
            "2999-12-31",
        ],
        passphrase,
    );
    assert_eq!(added["consents"][0]["state"], "holds");
    assert_eq!(added["consents"][0]["terms"]["audience"], "only_me");
    assert!(added["consents"][0]["not_verified"].as_array().is_some_and(|list| list.len() >= 2));
    refused(&home, &["cameo", "revoke", "Bob"], passphrase, "cameo.unknown");
    // Locked again in the next run.
    let locked = works(&home, &["cameo", "keys"], None);
    assert_eq!(locked["keeping"], "locked");
    let out = home.path("beach.mp4");
    let film =
        ["film", text(&script), "-o", text(&out), "--size", "320x180", "--no-voices", "--project", text(&project)];
    works(
        &home,
        &[
            "film",
            text(&script),
            "-o",
            text(&home.path("before.mp4")),
            "--size",
            "320x180",
            "--no-voices",
            "--project",
            text(&project),
        ],
        passphrase,
    );
    refused(
        &home,
        &["cameo", "cast", "Ada", "--project", text(&project), "--as", "ADA", "--purpose", "campaign"],
        passphrase,
        "consent.wrong_purpose",
    );
    works(&home, &["cameo", "cast", "Ada", "--project", text(&project), "--as", "ADA"], passphrase);
    // Locked, her shot cannot be made; opened, only hers is made anew.
    refused(&home, &film, None, "keys.locked");
    let made = works(&home, &film, passphrase);
    assert_eq!(made["generated"], 1, "{made}");
    let listed = works(&home, &["cameo", "list"], passphrase);
    assert_eq!(listed["cameos"][0]["used"][0]["shot"], "1.1");
    let revoked = works(&home, &["cameo", "revoke", "Ada", "--project", text(&project), "--purge"], passphrase);
    assert_eq!((&revoked["takes"], &revoked["purged"]), (&Value::from(1), &Value::from(1)));
    std::fs::remove_file(&out).expect("removed");
    refused(&home, &film, passphrase, "consent.revoked");
    assert!(!out.exists());
    // What belongs to her, and then nothing.
    works(&home, &["cameo", "export", "Ada", "-o", text(&home.path("hers"))], passphrase);
    assert_eq!(std::fs::read(home.path("hers/recording-1.png")).ok(), std::fs::read(&me).ok());
    refused(&home, &["cameo", "delete", "Ada"], passphrase, "cameo.delete");
    works(&home, &["cameo", "delete", "Ada", "--yes"], passphrase);
    assert_eq!(works(&home, &["cameo", "list"], passphrase)["cameos"], Value::Array(Vec::new()));
}

#[test]
fn a_recording_is_placed_by_a_command_while_its_consent_holds() {
    let home = Home::new();
    let (me, project) = (picture(&home, "me.png"), home.path("beach.kinora"));
    works(&home, &["cameo", "keys", "--key-file"], None);
    works(&home, &["cameo", "add", "Ada", "--i-am-this-person", "--file", text(&me)], None);
    let place = ["cameo", "place", "Ada", "--project", text(&project), "--at", "2", "--chroma-key"];
    let placed = works(&home, &place, None);
    assert!(placed["clip"].is_string() && placed["voice"].is_null(), "{placed}");
    refused(&home, &[&place[..], &["--recording", "2"]].concat(), None, "cameo.no_recording");
    refused(&home, &[&place[..], &["--purpose", "campaign"]].concat(), None, "consent.wrong_purpose");
    let revoked = works(&home, &["cameo", "revoke", "Ada", "--project", text(&project), "--purge"], None);
    assert_eq!((&revoked["takes"], &revoked["purged"]), (&Value::from(1), &Value::from(1)));
    refused(&home, &place, None, "consent.revoked");
}

#[test]
fn a_consent_file_goes_from_hand_to_hand_and_the_secret_goes_nowhere() {
    let (ada, bo) = (Home::new(), Home::new());
    for home in [&ada, &bo] {
        works(home, &["cameo", "keys", "--key-file"], None);
    }
    let key = works(&bo, &["cameo", "keys"], None)["key"].as_str().expect("a key").to_owned();
    let me = picture(&ada, "me.png");
    works(
        &ada,
        &["cameo", "add", "Ada", "--i-am-this-person", "--file", text(&me), "--for", &format!("Bo={key}")],
        None,
    );
    let file = ada.path("ada.json");
    works(&ada, &["cameo", "consent", "Ada", "-o", text(&file)], None);
    let taken = works(&bo, &["cameo", "add", "--consent", text(&file), "--file", text(&me)], None);
    assert_eq!((&taken["name"], &taken["consents"][0]["from_file"]), (&Value::from("Ada"), &Value::from(true)));
    let eve = Home::new();
    works(&eve, &["cameo", "keys", "--key-file"], None);
    refused(&eve, &["cameo", "add", "--consent", text(&file), "--file", text(&me)], None, "consent.wrong_person");
    // The secret is in its own file and in nothing that is said, written or exported.
    let secret = std::fs::read_to_string(ada.path("home/cameos/secret.key")).expect("a key file");
    works(&ada, &["cameo", "export", "Ada", "-o", text(&ada.path("hers"))], None);
    let told = [vec!["cameo", "list"], vec!["cameo", "list", "--json"], vec!["cameo", "keys"]];
    for arguments in told {
        let output = kinora(&ada, &arguments, None);
        assert!(output.status.success() && !said(&output).contains(secret.trim()), "{arguments:?}");
    }
    let holding: Vec<PathBuf> = files(&ada.path("."))
        .into_iter()
        .filter(|path| {
            let bytes = std::fs::read(path).unwrap_or_default();
            bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
        })
        .collect();
    assert_eq!(holding.len(), 1, "{holding:?}");
}
