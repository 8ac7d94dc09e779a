//! The files of a model come whole, agreed to, and from nowhere else: through twenty kills and a full disk, bit for bit.
//!
//! The real binary against a hub of this machine; the model is three small files with the headers of a real one.

mod support;

#[path = "../crates/remote/tests/hub/mod.rs"]
mod hub;

use hub::{Answer, Hub, given, said};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::Home;

/// A file with one tensor of so many bytes of noise.
fn safetensors(tensor: &str, bytes: usize, seed: u32) -> Vec<u8> {
    let header = format!(r#"{{"{tensor}":{{"dtype":"F16","shape":[{}],"data_offsets":[0,{bytes}]}}}}"#, bytes / 2);
    let mut state = seed;
    let noise = (0..bytes).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &noise.collect::<Vec<_>>()].concat()
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("transformer/model.safetensors", safetensors("transformer_blocks.0.attn1.to_q.weight", 900_000, 1)),
        ("vae/model.safetensors", safetensors("vae.decoder.conv_in.conv.weight", 300_000, 2)),
        ("text/model.safetensors", safetensors("encoder.block.0.layer.0.SelfAttention.q.weight", 500_000, 3)),
        ("text/spiece.model", b"not read here".to_vec()),
    ]
}

/// A home with the manifest of a model that lies at the hub.
fn home(hub: &Hub, change: impl Fn(&str) -> String) -> Home {
    let home = Home::new();
    let mut manifest =
        "name = \"stub\"\ntitle = \"A stub\"\nlicence = \"Stub licence 1.0\"\nfps = 24\nframe_counts = [9]\n\
         sizes = [[64, 32]]\n[ltx]\nblocks = 1\ndistilled = true\nsteps = 1\nguidance = 1.0\ncondition_noise = 0.0\n\
         decode_timestep = 0.0\ndecode_noise = 0.0\nwords = 8\n"
            .to_owned();
    for (path, bytes) in files() {
        let hash = blake3_of(&bytes);
        manifest.push_str(&format!(
            "[[downloads]]\npath = \"{path}\"\nurl = \"{}/{path}\"\nbytes = {}\nblake3 = \"{hash}\"\n",
            hub.root,
            bytes.len()
        ));
    }
    std::fs::create_dir_all(home.path("models/manifests")).expect("a folder");
    std::fs::write(home.path("models/manifests/stub.toml"), change(&manifest)).expect("a manifest");
    home
}

fn blake3_of(bytes: &[u8]) -> String {
    let hash = blake3::hash(bytes);
    hash.to_hex().to_string()
}

fn get(home: &Home, more: &[&str]) -> Command {
    let mut command = home.kinora();
    command.env("KINORA_MODELS", home.path("models")).args(["models", "--get", "stub"]).args(more);
    command.stdin(Stdio::null());
    command
}

fn target(home: &Home, path: &str) -> PathBuf {
    home.path("home/models/stub").join(path)
}

fn is_whole(home: &Home) -> bool {
    files().iter().all(|(path, bytes)| std::fs::read(target(home, path)).is_ok_and(|found| found == *bytes))
}

fn slow_hub(milliseconds: u64) -> Hub {
    Hub::new(move |asked| {
        std::thread::sleep(Duration::from_millis(milliseconds));
        let path = asked.path.trim_start_matches('/').to_owned();
        match files().into_iter().find(|(name, _)| *name == path) {
            Some((_, bytes)) => Answer { sent: 200_000, ..given(&bytes, asked.from) },
            None => said("404 Not Found", ""),
        }
    })
}

#[test]
fn nothing_is_downloaded_without_a_yes_to_size_and_licence() {
    let hub = slow_hub(0);
    let home = home(&hub, str::to_owned);
    let output = get(&home, &[]).output().expect("runs");
    let said = support::said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in ["Stub licence 1.0", "2 MB", "127.0.0.1", "--yes"] {
        assert!(said.contains(word), "“{word}” is not in: {said}");
    }
    assert!(hub.froms().is_empty(), "asked before the yes");
    assert!(!target(&home, "").exists());
    // The models that come with Kinora, or whose hashes nobody pinned, are not downloaded at all.
    for name in ["draft", "ltx-2b"] {
        let output = home.kinora().args(["models", "--get", name, "--yes"]).output().expect("runs");
        assert_eq!(output.status.code(), Some(1), "{name}: {}", support::said(&output));
    }
}

