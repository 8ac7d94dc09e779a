//! What lies in the vault can be read by nobody who has only the disk, and not one byte of it can be changed unnoticed.

use kinora_document::CameoId;
use kinora_ports::vault::{Keeping, Passphrase, Place, Sealing};
use kinora_ports::{KeyKeeper, PortError, Vault, fakes};
use kinora_vault::{FolderVault, Keeper};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const CAMEO: CameoId = CameoId(0x00c0_ffee);
const WORDS: &str = "four words without sense";

fn keeper(folder: &Path) -> Arc<Keeper> {
    let keeper = Arc::new(Keeper::new(folder));
    keeper.decide(&Place::KeyFile).expect("a key file");
    keeper
}

fn vault(folder: &Path) -> FolderVault {
    FolderVault::new(folder, keeper(folder))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn rule(error: PortError) -> String {
    match error {
        PortError::Refused(refusal) => refusal.rule,
        other => panic!("not a refusal: {other}"),
    }
}

/// Bytes with no run of eight that comes twice, so that a find is a find.
fn recording(length: usize) -> Vec<u8> {
    let mut dice = fakes::Dice(7);
    (0..length / 8).flat_map(|_| dice.roll().to_le_bytes()).collect()
}

/// A recording of three hundred bytes under way, in as many pieces as hundreds.
fn three_pieces(folder: &Path) -> (FolderVault, Box<dyn Sealing>) {
    let vault = vault(folder);
    vault.create(CAMEO).expect("a key");
    let mut sealing = vault.sealing(CAMEO, "clip").expect("begun");
    for piece in [[1u8; 100], [2; 100], [3; 100]] {
        sealing.append(&piece).expect("sealed");
    }
    (vault, sealing)
}

#[test]
fn the_folder_passes_the_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(fakes::vault_contract(&vault(folder.path())), Ok(()));
}

#[test]
fn no_eight_bytes_of_a_recording_or_of_a_key_are_on_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("vault");
    let keeper = Arc::new(Keeper::new(&root));
    keeper.decide(&Place::Passphrase(Passphrase(WORDS.to_owned()))).expect("decided");
    let vault = FolderVault::new(&root, keeper.clone());
    vault.create(CAMEO).expect("a key");
    let plain = recording(300_000);
    vault.write(CAMEO, "clip", &plain).expect("sealed");
    let secret = *keeper.root().expect("the secret").bytes();
    let all: Vec<u8> = files(&root).iter().flat_map(|file| std::fs::read(file).expect("readable")).collect();
    assert!(all.len() > plain.len());
    let seen: std::collections::HashSet<&[u8]> = all.windows(8).collect();
    let found = plain.chunks(8).chain(secret.chunks(8)).filter(|run| seen.contains(run)).count();
    assert_eq!(found, 0, "of {} runs", plain.len() / 8 + 4);
    for text in [WORDS, "words"] {
        assert!(!all.windows(text.len()).any(|window| window == text.as_bytes()));
    }
}

#[test]
fn one_flipped_byte_anywhere_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = vault(folder.path());
    vault.create(CAMEO).expect("a key");
    vault.write(CAMEO, "clip", &recording(1_000)).expect("sealed");
    let home = folder.path().join("cameos").join(CAMEO.to_string());
    let mut tried = 0;
    for name in ["clip.sealed", "key"] {
        let path = home.join(name);
        let whole = std::fs::read(&path).expect("readable");
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            std::fs::write(&path, &changed).expect("written");
            let refused = vault.read(CAMEO, "clip").expect_err("refused");
            assert_eq!(rule(refused), "vault.changed", "byte {at} of {name}");
            tried += 1;
        }
        std::fs::write(&path, &whole).expect("written");
    }
    assert!(tried > 1_000 && vault.read(CAMEO, "clip").is_ok());
}

