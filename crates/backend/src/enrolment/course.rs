//! The course of an enrolment: which steps are asked for, what became of each, and what the record may say of it.
//!
//! Pure: chance comes in as a number, recordings are names. A step that is repeated keeps what it had until the new attempt was checked; a
//! step whose checks fail can be kept, and then the record says what was not found. Nothing here ever says more than was checked.

use super::judge::{Measured, findings, sentences};
use crate::problem::Trouble;
use kinora_api::{StepAsks, StepView};
use kinora_consent::Checks;

/// A person says them in one breath; a million of them are enough that nobody has the right ones recorded.
const DIGITS: usize = 6;
/// Somebody who needs more has a camera or a room in which it does not work.
pub const ATTEMPTS: u32 = 20;

/// How long a step is recorded.
pub const fn millis(asks: &StepAsks) -> u64 {
    match asks {
        StepAsks::Look => 3_000,
        StepAsks::TurnLeft | StepAsks::TurnRight => 4_000,
        StepAsks::Say(_) => 7_000,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub step: usize,
    pub number: u32,
    pub asks: StepAsks,
}

impl Attempt {
    /// Under which it lies sealed while it is recorded.
    pub fn name(&self) -> String {
        format!("step-{}-{}", self.step, self.number)
    }
    /// Under which it lies sealed once it was made whole.
    pub fn whole(&self) -> String {
        format!("{}.mp4", self.name())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    Recording,
    Checking,
}

#[derive(Clone, Debug)]
struct Step {
    asks: StepAsks,
    attempts: u32,
    kept: Option<(Attempt, Measured)>,
}

#[derive(Clone, Debug)]
pub struct Course {
    steps: Vec<Step>,
    now: Option<(Attempt, Busy)>,
}

impl Course {
    /// First a look into the camera, then turns and digits in an order that nobody could know before.
    pub fn new(random: u128) -> Self {
        let mut left = random;
        let mut below = |end: u128| {
            let value = left % end;
            left /= end;
            value as usize
        };
        let mut digits = String::new();
        let mut last = 10;
        for _ in 0..DIGITS {
            // No digit twice in a row: two of them run into each other when they are said.
            let digit = if last == 10 { below(10) } else { (last + 1 + below(9)) % 10 };
            digits.push(char::from(b'0' + digit as u8));
            last = digit;
        }
        let mut others = vec![StepAsks::TurnLeft, StepAsks::TurnRight, StepAsks::Say(digits)];
        let mut asked = vec![StepAsks::Look];
        while !others.is_empty() {
            asked.push(others.swap_remove(below(others.len() as u128)));
        }
        let steps = asked.into_iter().map(|asks| Step { asks, attempts: 0, kept: None }).collect();
        Self { steps, now: None }
    }

    pub fn now(&self) -> Option<(&Attempt, Busy)> {
        self.now.as_ref().map(|(attempt, busy)| (attempt, *busy))
    }

    /// One at a time.
    pub fn begin(&mut self, step: usize) -> Result<Attempt, Trouble> {
        if self.now.is_some() {
            let what = "A step is being recorded or checked.";
            return Err(Trouble::refuse("enrolment.busy", what, "Wait until it is done."));
        }
        let Some(found) = self.steps.get_mut(step) else {
            let what = "There is no such step in this enrolment.";
            return Err(Trouble::refuse("enrolment.step", what, "Choose one of the steps that are shown."));
        };
        if found.attempts >= ATTEMPTS {
            return Err(Trouble::refuse(
                "enrolment.attempts",
                format!("This step was recorded {ATTEMPTS} times."),
                "Close the camera and begin anew, with other light or another device.",
            ));
        }
        found.attempts += 1;
        let attempt = Attempt { step, number: found.attempts, asks: found.asks.clone() };
        self.now = Some((attempt.clone(), Busy::Recording));
        Ok(attempt)
    }

    pub fn recorded(&mut self, attempt: &Attempt) {
        if self.now.as_ref().is_some_and(|(now, _)| now == attempt) {
            self.now = Some((attempt.clone(), Busy::Checking));
        }
    }

    /// It takes the place of the one before.
    pub fn checked(&mut self, attempt: &Attempt, measured: Measured) {
        if self.now.take_if(|(now, _)| now == attempt).is_some()
            && let Some(step) = self.steps.get_mut(attempt.step)
        {
            step.kept = Some((attempt.clone(), measured));
        }
    }

    /// Nothing came of it; the one before stays.
    pub fn failed(&mut self, attempt: &Attempt) {
        self.now.take_if(|(now, _)| now == attempt);
    }

    pub fn is_complete(&self) -> bool {
        self.now.is_none() && self.steps.iter().all(|step| step.kept.is_some())
    }

    /// One for each step, in their order.
    pub fn kept(&self) -> Vec<Attempt> {
        self.steps.iter().filter_map(|step| step.kept.as_ref().map(|(attempt, _)| attempt.clone())).collect()
    }

    pub fn views(&self) -> Vec<StepView> {
        let view = |step: &Step| StepView {
            asks: step.asks.clone(),
            millis: millis(&step.asks),
            findings: step.kept.as_ref().map(|(_, measured)| findings(&step.asks, measured)).unwrap_or_default(),
            recorded: step.kept.is_some(),
            attempts: step.attempts,
        };
        self.steps.iter().map(view).collect()
    }

    /// What was checked, by which means, and what was not: for the record.
    pub fn checks(&self, means: &str) -> Checks {
        let mut checks = Checks::default();
        for (step, (attempt, measured)) in self.steps.iter().filter_map(|step| Some((step, step.kept.as_ref()?))) {
            let mut said = sentences(&step.asks, measured, means);
            if attempt.number > 1
                && let Some(first) = said.verified.first_mut()
            {
                first.push_str(&format!(" This step was recorded {} times.", attempt.number));
            }
            checks.verified.append(&mut said.verified);
            checks.not_verified.append(&mut said.not_verified);
        }
        checks.not_verified.extend(NEVER_CHECKED.iter().map(|text| (*text).to_owned()));
        checks
    }
}

const NEVER_CHECKED: [&str; 3] = [
    "That the person in the recording is the one who consents: nothing compares faces or voices.",
    "That a living person was before the camera, and no film of one: turning and speaking on demand makes it less likely, and proves nothing.",
    "That the face and the voice belong to the same person.",
];

#[cfg(test)]
mod tests {
    use super::*;
    use kinora_api::Finding;

    fn good() -> Measured {
        Measured {
            pictures: 16,
            with_face: 16,
            left_permille: 300,
            right_permille: 300,
            sharpness: 500,
            luma: 120,
            has_sound: true,
            spoken_millis: 3_000,
            stretches: 6,
            peak_permille: 400,
            ..Measured::default()
        }
    }

    #[test]
    fn what_is_asked_for_is_another_each_time_and_always_whole() {
        let (mut orders, mut all_digits) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
        for seed in 0..500u128 {
            let random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            let asked: Vec<StepAsks> = Course::new(random).views().into_iter().map(|view| view.asks).collect();
            assert_eq!(asked.len(), 4);
            assert_eq!(asked[0], StepAsks::Look);
            assert!(asked.contains(&StepAsks::TurnLeft) && asked.contains(&StepAsks::TurnRight));
            let digits = asked.iter().find_map(|asks| match asks {
                StepAsks::Say(digits) => Some(digits.clone()),
                _ => None,
            });
            let digits = digits.expect("digits");
            assert!(digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits}");
            assert!(digits.as_bytes().windows(2).all(|pair| pair[0] != pair[1]), "{digits}");
            orders.insert(asked.iter().map(std::mem::discriminant).map(|d| format!("{d:?}")).collect::<Vec<_>>());
            all_digits.insert(digits);
        }
        assert_eq!(orders.len(), 6, "every order");
        assert!(all_digits.len() > 480, "{}", all_digits.len());
    }

    #[test]
    fn one_step_at_a_time_and_a_repeated_one_keeps_what_it_had_until_it_is_checked() {
        let mut course = Course::new(7);
        let first = course.begin(0).expect("begins");
        assert_eq!(course.begin(1).unwrap_err().0.rule, "enrolment.busy");
        course.recorded(&first);
        assert_eq!(course.now().map(|(_, busy)| busy), Some(Busy::Checking));
        course.checked(&first, good());
        assert!(course.views()[0].recorded && !course.is_complete());
        // Again, and this time the camera is pulled out.
        let second = course.begin(0).expect("begins again");
        assert_ne!(first.name(), second.name());
        course.failed(&second);
        assert_eq!(course.kept(), std::slice::from_ref(&first));
        // Again, to its end.
        let third = course.begin(0).expect("begins again");
        course.recorded(&third);
        course.checked(&third, good());
        assert_eq!(course.kept(), std::slice::from_ref(&third));
        // News of an attempt that is over changes nothing.
        course.checked(&second, Measured::default());
        course.failed(&first);
        assert_eq!(course.kept(), [third]);
        assert_eq!(course.begin(4).unwrap_err().0.rule, "enrolment.step");
    }

    #[test]
    fn an_enrolment_is_whole_when_every_step_is_and_says_what_was_not_found() {
        let mut course = Course::new(99);
        for step in 0..4 {
            let attempt = course.begin(step).expect("begins");
            assert!(!course.is_complete());
            course.recorded(&attempt);
            let nothing = matches!(attempt.asks, StepAsks::TurnLeft);
            course.checked(&attempt, if nothing { Measured { left_permille: 0, ..good() } } else { good() });
        }
        assert!(course.is_complete());
        let findings: Vec<Finding> = course.views().into_iter().flat_map(|view| view.findings).collect();
        let doubts: Vec<&Finding> = findings.iter().filter(|finding| !finding.holds()).collect();
        assert_eq!(doubts, [&Finding::NotTurned]);
        let checks = course.checks("a detector");
        let (yes, no) = (checks.verified.join("\n"), checks.not_verified.join("\n"));
        assert!(yes.contains("a detector") && yes.matches("moved to that side").count() == 1, "{yes}");
        assert!(no.contains("to the left: that the face moved") && no.contains("Which digits were said"), "{no}");
        assert!(no.contains("nothing compares faces"), "{no}");
        // Nothing claims more than was checked.
        for claim in ["identity", "proved", "is the person", "living person was before the camera."] {
            assert!(!yes.contains(claim), "{yes}");
        }
    }

    #[test]
    fn nobody_repeats_a_step_for_ever() {
        let mut course = Course::new(1);
        for _ in 0..ATTEMPTS {
            let attempt = course.begin(0).expect("begins");
            course.failed(&attempt);
        }
        assert_eq!(course.begin(0).unwrap_err().0.rule, "enrolment.attempts");
    }
}
