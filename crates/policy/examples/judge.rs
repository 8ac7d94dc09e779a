//! Judges lines from standard input, one prompt each, and prints the verdict with every finding: a bench for who writes packs.
//! `echo "A killer whale jumps." | cargo run -p kinora-policy --example judge`. The profile is the standard one.
//! It must never be how the studio asks: that is one call of `Engine::judge`.

use std::collections::BTreeSet;
use std::io::BufRead as _;

use kinora_policy::{Engine, Place, Profile, Request};

#[expect(clippy::print_stdout, reason = "a program for a terminal")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Engine::shipped_with(Vec::new())?;
    let nobody = BTreeSet::new();
    for line in std::io::stdin().lock().lines() {
        let text = line?;
        let request = Request { text: &text, place: Place::Prompt, profile: Profile::Standard, consented: &nobody };
        let judgement = engine.judge(&request);
        println!("{:?}: {text}", judgement.verdict);
        for finding in judgement.findings {
            let words = text.get(finding.span.clone()).unwrap_or_default();
            println!("    {:?} {} [{words}] {} {}", finding.effect, finding.rule, finding.reason, finding.rephrase);
        }
    }
    Ok(())
}
