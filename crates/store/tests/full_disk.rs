//! A full disk: the edit is refused politely, the film stays open as it was, and goes on when there is room again.
//!
//! Rehearsed at every byte of room on the simulated disk, and on a real one: a tmpfs of a megabyte in a mount namespace of a child's own.
//! Where the system grants no such namespace, a limit on file size stands in for it, so that a real kernel always says no.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use common::{Writer, assert_polite, empty_film, replayed};
use kinora_ports::fakes::SimulatedDisk;
use kinora_ports::store::Edit;
use kinora_ports::{Blobs, ProjectStore};
use kinora_store::{FolderBlobs, Ledger, ProjectFolder, bundle, unbundle};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

fn simulated() {
    let mut refused = 0;
    for room in (0..3_000).step_by(7) {
        let disk = Arc::new(SimulatedDisk::new());
        let film = empty_film();
        let mut ledger = Ledger::create(disk.clone(), &film).unwrap();
        let blobs = FolderBlobs::open(disk.clone(), Path::new("")).unwrap();
        disk.set_quota(Some(disk.used() + room));
        let mut writer = Writer::new(film.clone(), 0, room as u64);
        let mut edits: Vec<Edit> = Vec::new();
        let waiting = loop {
            let edit = writer.edit();
            match ledger.append(&edit) {
                Ok(()) => edits.push(edit),
                Err(error) => {
                    assert_polite(&error);
                    assert!(error.to_string().contains("full"), "{error}");
                    break edit;
                }
            }
        };
        let picture = blobs.put(&vec![1; room + 1]).unwrap_err();
        assert!(picture.to_string().contains("full"), "{picture}");
        // Still full: refused again, and nothing of it stays.
        assert!(ledger.append(&waiting).is_err());
        assert_eq!(Ledger::open(disk.clone()).unwrap().1.edits, edits);
        disk.set_quota(None);
        ledger.append(&waiting).unwrap();
        blobs.put(&vec![1; room + 1]).unwrap();
        edits.push(waiting);
        disk.power_cut(room as u64);
        let (_, loaded) = Ledger::open(disk.clone()).unwrap();
        assert_eq!((loaded.replay(), &loaded.edits), ((replayed(&film, &edits), None), &edits));
        refused += 1;
    }
    println!("a_full_disk_is_refused_politely ... ok: {refused} simulated disks");
}

/// The same disk, when nobody may write to it: even whoever may everything is told so, and the film can still be looked at.
fn read_only(root: &Path) {
    let mounted = std::process::Command::new("mount").args(["-o", "remount,ro"]).arg(root).status().unwrap();
    assert!(mounted.success());
    assert_polite(&ProjectFolder::open(&root.join("Film.kinora")).unwrap_err());
    assert_polite(&ProjectFolder::create(&root.join("Other.kinora"), &empty_film()).unwrap_err());
    assert_polite(&bundle(&root.join("Film.kinora"), &root.join("Film.zip")).unwrap_err());
    assert_eq!(kinora_store::check(&root.join("Film.kinora")).unwrap().problems, Vec::<String>::new());
}

/// In the child: edits until the disk refuses, makes room, and goes on.
fn child(root: &Path, limit: &str) {
    let project = ProjectFolder::create(&root.join("Film.kinora"), &empty_film()).unwrap();
    let filler = root.join("filler");
    if limit == "tmpfs" {
        // What is left is less than one picture.
        std::fs::write(&filler, vec![0; 400 << 10]).unwrap();
    }
    let mut writer = Writer::new(empty_film(), 0, 11);
    let mut pictures = 0u32;
    let refused = loop {
        let edit = writer.edit();
        if let Err(error) = project.append(&edit, &writer.film) {
            break (edit, error);
        }
        pictures += u32::from(project.blobs().put(&vec![writer.sequence as u8; 3000]).is_ok());
        assert!(writer.sequence < 20_000, "the disk is never full");
    };
    assert_polite(&refused.1);
    let before = refused.0.sequence - 1;
    assert!(project.append(&refused.0, &writer.film).is_err());
    if limit == "tmpfs" {
        assert!(refused.1.to_string().contains("full"), "{}", refused.1);
        assert!(project.blobs().put(&vec![9; 900 << 10]).unwrap_err().to_string().contains("full"));
        std::fs::remove_file(&filler).unwrap();
        project.append(&refused.0, &writer.film).expect("there is room again");
    }
    drop(project);
    let (project, opened) = ProjectFolder::open(&root.join("Film.kinora")).expect("it opens on a disk that was full");
    let edits = opened.edits.len() as u64;
    assert_eq!(edits, if limit == "tmpfs" { before + 1 } else { before });
    assert_eq!(opened.film, replayed(&opened.beginning, &opened.edits));
    drop(project);
    if limit == "tmpfs" {
        // A bundle, and a film unpacked from one, have no room: refused, and nothing of them stays.
        let outside = Path::new(&std::env::var("KINORA_OUTSIDE").unwrap()).join("Film.zip");
        bundle(&root.join("Film.kinora"), &outside).unwrap();
        let mut left = std::fs::File::create(&filler).unwrap();
        while left.write_all(&[0; 4096]).is_ok() {}
        drop(left);
        assert_polite(&bundle(&root.join("Film.kinora"), &root.join("Film.zip")).unwrap_err());
        assert_polite(&unbundle(&outside, &root.join("Again.kinora")).unwrap_err());
        let mut names: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["Film.kinora", "filler"]);
        read_only(root);
    }
    println!(
        "a_real_full_disk_is_refused_politely ... ok: {limit}, {before} edits and {pictures} pictures until it was full"
    );
}

#[cfg(unix)]
fn real() {
    let folder = tempfile::tempdir().unwrap();
    let mount = folder.path().join("small");
    std::fs::create_dir(&mount).unwrap();
    let mine = std::env::current_exe().unwrap();
    let run = |script: &str, limit: &str| {
        std::process::Command::new("sh")
            .args(["-c", script])
            .arg(&mine)
            .args([mount.as_os_str(), limit.as_ref()])
            .env("KINORA_OUTSIDE", folder.path())
            .status()
            .unwrap()
    };
    let may_mount = cfg!(target_os = "linux")
        && run("unshare -rm mount -t tmpfs -o size=1500k kinora \"$1\" 2>/dev/null", "").success();
    let status = if may_mount {
        run(
            "unshare -rm sh -c 'mount -t tmpfs -o size=1500k kinora \"$1\" && exec \"$0\" --child \"$1\" \"$2\"' \"$0\" \"$1\" \"$2\"",
            "tmpfs",
        )
    } else {
        // The signal that would end the process is ignored, as a full disk sends none.
        run("trap '' XFSZ; ulimit -f 1200; exec \"$0\" --child \"$1\" \"$2\"", "file size")
    };
    assert!(status.success(), "{status}");
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, root, limit] = arguments.as_slice()
        && flag == "--child"
    {
        return child(Path::new(root), limit);
    }
    let promise = |name: &str, check: fn()| {
        libtest_mimic::Trial::test(name, move || {
            check();
            Ok(())
        })
    };
    let promises = vec![
        promise("a_full_disk_is_refused_politely", simulated),
        #[cfg(unix)]
        promise("a_real_full_disk_is_refused_politely", real),
    ];
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), promises).exit();
}
