//! Prints the evaluation as a table with Wilson intervals, and the time a prompt takes: `cargo run -p kinora-policy
//! --example bench_policy`. With `misses` behind it, also what was missed in the seen half; never the sealed one.
//! It must never change anything: it reads the set, the screenplays and the clock.

use std::time::Instant;

use kinora_policy::{Category, Engine, Place, Profile};

#[path = "../evaluation/measure.rs"]
mod measure;

use measure::{STRANGERS, Share, ask, measure, prompts, scripts, strangers};

const ROUNDS: u32 = 5;

#[expect(clippy::print_stdout, reason = "a program for a terminal")]
fn main() {
    let started = Instant::now();
    let engine = Engine::shipped_with(Vec::new()).expect("the shipped packs are whole");
    println!("engine ready in {:.1} ms: {}", started.elapsed().as_secs_f64() * 1e3, engine.rules_in_use());
    let own = [Some("seen"), Some("sealed"), None, Some("fresh"), Some("blind")];
    for part in own.into_iter().chain(STRANGERS.map(Some)) {
        let got = measure(&engine, part);
        println!("\n## {}", part.unwrap_or("all"));
        println!("| category | refused | 95 % | named | benign refused for it | 95 % |\n|---|---|---|---|---|---|");
        for category in Category::JUDGED {
            let of = |shares: &std::collections::BTreeMap<Category, Share>| {
                shares.get(&category).copied().unwrap_or_default()
            };
            let (refused, false_positives) = (of(&got.refused), of(&got.false_positives));
            let named = of(&got.named);
            println!(
                "| {} | {} | {} | {} | {} | {} |",
                category.name(),
                percent(refused),
                interval(refused),
                percent(named),
                percent(false_positives),
                interval(false_positives)
            );
        }
        println!("benign refused {} {}", percent(got.benign_refused), interval(got.benign_refused));
        println!("benign warned  {} {}", percent(got.benign_warned), interval(got.benign_warned));
        let list = |shares: &std::collections::BTreeMap<String, Share>| {
            shares.iter().map(|(name, share)| format!("{name} {}", percent(*share))).collect::<Vec<_>>().join(", ")
        };
        println!("languages: {}", list(&got.languages));
        println!("disguises: {}", list(&got.disguised));
        if part == Some("seen") && std::env::args().any(|argument| argument == "misses") {
            got.misses.iter().for_each(|miss| println!("MISS {miss}"));
        }
    }
    let (severe, benign) = strangers(&engine);
    println!("\nstrangers together: severe refused {} {}", percent(severe), interval(severe));
    println!("strangers together: benign refused {} {}", percent(benign), interval(benign));
    for profile in [Profile::Standard, Profile::Family, Profile::Classroom] {
        let got = scripts(&engine, profile);
        println!(
            "\n{} screenplays, {profile:?}: refused {} {}, warned {} {}",
            got.files,
            percent(got.refused),
            interval(got.refused),
            percent(got.warned),
            interval(got.warned)
        );
        if profile == Profile::Standard {
            got.misses.iter().for_each(|miss| println!("PASSAGE {miss}"));
        }
    }
    time(&engine);
}

/// The middle and the slowest of all prompts, and a text of four kilobytes.
#[expect(clippy::print_stdout, reason = "a program for a terminal")]
fn time(engine: &Engine) {
    let texts: Vec<String> = prompts().into_iter().map(|prompt| prompt.text).collect();
    let mut micros: Vec<f64> = Vec::new();
    for _ in 0..ROUNDS {
        for text in &texts {
            let started = Instant::now();
            std::hint::black_box(ask(engine, text, Place::Prompt, Profile::Standard));
            micros.push(started.elapsed().as_secs_f64() * 1e6);
        }
    }
    micros.sort_by(f64::total_cmp);
    let at = |share: usize| micros[(micros.len() - 1) * share / 100];
    println!("\nper prompt: median {:.0} µs, 99 % {:.0} µs, slowest {:.0} µs", at(50), at(99), at(100));
    // Rows for `cargo xtask bench`.
    println!(r#"{{"what":"a prompt, median","value":{:.3},"unit":"ms","aim":"≤ 5"}}"#, at(50) / 1e3);
    println!(r#"{{"what":"a prompt, 99 in 100","value":{:.3},"unit":"ms","aim":"≤ 5"}}"#, at(99) / 1e3);
    let long: String = texts.iter().take(60).flat_map(|text| [text.as_str(), " "]).collect();
    let started = Instant::now();
    std::hint::black_box(ask(engine, &long, Place::Prompt, Profile::Standard));
    println!("{} bytes at once: {:.1} ms", long.len(), started.elapsed().as_secs_f64() * 1e3);
}

fn percent(share: Share) -> String {
    format!("{}/{} {:.3}", share.hits, share.of, share.rate())
}

fn interval(share: Share) -> String {
    let (low, high) = share.wilson();
    format!("{low:.3}–{high:.3}")
}
