//! Consent, driven without the window: what is missing, ended, taken back, somebody else's, replayed, brought in unasked, edited, or asked
//! for under a clock set back, is not made, not even begun.

#[path = "support/studio.rs"]
mod studio;

use kinora_backend::{NewCameo, OpenFilm};
use kinora_document::{Audience, BlobHash, CameoId, CameoKind, CameoUse, Command, NamedPerson, Purpose, Terms};
use kinora_ports::Flow;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use studio::{DAY, Machine, TODAY, cast, generate, shots, terms};

/// Refused with this rule by both doors, the button and the queue, and no order reached the engine.
fn refused(machine: &Machine, film: &OpenFilm, rule: &str) {
    let ada = shots(film)[0];
    assert_eq!(generate(film, ada), Err(rule.to_owned()));
    let jobs = film.queue.add(&[kinora_backend::Wish::shot(ada)]).expect("queued");
    let ended = film.queue.wait(jobs[0], &mut |_| Flow::Continue).expect_err("refused in the queue");
    assert_eq!(ended.0.rule, rule);
    assert_eq!(machine.engine.orders.load(Ordering::SeqCst), 0, "orders under {rule}");
    assert!(film.session.film().takes.is_empty());
}

/// Ada consented without an end, and the film casts her.
fn ada_in_a_film() -> (Machine, CameoId, OpenFilm) {
    let machine = Machine::new(1);
    let cameo = machine.add("Ada", terms(None)).expect("added");
    let film = machine.film("Beach");
    cast(&film, machine.using(cameo));
    (machine, cameo, film)
}

#[test]
fn with_consent_it_is_made_and_stands_in_the_subjects_own_list() {
    let machine = Machine::new(1);
    let cameo = machine.add("Ada", terms(Some(TODAY + DAY))).expect("added");
    let film = machine.film("Beach");
    let using = machine.using(cameo);
    cast(&film, using);
    let all = shots(&film);
    for shot in &all {
        generate(&film, *shot).expect("made");
    }
    let engine = &machine.engine;
    assert_eq!((engine.orders.load(Ordering::SeqCst), engine.with_cameo.load(Ordering::SeqCst)), (3, 2));
    assert!(engine.pictures.load(Ordering::SeqCst) >= 2, "the engine was shown the likeness");
    let document = film.session.film();
    let used: Vec<_> = all.iter().map(|shot| document.takes.iter().find(|take| take.shot == *shot)).collect();
    let cameos: Vec<_> = used.iter().map(|take| take.expect("a take").cameos.clone()).collect();
    assert_eq!(cameos, [vec![using], vec![using], vec![]]);
    let view = machine.consents.find("Ada").expect("on record");
    let made: Vec<_> = view.used.iter().rev().map(|used| (used.film.as_str(), used.shot.as_str())).collect();
    assert_eq!(made, [("Beach", "1.1"), ("Beach", "1.2")]);
    assert!(view.consents[0].not_verified.len() >= 2, "what was not checked is written down");
    // The film names the consent and holds nothing of the likeness.
    let member = document.cast.first().expect("ADA");
    assert!(member.references.is_empty() && member.cameo == Some(using));
}

#[test]
fn missing() {
    let machine = Machine::new(1);
    let cameo = machine.add("Ada", terms(None)).expect("added");
    let film = machine.film("Beach");
    let nobody = CameoUse { consent: BlobHash([3; 32]), ..machine.using(cameo) };
    cast(&film, nobody);
    refused(&machine, &film, "consent.missing");
    cast(&film, CameoUse { cameo: CameoId(5), ..machine.using(cameo) });
    refused(&machine, &film, "consent.missing");
}

#[test]
fn expired_and_the_clock_moved_back() {
    let mut machine = Machine::new(1);
    let cameo = machine.add("Ada", terms(Some(TODAY + DAY))).expect("added");
    let film = machine.film("Beach");
    cast(&film, machine.using(cameo));
    machine.set_clock(TODAY + DAY);
    refused(&machine, &film, "consent.expired");
    for back in [TODAY + DAY - 1, TODAY, TODAY - 900 * DAY] {
        machine.set_clock(back);
        refused(&machine, &film, "consent.expired");
    }
    drop(film);
    // Nor does starting again forget the time.
    machine.restart();
    let film = machine.open(&machine.path("Beach.kinora"));
    refused(&machine, &film, "consent.expired");
}

