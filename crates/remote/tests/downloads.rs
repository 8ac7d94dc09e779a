//! A download ends as the very file that was wanted, or as nothing under its name: cut off, sent elsewhere, lied to, full, or stopped.
//!
//! The hub is a stub on this machine that does to each request what the test says. Nothing beyond the machine is asked.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use kinora_document::BlobHash;
use kinora_ports::{Flow, PortError};
use kinora_remote::{Address, Downloader, Patience, Wanted};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

mod hub;

use hub::{Answer, Hub, content, given, said};

fn wanted(hub: &Hub, content: &[u8]) -> Wanted<'static> {
    Wanted {
        address: Address::parse(&format!("{}/model.safetensors", hub.root)).unwrap(),
        name: "model.safetensors",
        bytes: content.len() as u64,
        blake3: BlobHash(*blake3::hash(content).as_bytes()),
    }
}

fn downloader() -> Downloader {
    Downloader::new(Patience {
        answer: Duration::from_secs(5),
        request: Duration::from_millis(700),
        pause: Duration::from_millis(5),
        tries: 4,
    })
}

/// The folder, the target and its part.
fn places() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("models/model.safetensors");
    let part = folder.path().join("models/model.safetensors.part");
    (folder, target, part)
}

fn fetch(wanted: &Wanted<'_>, target: &Path) -> Result<(), PortError> {
    downloader().fetch(wanted, target, &mut |_| Flow::Continue)
}

#[track_caller]
fn refused(outcome: Result<(), PortError>, about: &str) {
    let sentence = outcome.unwrap_err().to_string();
    assert!(sentence.contains(about), "“{about}” is not in: {sentence}");
    assert!(sentence.matches(['.', '?']).count() >= 2, "no way out in: {sentence}");
}

#[test]
fn a_file_gets_its_name_when_it_is_whole() {
    let content = content();
    let served = content.clone();
    let hub = Hub::new(move |asked| given(&served, asked.from));
    let (_folder, target, part) = places();
    let mut told = Vec::new();
    downloader()
        .fetch(&wanted(&hub, &content), &target, &mut |have| {
            assert!(!target.exists(), "named before it is whole");
            told.push(have);
            Flow::Continue
        })
        .unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), content);
    assert!(!part.exists() && told.is_sorted() && told.last() == Some(&300_000));
    // A second time nothing is asked for.
    fetch(&wanted(&hub, &content), &target).unwrap();
    assert_eq!(hub.froms(), [0]);
}

#[test]
fn a_connection_that_is_cut_goes_on_where_it_stopped() {
    let content = content();
    let served = content.clone();
    let hub = Hub::new(move |asked| Answer { sent: 40_000, ..given(&served, asked.from) });
    let (_folder, target, _) = places();
    fetch(&wanted(&hub, &content), &target).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), content);
    let froms = hub.froms();
    assert!(froms.len() >= 8 && froms.is_sorted_by(|a, b| a < b), "{froms:?}");
}

#[test]
fn a_hub_that_falls_silent_is_asked_again() {
    let content = content();
    let served = content.clone();
    let hub = Hub::new(move |asked| match asked.nth {
        0 => Answer { sent: 100_000, silent: Some(Duration::from_secs(20)), ..given(&served, asked.from) },
        _ => given(&served, asked.from),
    });
    let (_folder, target, _) = places();
    let started = Instant::now();
    fetch(&wanted(&hub, &content), &target).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), content);
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(hub.froms().len(), 2);
}

#[test]
fn a_hub_without_ranges_begins_anew() {
    let content = content();
    let served = content.clone();
    let hub = Hub::new(move |asked| Answer { sent: if asked.nth < 3 { 50_000 } else { 300_000 }, ..given(&served, 0) });
    let (_folder, target, _) = places();
    fetch(&wanted(&hub, &content), &target).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), content);
}

#[test]
fn what_an_earlier_time_left_is_gone_on_with_whatever_it_is() {
    let content = content();
    for left in [&content[..123_456], &content[..], b"something else entirely", &[0; 400_000][..]] {
        let served = content.clone();
        let hub = Hub::new(move |asked| given(&served, asked.from));
        let (_folder, target, part) = places();
        std::fs::create_dir_all(part.parent().unwrap()).unwrap();
        std::fs::write(&part, left).unwrap();
        let first = fetch(&wanted(&hub, &content), &target);
        if left.starts_with(b"something") {
            // Found out at the end, and thrown away: the next time begins anew.
            refused(first, "not the file");
            fetch(&wanted(&hub, &content), &target).unwrap();
        }
        assert_eq!(std::fs::read(&target).unwrap(), content);
        assert!(hub.asked.lock().unwrap().iter().all(|(_, from)| *from <= left.len()));
    }
}

