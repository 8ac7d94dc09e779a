//! Small parts that know nothing of films: they take values and give clicks.

mod button;
mod dialog;
mod number;
mod problem;
mod ring;
mod split;
mod stepper;

pub use button::{ActionButton, Button, Icon, IconButton, Kind};
pub use dialog::{Dialog, Popover};
pub use number::{Number, Scale};
pub use problem::ProblemNote;
pub use ring::Ring;
pub use split::Split;
pub use stepper::{Field, Stepper};

/// "0:07", "12:30", "1:02:03".
pub fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// "about 3 min left"; empty when it is not known.
pub fn time_left(millis: Option<u64>) -> String {
    use crate::lang::tf;
    match millis.map(|millis| millis.div_ceil(1000)) {
        None => String::new(),
        Some(seconds) if seconds < 60 => tf("seconds-left", &[("n", &seconds.max(1))]),
        Some(seconds) if seconds < 5400 => tf("minutes-left", &[("n", &seconds.div_ceil(60))]),
        Some(seconds) => tf("hours-left", &[("n", &seconds.div_ceil(3600))]),
    }
}

/// "4.2 MB".
pub fn size_of(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_read_well() {
        assert_eq!(clock(7), "0:07");
        assert_eq!(clock(3723), "1:02:03");
        assert_eq!(size_of(4_260_000), "4.2 MB");
        assert_eq!(size_of(999), "1 kB");
        assert_eq!(time_left(None), "");
        assert!(time_left(Some(61_000)).contains('2'));
    }
}