#[test]
fn another_purpose_than_was_consented_to() {
    let machine = Machine::new(1);
    let cameo = machine.add("Ada", terms(None)).expect("added");
    let film = machine.film("Beach");
    cast(&film, CameoUse { purpose: Purpose::Advertising, ..machine.using(cameo) });
    refused(&machine, &film, "consent.wrong_purpose");
}

#[test]
fn revoked() {
    let (machine, cameo, film) = ada_in_a_film();
    machine.consents.revoke(cameo).expect("revoked");
    refused(&machine, &film, "consent.revoked");
}

#[test]
fn somebody_elses_film_brings_no_consent_with_it() {
    let (ada, eve) = (Machine::new(1), Machine::new(2));
    let cameo = ada.add("Ada", terms(None)).expect("added");
    let film = ada.film("Beach");
    cast(&film, ada.using(cameo));
    drop(film);
    let bundle = ada.path("beach.zip");
    let report = kinora_store::bundle(&ada.path("Beach.kinora"), &bundle).expect("bundled");
    assert!(report.left_out.iter().any(|said| said.contains("stay on this machine")), "{:?}", report.left_out);
    let here = eve.path("Beach.kinora");
    kinora_store::unbundle(&bundle, &here).expect("unbundled");
    let film = eve.open(&here);
    refused(&eve, &film, "consent.missing");
    // Nor does her whole folder of records, put where Eve's would be: it is bound to another machine's key.
    copy(&ada.path("cameos"), &eve.path("cameos"));
    refused(&eve, &film, "consent.damaged");
    let problem = eve.consents.permit(ada.using(cameo)).expect_err("refused");
    assert!(problem.0.what.contains("another machine"), "{problem}");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            std::fs::copy(&entry, &target).expect("copied");
        }
    }
}

#[test]
fn a_signed_file_works_for_whom_it_names_and_for_those_recordings_alone() {
    let (ada, bo, eve) = (Machine::new(1), Machine::new(2), Machine::new(3));
    let bo_key = bo.consents.who_am_i().expect("a key");
    let people = Audience::People(vec![NamedPerson { name: "Bo".to_owned(), key: bo_key }]);
    let cameo = ada.add("Ada", Terms { audience: people, ..terms(Some(TODAY + 9 * DAY)) }).expect("added");
    let file = ada.consents.consent_file(cameo).expect("a file").into_bytes();
    let recording = [ada.path("Ada.png")];
    // Without the file a recording of somebody else is not taken.
    let somebody_else = bo.consents.add(NewCameo {
        kind: CameoKind::Person,
        name: "Ada".to_owned(),
        given_by: "Bo".to_owned(),
        terms: terms(None),
        attestation: None,
        files: recording.to_vec(),
    });
    assert_eq!(somebody_else.expect_err("refused").0.rule, "consent.somebody_else");
    let other = [bo.picture("other.png", 8)];
    assert_eq!(bo.consents.add_from_file(&file, &other).expect_err("refused").0.rule, "consent.other_recording");
    assert_eq!(eve.consents.add_from_file(&file, &recording).expect_err("refused").0.rule, "consent.wrong_person");
    assert!(eve.consents.list().expect("a list").cameos.is_empty(), "nothing of it is kept");
    for at in (0..file.len()).step_by(3) {
        let mut forged = file.clone();
        forged[at] ^= 4;
        // A space more or less is no change of what is said.
        let same = kinora_consent::SignedConsent::read(&forged).is_ok();
        assert!(!same || file[at].is_ascii_whitespace(), "byte {at} was changed and the file was taken");
    }
    assert_eq!(bo.consents.add_from_file(&file, &recording).expect("taken"), cameo);
    let film = bo.film("Beach");
    cast(&film, bo.using(cameo));
    generate(&film, shots(&film)[0]).expect("made");
    assert_eq!(bo.engine.with_cameo.load(Ordering::SeqCst), 1);
}

