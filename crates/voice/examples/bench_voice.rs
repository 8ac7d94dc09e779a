//! How fast the two voices speak: seconds of sound for each second of one processor. `cargo run -p kinora-voice --example bench_voice`.
//!
//! With a folder, the sentences are written there as WAV files, to be listened to. It prints nothing that it did not measure.
#![allow(clippy::print_stdout, reason = "it is a report")]

use kinora_ports::{Utterance, Voice};
use kinora_voice::{HibariVoice, PicoVoice, kept_by_setup};
use std::path::Path;
use std::time::Instant;

const LINES: [&str; 4] = [
    "Nobody knows where the lamp has gone.",
    "Is it winter yet? Ask the sky, and wait until it answers you.",
    "Dr. Smith met Mrs. Jones at 7:30 pm on March 3rd, and paid $9.99 for 10 kg of flour.",
    "The storm took the boats, the lighthouse and half of the harbour; we have nothing left but each other!",
];
/// Pitch in hertz and body in thousandths: low to high.
const PEOPLE: [(u32, u32); 4] = [(104, 830), (150, 920), (200, 1000), (267, 1090)];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = std::env::args_os().nth(1);
    let neural = kept_by_setup().ok_or("no cache folder: set HOME")?.join("hibari-0.2.1");
    let pico = std::env::temp_dir().join("kinora-bench-voice");
    let voices: [(&str, Box<dyn Voice>); 2] =
        [("hibari", Box::new(HibariVoice::new(&neural))), ("pico", Box::new(PicoVoice::new(&pico)))];
    for (name, voice) in voices {
        let say = |text: &str, (pitch_hertz, timbre_permille)| {
            voice.speak(&Utterance {
                text: text.to_owned(),
                language: "en-US".to_owned(),
                speaker: 0,
                pitch_hertz,
                timbre_permille,
                rate_permille: 1000,
                gain_millibels: 0,
            })
        };
        let started = Instant::now();
        say("Hello.", (200, 1000))?;
        let first = started.elapsed().as_secs_f64();
        let begun = processor_seconds();
        let mut heard = 0.0;
        for (line, text) in LINES.iter().enumerate() {
            for person in PEOPLE {
                let spoken = say(text, person)?;
                heard += spoken.sound.samples.len() as f64 / 48_000.0;
                if let Some(folder) = &out {
                    write(&Path::new(folder).join(format!("{name}-{line}-{}.wav", person.0)), &spoken.sound.samples)?;
                }
            }
        }
        let rate = heard / (processor_seconds() - begun);
        println!(r#"{{"what":"{name}: first word, its files read","value":{:.0},"unit":"ms"}}"#, first * 1000.0);
        println!(
            r#"{{"what":"{name}: {heard:.0} s of speech","value":{rate:.1},"unit":"× real time","aim":"≥ 10 ×"}}"#
        );
    }
    std::fs::remove_dir_all(&pico)?;
    Ok(())
}

/// Processor time of this process so far; on a shared machine the clock on the wall says little.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// 16 bits, one channel, 48 kHz.
fn write(path: &Path, samples: &[f32]) -> std::io::Result<()> {
    let sound: Vec<u8> =
        samples.iter().flat_map(|sample| ((sample.clamp(-1.0, 1.0) * 32_767.0) as i16).to_le_bytes()).collect();
    let length = u32::try_from(sound.len()).unwrap_or(u32::MAX);
    let head = [b"RIFF".to_vec(), (length + 36).to_le_bytes().to_vec(), b"WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec()];
    let rates = [48_000u32.to_le_bytes().to_vec(), 96_000u32.to_le_bytes().to_vec(), b"\x02\0\x10\0data".to_vec()];
    std::fs::write(path, [head.concat(), rates.concat(), length.to_le_bytes().to_vec(), sound].concat())
}
