//! No door leads around the rules: what they refuse is made neither as a shot, nor through a screenplay, nor as a title.

mod support;

use kinora_policy::{Engine, Place, Profile, Request, Verdict};
use serde_json::Value;
use std::collections::BTreeSet;
use support::{Home, root, said, text};

/// Prompts of the evaluation set that the rules refuse, spread over the whole of it.
fn refused(count: usize) -> Vec<String> {
    let engine = Engine::shipped_with(Vec::new()).expect("the shipped rules");
    let nobody = BTreeSet::new();
    let path = root().join("crates/policy/evaluation/prompts.jsonl");
    let lines = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let prompts: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"))
        .filter_map(|line| line["text"].as_str().map(str::to_owned))
        // A screenplay's own marks would be read as such.
        .filter(|prompt| {
            prompt.is_ascii() && !prompt.contains(['[', ']', '*', '_', '/', '\\', '@', '#', '!', '>', '<', '~', '='])
        })
        .filter(|prompt| {
            let asked = Request { text: prompt, place: Place::Prompt, profile: Profile::Standard, consented: &nobody };
            engine.judge(&asked).verdict == Verdict::Refused
        })
        .collect();
    assert!(prompts.len() >= count, "only {} prompts are refused", prompts.len());
    let step = prompts.len() / count;
    prompts.into_iter().step_by(step.max(1)).take(count).collect()
}

#[test]
fn fifty_attempts_without_the_window_make_nothing() {
    let home = Home::new();
    let mut made = Vec::new();
    for (number, prompt) in refused(50).iter().enumerate() {
        let film = home.path("film.mp4");
        let output = if number % 2 == 0 {
            home.kinora().args(["shot", prompt, "-o", text(&film), "--seconds", "1"]).output()
        } else {
            let script = home.write("script.fountain", format!("EXT. MEADOW - DAY\n\n{prompt}\n"));
            let project = home.path(&format!("{number}.kinora"));
            home.kinora()
                .args(["film", text(&script), "-o", text(&film), "--size", "320x180", "--project", text(&project)])
                .output()
        };
        let output = output.expect("the binary runs");
        let told = said(&output).contains("cannot be made");
        if output.status.code() != Some(1) || film.exists() || !told {
            made.push(format!("{prompt}: {}", said(&output)));
        }
    }
    assert!(made.is_empty(), "{} of 50 were made:\n{}", made.len(), made.join("\n"));
}

#[test]
fn a_refused_title_leaves_no_file_and_says_how_to_write_it_instead() {
    let home = Home::new();
    let words = refused(1).remove(0);
    let script =
        home.write("title.fountain", format!("EXT. MEADOW - DAY\n\n[[shot: wide | 1s]]\n\nA ball.\n\n> {words} <\n"));
    let film = home.path("title.mp4");
    let told = home.problem(&["film", text(&script), "-o", text(&film), "--size", "320x180"]);
    assert!(told.contains("cannot be made") && !film.exists(), "{told}");
}