#[test]
fn cut_swapped_lengthened_and_exchanged_files_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (vault, sealing) = three_pieces(folder.path());
    sealing.finish().expect("whole");
    vault.write(CAMEO, "other", &[4; 300]).expect("sealed");
    let path = folder.path().join("cameos").join(CAMEO.to_string()).join("clip.sealed");
    let whole = std::fs::read(&path).expect("readable");
    // 27 bytes of header, three pieces of 120, the end of 20.
    assert_eq!(whole.len(), 27 + 3 * 120 + 20);
    let (header, pieces) = whole.split_at(27);
    let piece = |number: usize| &pieces[number * 120..(number + 1) * 120];
    let end = &pieces[360..];
    let other = std::fs::read(path.with_file_name("other.sealed")).expect("readable");
    let cases: [(&str, Vec<u8>); 8] = [
        ("without its end", whole[..whole.len() - 20].to_vec()),
        ("cut within a piece", whole[..200].to_vec()),
        ("without a piece", [header, piece(0), piece(2), end].concat()),
        ("with two pieces swapped", [header, piece(1), piece(0), piece(2), end].concat()),
        ("with a piece twice", [header, piece(0), piece(0), piece(1), piece(2), end].concat()),
        ("with more behind its end", [&whole[..], piece(0)].concat()),
        ("of another name", other),
        ("that is empty", Vec::new()),
    ];
    for (what, bytes) in cases {
        std::fs::write(&path, bytes).expect("written");
        assert_eq!(rule(vault.read(CAMEO, "clip").expect_err(what)), "vault.changed", "a file {what}");
    }
}

#[test]
fn a_torn_recording_gives_its_whole_pieces() {
    let folder = tempfile::tempdir().expect("a folder");
    let (vault, mut sealing) = three_pieces(folder.path());
    sealing.sync().expect("synced");
    drop(sealing);
    let path = folder.path().join("cameos").join(CAMEO.to_string()).join("clip.part");
    let all = std::fs::read(&path).expect("readable");
    for length in 27..=all.len() {
        std::fs::write(&path, &all[..length]).expect("written");
        let whole = (length - 27) / 120;
        assert_eq!(vault.read_torn(CAMEO, "clip").expect("readable").len(), whole * 100, "cut at {length}");
    }
}

#[test]
fn what_was_destroyed_does_not_open_although_its_files_are_put_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = vault(folder.path());
    vault.create(CAMEO).expect("a key");
    vault.write(CAMEO, "clip", &recording(1_000)).expect("sealed");
    let path = folder.path().join("cameos").join(CAMEO.to_string()).join("clip.sealed");
    let kept = std::fs::read(&path).expect("readable");
    let said = vault.destroy(CAMEO).expect("destroyed").join(" ");
    assert!(said.contains("key was destroyed") && said.contains("Flash disks") && said.contains("backup"), "{said}");
    assert!(!path.exists());
    vault.create(CAMEO).expect("a new key");
    std::fs::write(&path, kept).expect("put back");
    assert_eq!(rule(vault.read(CAMEO, "clip").expect_err("refused")), "vault.changed");
}

#[test]
fn a_passphrase_opens_and_a_wrong_one_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Keeper::new(folder.path());
    assert_eq!(
        rule(first.decide(&Place::Passphrase(Passphrase("short".to_owned()))).expect_err("short")),
        "keys.short"
    );
    first.decide(&Place::Passphrase(Passphrase(WORDS.to_owned()))).expect("decided");
    let secret = *first.root().expect("unlocked by deciding").bytes();
    let later = Keeper::new(folder.path());
    assert_eq!(later.keeping(), Keeping::Locked);
    assert_eq!(rule(later.root().expect_err("locked")), "keys.locked");
    assert_eq!(rule(later.unlock(&Passphrase("four words without".to_owned())).expect_err("wrong")), "keys.wrong");
    later.unlock(&Passphrase(WORDS.to_owned())).expect("right");
    assert_eq!(*later.root().expect("unlocked").bytes(), secret);
    assert_eq!(rule(later.decide(&Place::KeyFile).expect_err("decided already")), "keys.decided");
    assert!(!format!("{later:?}").contains(WORDS));
}

#[cfg(unix)]
#[test]
fn only_this_account_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("vault");
    let vault = vault(&root);
    vault.create(CAMEO).expect("a key");
    vault.write(CAMEO, "clip", b"x").expect("sealed");
    let _held = vault.hold().expect("held");
    for file in files(&root) {
        let mode = std::fs::metadata(&file).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.display());
    }
    for folder in [root.clone(), root.join("cameos"), root.join("cameos").join(CAMEO.to_string())] {
        let mode = std::fs::metadata(&folder).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o700, "{}", folder.display());
    }
}
