//! The rules of a house hold, and change only for whom they may.

use super::*;
use crate::gate::Gate;
use ed25519_dalek::{Signer, SigningKey};
use kinora_api::SetPolicy;
use kinora_policy::Place;
use kinora_ports::NoPictureChecker;
use kinora_ports::fakes::{Noon, SimulatedDisk, Thrown};

fn house(disk: &Arc<SimulatedDisk>) -> Arc<House> {
    Arc::new(House::open(disk.clone(), Arc::new(Noon), Arc::new(Thrown::new(7))).expect("it opens"))
}

fn gate(disk: &Arc<SimulatedDisk>) -> Gate {
    Gate::new(house(disk), Arc::new(NoPictureChecker))
}

fn family(pin: &str) -> SetPolicy {
    SetPolicy { profile: Some(HouseProfile::Family), new_pin: Some(pin.to_owned()), ..SetPolicy::default() }
}

const NUDE: &str = "A nude model poses for the life drawing class in the studio.";
const FIGHT: &str = "Two men fight with fists in the rain, and one punches the other.";

#[test]
fn a_profile_behind_a_pin_changes_only_with_it_and_holds_after_a_restart() {
    let disk = Arc::new(SimulatedDisk::new());
    let first = gate(&disk);
    assert_eq!(first.set(&family("2468")).expect("there is no PIN yet").profile, HouseProfile::Family);
    let standard = |pin: Option<&str>| SetPolicy {
        pin: pin.map(str::to_owned),
        profile: Some(HouseProfile::Standard),
        ..SetPolicy::default()
    };
    let again = gate(&disk);
    for pin in [None, Some(""), Some("2467"), Some("24680"), Some("２４６８")] {
        let refused = again.set(&standard(pin)).expect_err("another PIN").0.rule;
        assert!(refused.starts_with("policy.pin_"), "{pin:?}: {refused}");
        assert_eq!(again.view().expect("readable").profile, HouseProfile::Family, "{pin:?}");
    }
    assert!(again.set(&SetPolicy { new_pin: Some(String::new()), ..SetPolicy::default() }).is_err());
    assert_eq!(again.set(&standard(Some(" 2468 "))).expect("the PIN").profile, HouseProfile::Standard);
}

#[test]
fn a_pin_is_kept_salted_and_hashed_and_never_as_it_is() {
    let disk = Arc::new(SimulatedDisk::new());
    let house = house(&disk);
    let stored = || String::from_utf8(disk.read(Path::new(RULES)).expect("kept")).expect("text");
    house.set_pin("13572468").expect("digits");
    let first = stored();
    assert!(!first.contains("13572468"));
    house.set_pin("13572468").expect("digits");
    assert_ne!(first, stored(), "the same PIN has another salt");
    for bad in ["123", "1234567890123", "12a4", "１２３４"] {
        assert_eq!(house.set_pin(bad).expect_err("not a PIN").0.rule, "policy.pin_shape", "{bad}");
    }
}

#[test]
fn the_profile_decides_what_is_refused_and_what_is_warned_of() {
    let disk = Arc::new(SimulatedDisk::new());
    let gate = gate(&disk);
    let refused = |text| gate.check(text, Place::Prompt).is_err();
    assert!(!refused(NUDE) && gate.check(FIGHT, Place::Prompt).expect("drama").is_empty());
    gate.set(&family("")).expect("no PIN");
    assert!(refused(NUDE), "a family refuses nudity");
    let warnings = gate.check(FIGHT, Place::Prompt).expect("announced, not refused");
    assert!(warnings.iter().any(|note| !note.refused && !note.reason.is_empty()), "{warnings:?}");
}

#[test]
fn decisions_are_kept_without_words_unless_they_are_wanted_and_the_log_stays_small() {
    let disk = Arc::new(SimulatedDisk::new());
    let gate = gate(&disk);
    let ask = |number: usize| {
        let _ = gate.check(&format!("Explicit hardcore porn, take {number}."), Place::Prompt);
    };
    ask(1);
    ask(1);
    let kept = gate.view().expect("readable").decisions;
    assert_eq!(kept.len(), 1, "the same text twice is one decision: {kept:?}");
    assert!(kept[0].refused && kept[0].words.is_none() && !kept[0].rules.is_empty());
    gate.set(&SetPolicy { keeps_words: Some(true), ..SetPolicy::default() }).expect("no PIN");
    ask(2);
    assert!(gate.view().expect("readable").decisions[0].words.as_deref().is_some_and(|words| words.contains("take 2")));
    let length = || disk.length(Path::new(LOG)).expect("a log");
    let mut largest = 0;
    for number in 3..3000 {
        gate.house_for_test().note("prompt", true, vec!["a.rule".to_owned()], &format!("{number} {}", "x".repeat(150)));
        largest = largest.max(length());
    }
    assert!(largest <= LOG_BYTES, "{largest} bytes");
    assert!(length() > LOG_BYTES / 4, "the newer half stays");
    let newest = gate.view().expect("readable").decisions;
    assert!(newest[0].words.as_deref().is_some_and(|words| words.starts_with("2999 ")));
}