#[test]
fn a_download_killed_twenty_times_ends_bit_identical() {
    let hub = slow_hub(15);
    let home = home(&hub, str::to_owned);
    let started = Instant::now();
    let quiet = |command: &mut Command| command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().expect("starts");
    assert!(quiet(&mut get(&home, &["--yes"])).wait().expect("it ends").success());
    let whole = started.elapsed();
    std::fs::remove_dir_all(target(&home, "")).expect("begin anew");
    let mut kills = 0;
    for step in 0..200 {
        let mut child = quiet(&mut get(&home, &["--yes"]));
        // Spread over the time that a whole download takes, its second half twice as often.
        std::thread::sleep(whole * [5, 11, 13, 15, 17, 18, 19][step % 7] / 20);
        if child.try_wait().expect("a child").is_none() {
            child.kill().expect("a kill");
            kills += 1;
        }
        child.wait().expect("it ends");
        for (path, bytes) in files() {
            // A name is only ever given to the whole.
            if let Ok(found) = std::fs::read(target(&home, path)) {
                assert!(found == bytes, "after kill {kills}: {path}");
            }
        }
        if kills >= 20 {
            break;
        }
        if is_whole(&home) {
            std::fs::remove_dir_all(target(&home, "")).expect("begin anew");
        }
    }
    assert!(hub.froms().iter().filter(|from| **from > 0).count() > 5, "nothing was ever gone on with");
    assert!(kills >= 20, "only {kills} kills came in time");
    let output = get(&home, &["--yes", "--json"]).output().expect("runs");
    assert!(output.status.success(), "{}", support::said(&output));
    assert!(is_whole(&home));
    let models =
        home.kinora().env("KINORA_MODELS", home.path("models")).args(["models", "--json"]).output().expect("runs");
    let models: serde_json::Value = serde_json::from_slice(&models.stdout).expect("JSON");
    assert_eq!(models[0]["unavailable"], serde_json::Value::Null, "{models}");
    assert!(!target(&home, "transformer/model.safetensors.part").exists());
}

#[test]
fn a_tampered_mirror_and_odd_manifests_give_nothing() {
    let hub = Hub::new(|asked| {
        let path = asked.path.trim_start_matches('/').to_owned();
        let (_, mut bytes) = files().into_iter().find(|(name, _)| *name == path).expect("asked for by the manifest");
        bytes[200_000..200_010].fill(0);
        given(&bytes, asked.from)
    });
    let tampered = home(&hub, str::to_owned);
    let output = get(&tampered, &["--yes"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(support::said(&output).contains("not the file that was wanted"), "{}", support::said(&output));
    assert!(files().iter().all(|(path, _)| !target(&tampered, path).exists()));
    let changes: [&dyn Fn(&str) -> String; 4] = [
        &|manifest| manifest.replace("http://127.0.0.1", "http://hub.invalid"),
        &|manifest| manifest.replace("path = \"vae/", "path = \"../vae/"),
        &|manifest| manifest.replace("path = \"vae/model.safetensors", "path = \"vae/model.pt"),
        &|manifest| manifest.replace("bytes = 300", "bytes = 999999999999999"),
    ];
    for change in changes {
        let odd = home(&hub, change);
        let output = get(&odd, &["--yes"]).output().expect("runs");
        let said = support::said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(!said.contains("panicked") && said.matches(['.', '?']).count() >= 2, "{said}");
        assert!(!target(&odd, "").exists(), "{said}");
    }
}

/// With files limited to 200 kB; what was there before that stays and is gone on with.
#[cfg(unix)]
#[test]
fn a_full_disk_is_named_and_the_download_goes_on_later() {
    let hub = slow_hub(0);
    let home = home(&hub, str::to_owned);
    let limited = "trap '' XFSZ; ulimit -f 400; exec \"$@\"";
    let output = Command::new("sh")
        .args(["-c", limited, "sh", env!("CARGO_BIN_EXE_kinora"), "models", "--get", "stub", "--yes"])
        .env("KINORA_HOME", home.path("home"))
        .env("KINORA_MODELS", home.path("models"))
        .output()
        .expect("a shell runs");
    let said = support::said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("no room left"), "{said}");
    let part = target(&home, "transformer/model.safetensors.part");
    let kept = std::fs::metadata(&part).expect("what came is kept").len();
    assert!(kept > 100_000, "{kept}");
    let before = hub.froms().len();
    assert!(get(&home, &["--yes"]).status().expect("runs").success());
    assert!(is_whole(&home));
    assert_eq!(hub.froms().get(before).copied(), Some(kept as usize), "it went on where it stopped");
}
