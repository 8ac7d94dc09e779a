//! How much faster than time the mix is: 32 tracks for half an hour on one processor, plain and with everything switched on.
//!
//! `[minutes] [tracks]`; `cargo xtask bench mix` runs it. Sounds come from memory, so that nothing but the graph is measured.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

use kinora_backend::{Library, Mixer};
use kinora_document::plan::SoundPlan;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

#[path = "common/noise.rs"]
mod noise;

use noise::{Noise, RATE, plan};

/// As a device asks for it.
const BLOCK: usize = 512;

/// Time of this process on processors so far, where the system tells: on a machine that others use too, the clock says little.
fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Some(ticks / 100.0)
}

/// Film seconds for each second of one processor (of the clock, where the system does not tell), and the longest that one block took, in
/// milliseconds of the clock.
fn measure(plan: &SoundPlan) -> Result<(f64, f64), Box<dyn Error>> {
    let mut library = Library::new(Arc::new(Noise), Arc::new(Noise));
    let (mixer, problems) = Mixer::new(plan, &mut library);
    if let Some(problem) = problems.first() {
        return Err(problem.to_string().into());
    }
    let mut block = vec![0f32; BLOCK * 2];
    let (begun, worked, mut longest) = (Instant::now(), processor_seconds(), 0f64);
    for from in (0..mixer.length()).step_by(BLOCK) {
        let before = Instant::now();
        mixer.mix(from, &mut block);
        longest = longest.max(before.elapsed().as_secs_f64() * 1000.0);
    }
    let film = mixer.length() as f64 / f64::from(RATE);
    let work = processor_seconds().zip(worked).map(|(now, before)| now - before);
    Ok((film / work.unwrap_or_else(|| begun.elapsed().as_secs_f64()).max(0.01), longest))
}

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (minutes, tracks) = (numbers.first().copied().unwrap_or(30), numbers.get(1).copied().unwrap_or(32));
    for (what, busy) in [("plain", false), ("five bands and a compressor on each", true)] {
        let (speed, longest) = measure(&plan(minutes as i64, tracks, busy))?;
        println!("{tracks} tracks, {what}: the longest block of {BLOCK} took {longest:.2} ms");
        println!(
            r#"{{"what":"mix of {tracks} tracks for {minutes} min, {what}, one processor","value":{speed:.1},"unit":"× real time","aim":"≥ 20"}}"#
        );
    }
    Ok(())
}