#[test]
fn a_file_that_was_taken_back_here_is_not_taken_again() {
    let (ada, bo) = (Machine::new(1), Machine::new(2));
    let cameo = ada.add("Ada", Terms { audience: Audience::Anyone, ..terms(None) }).expect("added");
    let file = ada.consents.consent_file(cameo).expect("a file").into_bytes();
    let recording = [ada.path("Ada.png")];
    bo.consents.add_from_file(&file, &recording).expect("taken");
    let film = bo.film("Beach");
    cast(&film, bo.using(cameo));
    bo.consents.revoke(cameo).expect("revoked");
    assert_eq!(bo.consents.take_consent(&file).expect_err("refused").0.rule, "consent.replayed");
    assert!(bo.consents.add_from_file(&file, &recording).is_err());
    refused(&bo, &film, "consent.revoked");
    // Not even when everything was deleted in between.
    bo.consents.delete(cameo).expect("deleted");
    assert_eq!(bo.consents.add_from_file(&file, &recording).expect_err("refused").0.rule, "consent.deleted");
    refused(&bo, &film, "consent.deleted");
}

#[test]
fn an_older_copy_of_the_records_is_not_believed() {
    let (machine, cameo, film) = ada_in_a_film();
    let (ledger, heads) = (machine.ledger_file(cameo), machine.path("cameos/heads"));
    let before = (std::fs::read(&ledger).expect("read"), std::fs::read(&heads).expect("read"));
    machine.consents.revoke(cameo).expect("revoked");
    let after = std::fs::read(&heads).expect("read");
    // The record alone, as it was before the revocation.
    std::fs::write(&ledger, &before.0).expect("written");
    refused(&machine, &film, "consent.damaged");
    let problem = machine.consents.permit(film.session.film().cast.first().and_then(|m| m.cameo).expect("cast"));
    assert!(problem.expect_err("refused").0.what.contains("Line 2"), "the missing line is named");
    // And with the list of ends of that time.
    std::fs::write(&heads, &before.1).expect("written");
    refused(&machine, &film, "consent.damaged");
    // And with none.
    std::fs::remove_file(&heads).expect("removed");
    refused(&machine, &film, "consent.damaged");
    std::fs::write(&heads, after).expect("written");
    std::fs::remove_file(&ledger).expect("removed");
    refused(&machine, &film, "consent.damaged");
}

#[test]
fn a_flipped_byte_in_the_record_is_found_and_named_and_nothing_is_made() {
    let machine = Machine::new(1);
    let cameo = machine.add("Ada", terms(None)).expect("added");
    machine.consents.renew(cameo, terms(Some(TODAY + DAY)), None).expect("renewed");
    let film = machine.film("Beach");
    let using = machine.using(cameo);
    cast(&film, using);
    let path = machine.ledger_file(cameo);
    let whole = std::fs::read(&path).expect("read");
    let lines = whole.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines, 2);
    let (mut line, mut tried) = (1, 0);
    for (at, byte) in whole.iter().enumerate() {
        if at % 7 == 0 || *byte == b'\n' {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            std::fs::write(&path, changed).expect("written");
            let problem = machine.consents.permit(using).expect_err("refused").0;
            assert_eq!(problem.rule, "consent.damaged");
            assert!(problem.what.starts_with(&format!("Line {line} ")), "byte {at} of line {line}: {}", problem.what);
            tried += 1;
        }
        line += usize::from(*byte == b'\n');
    }
    assert!(tried > 300, "{tried}");
    std::fs::write(&path, [&whole[..9], b"X", &whole[10..]].concat()).expect("written");
    refused(&machine, &film, "consent.damaged");
    // The room shows it with its problem instead of leaving it out.
    let view = machine.consents.find(&cameo.to_string()).expect("still listed");
    assert!(view.problem.is_some_and(|problem| problem.what.contains("Line 1")));
    std::fs::write(&path, &whole).expect("written");
    generate(&film, shots(&film)[0]).expect("whole again, it is believed again");
}