#[test]
fn a_tampered_file_is_never_accepted() {
    let content = content();
    let tampered: Vec<(&str, Vec<u8>)> = vec![
        (
            "one bit",
            content.iter().enumerate().map(|(at, byte)| if at == 299_999 { byte ^ 1 } else { *byte }).collect(),
        ),
        ("longer", [&content[..], b"x"].concat()),
        ("another", vec![0; 300_000]),
    ];
    for (how, tampered) in tampered {
        let hub = Hub::new(move |asked| given(&tampered, asked.from));
        let (_folder, target, part) = places();
        refused(fetch(&wanted(&hub, &content), &target), "not the file that was wanted");
        assert!(!target.exists() && !part.exists(), "{how}: something was kept");
    }
    // Too short is not whole, however often it is asked for.
    let short = content[..1000].to_vec();
    let hub = Hub::new(move |asked| given(&short, asked.from));
    let (_folder, target, _) = places();
    refused(fetch(&wanted(&hub, &content), &target), "nothing came any more");
    assert!(!target.exists());
}

#[test]
fn redirects_are_followed_to_safe_places_only() {
    let content = content();
    let served = content.clone();
    let hub = Hub::new(move |asked| match asked.path.as_str() {
        "/model.safetensors" => said("302 Found", "Location: /cdn/1\r\n"),
        "/cdn/1" => said("307 Temporary Redirect", "Location: /cdn/2\r\n"),
        _ => Answer { sent: 100_000, ..given(&served, asked.from) },
    });
    let (_folder, target, _) = places();
    fetch(&wanted(&hub, &content), &target).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), content);
    for (to, about) in
        [("http://hub.invalid/x", "https"), ("file:///etc/hostname", "https"), ("/model.safetensors", "nothing came")]
    {
        let hub = Hub::new(move |_| said("302 Found", &format!("Location: {to}\r\n")));
        let (_folder, target, _) = places();
        refused(fetch(&wanted(&hub, &content), &target), about);
        assert!(!target.exists());
    }
}

#[test]
fn refusals_are_told_and_passing_troubles_waited_out() {
    let content = content();
    for (status, about) in
        [("403 Forbidden", "to everybody"), ("404 Not Found", "no longer"), ("418 I'm a teapot", "did not give")]
    {
        let hub = Hub::new(move |_| said(status, ""));
        let (_folder, target, _) = places();
        refused(fetch(&wanted(&hub, &content), &target), about);
        assert_eq!(hub.froms().len(), 1, "{status} is not asked for again");
    }
    let served = content.clone();
    let hub = Hub::new(move |asked| match asked.nth {
        0 => said("503 Service Unavailable", ""),
        1 => said("429 Too Many Requests", ""),
        2 => Answer { sent: 1_000, ..given(&served, asked.from) },
        3 => said("416 Range Not Satisfiable", ""),
        4 => Answer {
            headers: "Content-Range: bytes 7-9/10\r\n".to_owned(),
            status: "206 Partial Content",
            ..given(&served, 0)
        },
        _ => given(&served, asked.from),
    });
    let (_folder, target, _) = places();
    fetch(&wanted(&hub, &content), &target).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), content);
    assert_eq!(hub.froms(), [0, 0, 0, 1_000, 0, 0]);
}

#[test]
fn stopping_keeps_what_is_there_and_two_at_once_do_not_mix() {
    let content = content();
    let served = content.clone();
    let hub = Hub::new(move |asked| given(&served, asked.from));
    let (_folder, target, part) = places();
    let file = wanted(&hub, &content);
    let stopped = downloader().fetch(&file, &target, &mut |have| {
        refused(fetch(&file, &target), "already");
        if have > 100_000 { Flow::Cancel } else { Flow::Continue }
    });
    assert_eq!(stopped, Err(PortError::Cancelled));
    assert!(!target.exists() && std::fs::metadata(&part).unwrap().len() > 100_000);
    fetch(&file, &target).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), content);
    assert!(hub.froms().last().is_some_and(|from| *from > 100_000));
}

#[test]
fn a_file_of_somebody_elses_is_left_alone() {
    let content = content();
    let hub = Hub::new(|_| said("500 Internal Server Error", ""));
    let (_folder, target, _) = places();
    std::fs::create_dir_all(target.parent().unwrap()).unwrap();
    std::fs::write(&target, "mine").unwrap();
    refused(fetch(&wanted(&hub, &content), &target), "is there already");
    assert_eq!(std::fs::read(&target).unwrap(), b"mine");
    assert!(hub.froms().is_empty());
}
