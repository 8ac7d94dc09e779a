//! How long a script at the limit of 2 MiB takes to parse: a sample repeated, and the shapes that are hardest.
//! Prints one JSON line a figure for `cargo xtask bench screenplay`; the median of five runs.

#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "a bench prints its figures")]

use kinora_screenplay::{MAX_SCRIPT_BYTES, parse};
use std::time::Instant;

fn main() {
    let sample = include_str!("../../../examples/the-lighthouse-ball.fountain");
    let shapes =
        [("a sample repeated", sample), ("one line", "A"), ("open notes", "[["), ("one-word paragraphs", "A\n\n")];
    for (name, part) in shapes {
        let script = part.repeat(MAX_SCRIPT_BYTES / part.len());
        let mut millis: Vec<f64> = (0..5)
            .map(|_| {
                let started = Instant::now();
                let parsed = parse(&script);
                let took = started.elapsed().as_secs_f64() * 1000.0;
                assert!(!parsed.screenplay.elements.is_empty());
                took
            })
            .collect();
        millis.sort_by(f64::total_cmp);
        let median = millis.get(2).copied().unwrap_or_default();
        println!(r#"{{"what":"parse 2 MiB: {name}","value":{median:.1},"unit":"ms"}}"#);
    }
}