#[test]
fn rules_that_cannot_be_read_let_nothing_through() {
    let disk = Arc::new(SimulatedDisk::new());
    disk.write(Path::new(RULES), b"{\"profile\": \"none of ours\"}").expect("written");
    let opened = House::open(disk, Arc::new(Noon), Arc::new(Thrown::new(1)));
    assert!(opened.expect_err("not readable").0.what.contains("nothing can be made"));
}

#[test]
fn a_picture_that_is_called_after_a_singer_is_judged_by_its_name() {
    let gate = gate(&Arc::new(SimulatedDisk::new()));
    let names = ["taylor_swift.jpg", "IMG-Taylor-Swift.final.png"];
    for name in names {
        assert!(gate.check(&crate::gate::words_of_file(name), Place::Descriptor).is_err(), "{name}");
    }
    assert!(gate.check(&crate::gate::words_of_file("beach_at_noon.png"), Place::Descriptor).is_ok());
}

/// A list of one invented hero, and its signature by a key that nothing shipped trusts.
fn list(name: &str, version: u32, hero: &str, key: u8) -> (Vec<u8>, String) {
    let json = format!(
        r#"{{"schema":"kinora.policy.names/1","name":"{name}","version":{version},"title":"North Light 2026",
        "holder":"North Light Pictures","kind":"opt_out","names":[{{"id":"hero","kind":"character","names":"{hero}",
        "why":"the hero of a picture of theirs"}}]}}"#
    );
    let key = SigningKey::from_bytes(&[key; 32]);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let signature = key.sign(&[kinora_policy::SIGNED_AS, json.as_bytes()].concat());
    let beside = format!("key: {}\nsignature: {}\n", hex(key.verifying_key().as_bytes()), hex(&signature.to_bytes()));
    (json.into_bytes(), beside)
}

#[test]
fn an_imported_list_is_heeded_at_once_and_after_a_restart_and_can_be_left_out_again() {
    let disk = Arc::new(SimulatedDisk::new());
    let hero = "Captain Quillfeather walks along the beach.";
    let refused = |gate: &Gate| gate.check(hero, Place::Prompt).err().map(|trouble| trouble.0.detail);
    let first = gate(&disk);
    assert_eq!(refused(&first), None);
    let (bytes, signature) = list("north-light", 2, "Captain Quillfeather", 3);
    let view = first.import_list(&bytes, &signature).expect("it is signed");
    assert_eq!((view.lists.len(), view.lists[0].holder.as_str()), (1, "North Light Pictures"));
    assert!(refused(&first).is_some_and(|detail| detail.contains("north-light 2")));
    let again = gate(&disk);
    assert!(refused(&again).is_some());
    let remove = SetPolicy { remove_list: Some("north-light".to_owned()), ..SetPolicy::default() };
    assert!(again.set(&remove).expect("no PIN").lists.is_empty());
    assert_eq!(refused(&again), None);
}

#[test]
fn a_list_that_is_changed_older_anothers_or_calls_itself_ours_is_not_taken() {
    let disk = Arc::new(SimulatedDisk::new());
    let gate = gate(&disk);
    let (bytes, signature) = list("north-light", 2, "Captain Quillfeather", 3);
    gate.import_list(&bytes, &signature).expect("it is signed");
    let mut turned = bytes.clone();
    if let Some(byte) = turned.iter_mut().rev().nth(12) {
        *byte ^= 1;
    }
    let mut bad = vec![(turned, signature.clone()), (bytes.clone(), "no signature".to_owned())];
    bad.push(list("north-light", 1, "Nobody Atall", 3));
    bad.push(list("north-light", 3, "Nobody Atall", 4));
    bad.push(list("kinora-people", 9, "Nobody Atall", 4));
    for (number, (bytes, signature)) in bad.iter().enumerate() {
        let refused = gate.import_list(bytes, signature).expect_err("not taken").0;
        assert_eq!(refused.rule, "policy.list", "{number}: {}", refused.what);
        let view = gate.view().expect("readable");
        assert_eq!((view.lists.len(), view.lists[0].version, view.problems.len()), (1, 2, 0), "{number}");
    }
    assert!(gate.check("Captain Quillfeather walks along the beach.", Place::Prompt).is_err(), "still in force");
}

#[test]
fn a_stored_list_that_was_tampered_with_is_told_and_the_rest_goes_on() {
    let disk = Arc::new(SimulatedDisk::new());
    let (bytes, signature) = list("north-light", 2, "Captain Quillfeather", 3);
    gate(&disk).import_list(&bytes, &signature).expect("it is signed");
    let (file, _) = files_of("north-light");
    disk.write(&file, b"{}").expect("written");
    let gate = gate(&disk);
    let view = gate.view().expect("readable");
    assert!(view.problems.iter().any(|problem| problem.contains("not in force")), "{:?}", view.problems);
    assert!(gate.check("Explicit hardcore porn.", Place::Prompt).is_err());
}

#[test]
fn pictures_are_said_not_to_be_checked_where_nothing_looks_at_them() {
    let view = gate(&Arc::new(SimulatedDisk::new())).view().expect("readable");
    assert!(view.picture_checks.contains("not checked"), "{}", view.picture_checks);
}
