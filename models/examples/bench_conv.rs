//! Times single convolutions of 3 × 3 (× taps): `name processor-seconds`, best of several runs. `models/tests/bench_conv_torch.py` prints
//! the same lines in torch; on a machine that others use too, run both with one thread, in turns (`RAYON_NUM_THREADS=1`).
//! Usage: bench_conv [WORD], where only lines with the word in their name are wanted. **Never here:** whole networks.
#![allow(clippy::print_stdout)]

use std::{fs, time::Instant};

use candle_core::{Device, Tensor};
use kinora_models::kernels::Conv2d;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The system counts in steps: so many groups of runs, of which the best counts.
const GROUPS: usize = 4;

/// Name, frames that one sees, channels in and out, frames, height, width, runs.
const LINES: &[(&str, [usize; 7])] = &[
    ("draft shared", [1, 192, 192, 1, 5, 8, 200]),
    ("draft split", [1, 192, 768, 1, 5, 8, 100]),
    ("draft level 0", [1, 192, 192, 4, 5, 8, 100]),
    ("draft up 0", [1, 192, 512, 4, 5, 8, 50]),
    ("draft level 1", [1, 128, 128, 4, 10, 16, 100]),
    ("draft up 1", [1, 128, 256, 4, 10, 16, 50]),
    ("draft level 2", [1, 64, 64, 4, 20, 32, 100]),
    ("draft expand", [1, 64, 256, 4, 20, 32, 50]),
    ("draft smooth", [1, 16, 16, 4, 80, 128, 50]),
    ("draft out", [1, 16, 3, 4, 80, 128, 50]),
    ("draft encode 240-64", [1, 240, 64, 13, 20, 32, 10]),
    ("draft encode 128", [1, 128, 128, 13, 10, 16, 20]),
    ("draft encode 192", [1, 192, 192, 13, 5, 8, 20]),
    ("plain 64", [1, 64, 64, 1, 144, 256, 20]),
    ("few 8", [1, 8, 8, 1, 80, 128, 50]),
    ("few 16-32", [1, 16, 32, 1, 80, 128, 50]),
    ("few 32-16", [1, 32, 16, 1, 80, 128, 50]),
    ("few 12", [1, 12, 12, 1, 80, 128, 50]),
    ("still 512", [1, 512, 512, 1, 7, 7, 20]),
    ("still 256", [1, 256, 256, 1, 14, 14, 20]),
    ("clip 1024", [3, 1024, 1024, 7, 10, 16, 1]),
    ("clip 512", [3, 512, 512, 13, 20, 32, 1]),
    ("clip 256", [3, 256, 256, 25, 40, 64, 1]),
    ("clip 128", [3, 128, 128, 49, 80, 128, 1]),
];

/// Processor time of all threads of this process, where the system tells; else the clock's.
fn busy(start: Instant) -> f64 {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return start.elapsed().as_secs_f64() };
    let of = |path: std::path::PathBuf| {
        let text = fs::read_to_string(path.join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    threads.filter_map(|t| of(t.ok()?.path())).sum::<f64>() / 1e9
}

fn main() -> Outcome<()> {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let start = Instant::now();
    for (name, [taps, channels, out, frames, h, w, runs]) in LINES.iter().copied() {
        if !name.contains(&wanted) {
            continue;
        }
        let random = |shape: &[usize]| Tensor::randn(0f32, 1.0, shape, &Device::Cpu);
        let conv = Conv2d::stacked(&random(&[out, channels, taps, 3, 3])?, &random(&[out])?, 1, 1)?;
        let x = random(&[frames, channels, h, w])?;
        let seen: Vec<_> = (0..frames * taps).map(|i| (i / taps + i % taps).checked_sub(taps - 1)).collect();
        conv.forward_seen(&x, taps, &seen)?;
        let mut least = f64::INFINITY;
        for _ in 0..GROUPS {
            let before = busy(start);
            for _ in 0..runs {
                conv.forward_seen(&x, taps, &seen)?;
            }
            least = least.min((busy(start) - before) / runs as f64);
        }
        let products = (frames * h * w * channels * out * taps * 9) as f64;
        println!("{name:<20} {least:.6} {:.1}", products / least / 1e9);
    }
    Ok(())
}