#[test]
fn taking_the_consent_back_stops_what_waits_and_what_runs_within_a_second() {
    let (machine, cameo, film) = ada_in_a_film();
    let all = shots(&film);
    // A minute of work each.
    machine.engine.steps.store(6_000, Ordering::SeqCst);
    let jobs = film.generate(&all[..2], 1, false).expect("queued").queued;
    assert_eq!(jobs.len(), 2);
    while machine.engine.orders.load(Ordering::SeqCst) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let begun = Instant::now();
    let withdrawn = film.revoke(cameo).expect("revoked");
    assert_eq!(withdrawn.jobs, 2);
    for job in jobs {
        let rule = film.queue.wait(job, &mut |_| Flow::Continue).expect_err("stopped").0.rule;
        assert_eq!(rule, "consent.revoked");
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    let engine = &machine.engine;
    assert_eq!((engine.orders.load(Ordering::SeqCst), engine.finished.load(Ordering::SeqCst)), (1, 0));
    assert!(film.session.film().takes.is_empty());
}

#[test]
fn taking_it_back_in_another_process_stops_the_work_here() {
    let (machine, cameo, film) = ada_in_a_film();
    machine.engine.steps.store(6_000, Ordering::SeqCst);
    let jobs = film.generate(&shots(&film)[..1], 1, false).expect("queued").queued;
    while machine.engine.orders.load(Ordering::SeqCst) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Another service on the same folder knows nothing of this one.
    let elsewhere = machine.second_service();
    let begun = Instant::now();
    elsewhere.revoke(cameo).expect("revoked");
    let rule = film.queue.wait(jobs[0], &mut |_| Flow::Continue).expect_err("stopped").0.rule;
    assert_eq!(rule, "consent.revoked");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn what_was_made_is_marked_kept_out_of_exports_and_destroyed_on_demand() {
    let (machine, cameo, film) = ada_in_a_film();
    let all = shots(&film);
    for shot in &all {
        generate(&film, *shot).expect("made");
    }
    let withdrawn = film.revoke(cameo).expect("revoked");
    assert_eq!(withdrawn.takes, 2);
    let document = film.session.film();
    let marked: Vec<bool> = document.takes.iter().map(|take| take.withdrawn).collect();
    assert_eq!(marked.iter().filter(|marked| **marked).count(), 2);
    let order = kinora_backend::ExportOrder {
        // A file that carries no signed history, so that this person's own identity is left alone.
        voices: false,
        watermark: false,
        ..kinora_backend::ExportOrder::new(kinora_ports::media::Container::WebM)
    };
    let out = machine.path("film.webm");
    let refused = film.export(order, &out, &mut |_, _| Flow::Continue).expect_err("not exported");
    assert_eq!(refused.0.rule, "consent.withdrawn_take");
    assert!(!out.exists());
    // Undoing does not bring an unmarked take back.
    let marked = document.takes.iter().find(|take| take.withdrawn).expect("a marked take");
    let choose = Command::ChooseTake { shot: marked.shot, take: marked.id };
    assert_eq!(film.session.edit(&choose, None).expect_err("refused").0.rule, "take.withdrawn");
    let blobs = film.session.store().blobs();
    let files: Vec<BlobHash> = document
        .takes
        .iter()
        .filter(|take| take.withdrawn)
        .flat_map(|take| [Some(take.blob), take.thumbnail])
        .flatten()
        .collect();
    assert_eq!(film.purge(cameo).expect("destroyed"), 2);
    assert_eq!(film.session.film().takes.len(), 1);
    assert!(files.len() == 4 && files.iter().all(|file| !blobs.contains(*file)), "{files:?}");
    assert!(machine.consents.find("Ada").expect("on record").used.is_empty(), "the subject's list says so");
    film.export(order, &out, &mut |_, _| Flow::Continue).expect("what is left can be exported");
}

#[test]
fn a_film_that_was_closed_marks_its_takes_when_it_opens() {
    let (machine, cameo, film) = ada_in_a_film();
    generate(&film, shots(&film)[0]).expect("made");
    drop(film);
    machine.consents.revoke(cameo).expect("revoked");
    let film = machine.open(&machine.path("Beach.kinora"));
    assert!(film.session.film().takes.iter().all(|take| take.withdrawn));
    assert!(film.repairs.iter().any(|said| said.contains("taken back")), "{:?}", film.repairs);
}

#[test]
fn a_protected_name_needs_its_bearers_own_word() {
    let machine = Machine::new(1);
    let new = |attestation: Option<&str>| NewCameo {
        kind: CameoKind::Person,
        name: "Taylor Swift".to_owned(),
        given_by: "Taylor Swift".to_owned(),
        terms: terms(None),
        attestation: attestation.map(str::to_owned),
        files: vec![machine.picture("me.png", 9)],
    };
    assert_eq!(machine.consents.add(new(None)).expect_err("refused").0.rule, "consent.attestation");
    assert_eq!(machine.consents.add(new(Some("  "))).expect_err("refused").0.rule, "consent.attestation");
    let cameo = machine.consents.add(new(Some("I bear this name; it is me."))).expect("attested");
    let film = machine.film("Beach");
    let shot = shots(&film)[2];
    let mut card = film.session.film().shots.get(shot).cloned().expect("a shot");
    card.prompt_override = Some("Taylor Swift waves at the sea.".to_owned());
    film.session.edit(&Command::SetShot { shot: Box::new(card) }, None).expect("edited");
    assert_eq!(generate(&film, shot), Err("people.living".to_owned()), "a name alone is a name alone");
    cast(&film, machine.using(cameo));
    let mut member = film.session.film().cast.first().cloned().expect("ADA");
    member.name = "TAYLOR SWIFT".to_owned();
    film.session.edit(&Command::SetCast { member }, None).expect("renamed");
    generate(&film, shot).expect("with her own consent it is made");
    machine.consents.revoke(cameo).expect("revoked");
    assert_eq!(generate(&film, shots(&film)[2]), Err("consent.revoked".to_owned()));
}

#[test]
fn no_byte_of_a_recording_reaches_a_project_or_the_data_folder_unsealed() {
    let (machine, cameo, film) = ada_in_a_film();
    generate(&film, shots(&film)[0]).expect("made");
    drop(film);
    let source = machine.path("Ada.png");
    let file = std::fs::read(&source).expect("read");
    let pixels = image::open(&source).expect("a picture").into_rgb8().into_raw();
    // Runs of eight of the file as it was recorded, and of its picture: noise, so none is anywhere by chance.
    let runs: Vec<&[u8]> = file[64..].chunks_exact(8).chain(pixels.chunks_exact(8)).collect();
    let mut looked = 0;
    for path in files(machine.folder.path()).into_iter().filter(|path| *path != source) {
        let bytes = std::fs::read(&path).expect("read");
        let seen: std::collections::HashSet<&[u8]> = bytes.windows(8).collect();
        let found = runs.iter().filter(|run| seen.contains(**run)).count();
        assert_eq!(found, 0, "{} of {} runs are in {}", found, runs.len(), path.display());
        looked += 1;
    }
    assert!(looked >= 8, "{looked} files");
    // But the vault gives it back whole to whoever it belongs to.
    let out = machine.path("export");
    machine.consents.export(cameo, &out).expect("exported");
    assert_eq!(std::fs::read(out.join("recording-1.png")).expect("exported"), file);
    for name in ["about.json", "consent-1.json", "record.log", "picture-0.png"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    let said = machine.consents.delete(cameo).expect("deleted").join(" ");
    assert!(said.contains("key was destroyed") && said.contains("Beach"), "{said}");
    let left = files(&machine.path("cameos"));
    assert!(left.iter().all(|path| !path.to_string_lossy().contains(&cameo.to_string())), "{left:?}");
    let all: Vec<u8> = left.iter().flat_map(|path| std::fs::read(path).expect("read")).collect();
    assert!(!all.windows(3).any(|window| window == b"Ada"), "the name is forgotten");
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn one_place_asks_the_ledger() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = ["crates", "src-tauri", "ui"].map(|folder| files(&root.join(folder)));
    let asks = |path: &&std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        path.extension().is_some_and(|kind| kind == "rs") && text.contains(".permit(&")
    };
    let found: Vec<String> = sources
        .iter()
        .flatten()
        .filter(|path| !path.to_string_lossy().contains("/tests/"))
        .filter(asks)
        .map(|path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned())
        .collect();
    assert_eq!(found, ["crates/backend/src/consents/mod.rs"]);
}
