//! Whether playback ever runs dry while takes are made: a film of many tracks plays on this machine's sound device, and the draft model
//! renders shot after shot meanwhile.
//!
//! `[seconds] [tracks]`; `cargo xtask bench playback` runs it. Without a device the silent clock takes the sound, and only the longest
//! block is worth something.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

#[path = "../../crates/backend/examples/common/noise.rs"]
mod noise;

use kinora_backend::{Library, Mixer};
use kinora_document::FrameSize;
use kinora_ports::engine::Order;
use kinora_ports::{Flow, Playing, Speaker};
use noise::{Noise, RATE, plan};
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const SIZE: FrameSize = FrameSize { width: 256, height: 144 };

/// Renders until told to stop. The number of takes made.
fn render(stop: &AtomicBool) -> Result<u64, String> {
    let engine = kinora::studio().map_err(|trouble| trouble.to_string())?.tools.engine;
    let model = engine.catalogue().into_iter().next().ok_or("no engine")?;
    let size = model.sizes.first().copied().unwrap_or(SIZE);
    let mut made = 0;
    while !stop.load(Ordering::Relaxed) {
        let order = Order {
            model: model.name.clone(),
            prompt: "A red ball bounces on a beach at sunset.".to_owned(),
            negative: String::new(),
            seed: made,
            size,
            frames: 49,
            steps: None,
            guidance_permille: None,
            keyframes: Vec::new(),
            preceding: Vec::new(),
            references: Vec::new(),
            cameos: Vec::new(),
        };
        let watch = &mut |_| if stop.load(Ordering::Relaxed) { Flow::Cancel } else { Flow::Continue };
        match engine.render(&order, None, watch) {
            Ok(_) => made += 1,
            Err(_) if stop.load(Ordering::Relaxed) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(made)
}

/// A device that was asleep may take so long to play: what is measured begins after it.
const WAKING: Duration = Duration::from_secs(5);

/// How far the sound is behind the wall clock at the end, and the longest time it stood still, both once the device is awake.
fn watch(playing: &dyn Playing, long: Duration) -> (Duration, Duration) {
    std::thread::sleep(WAKING);
    let begun = Instant::now();
    let (mut first, mut seen, mut stood) = (None, (0, Instant::now()), Duration::ZERO);
    while begun.elapsed() < long {
        std::thread::sleep(Duration::from_millis(5));
        let (position, now) = (playing.position_samples(), Instant::now());
        if position > seen.0 {
            stood = stood.max(if first.is_some() { now - seen.1 } else { Duration::ZERO });
            first.get_or_insert((position, now));
            seen = (position, now);
        }
    }
    let behind = first.map_or(long, |(position, at)| {
        let heard = Duration::from_secs_f64((seen.0 - position) as f64 / f64::from(RATE));
        (seen.1 - at).saturating_sub(heard)
    });
    (behind, stood)
}

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (seconds, tracks) = (numbers.first().copied().unwrap_or(20), numbers.get(1).copied().unwrap_or(32));
    let minutes = seconds.div_ceil(60).max(1) as i64;
    let mut library = Library::new(Arc::new(Noise), Arc::new(Noise));
    let (mixer, _) = Mixer::new(&plan(minutes, tracks as usize, true), &mut library);
    let stop = Arc::new(AtomicBool::new(false));
    let rendering = {
        let stop = stop.clone();
        std::thread::spawn(move || render(&stop))
    };
    // Blocks that took longer than they last, and the longest, in microseconds for each millisecond of sound.
    let (late, worst) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (late_here, worst_here) = (late.clone(), worst.clone());
    let mut at = 0i64;
    let playing = kinora_media::CpalSpeaker::new().play(Box::new(move |block| {
        let begun = Instant::now();
        mixer.mix(at, block);
        let frames = block.len() / 2;
        at += frames as i64;
        let lasts = frames as f64 / f64::from(RATE);
        let share = begun.elapsed().as_secs_f64() / lasts.max(1e-9);
        late_here.fetch_add(u64::from(share > 1.0), Ordering::Relaxed);
        worst_here.fetch_max((share * 1000.0) as u64, Ordering::Relaxed);
    }))?;
    let (behind, stood) = watch(playing.as_ref(), Duration::from_secs(seconds));
    let (device, gaps, heard) = (playing.device_name().to_owned(), playing.gaps(), playing.position_samples());
    drop(playing);
    stop.store(true, Ordering::Relaxed);
    let made = rendering.join().map_err(|_| "rendering panicked")??;
    println!(
        "{tracks} tracks for {seconds} s on “{device}” while {made} takes were made: {} s heard, {} blocks late, the slowest took {:.2} of its time; \
         {:.0} ms behind the wall clock at the end, stood still for {:.0} ms at most",
        heard / i64::from(RATE),
        late.load(Ordering::Relaxed),
        worst.load(Ordering::Relaxed) as f64 / 1000.0,
        behind.as_secs_f64() * 1000.0,
        stood.as_secs_f64() * 1000.0,
    );
    println!(
        r#"{{"what":"playback of {tracks} tracks for {seconds} s while takes are made: times the device ran dry","value":{gaps},"unit":"","aim":"0"}}"#
    );
    Ok(())
}
