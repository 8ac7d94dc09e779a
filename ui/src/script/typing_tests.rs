//! Tab and Enter as a screenwriter presses them.

use super::*;
use proptest::prelude::*;

/// Applies a change; `|` is the caret in what goes in and comes out.
fn press(before: &str, change: impl Fn(&str, usize) -> Option<Change>) -> Option<String> {
    let caret = before.find('|').expect("a caret");
    let text = before.replace('|', "");
    let change = change(&text, caret)?;
    let mut after = text;
    after.replace_range(change.range, &change.insert);
    after.insert(change.caret, '|');
    Some(after)
}

fn tabbed(before: &str) -> String {
    press(before, |text, caret| tab(text, caret, false, false))
        .unwrap_or_else(|| panic!("Tab does nothing in {before:?}"))
}

#[test]
fn an_element_is_known_while_it_is_typed() {
    let kind = |text: &str| kind_at(text, text.len());
    assert_eq!(kind("INT. KITCHEN"), LineKind::Heading);
    assert_eq!(kind("ext. beach - day"), LineKind::Heading);
    assert_eq!(kind("INTO the dark."), LineKind::Action);
    assert_eq!(kind("EXT. A - DAY\n\nMARA"), LineKind::Character);
    assert_eq!(kind("EXT. A - DAY\n\nMARA (V.O.)"), LineKind::Character);
    assert_eq!(kind("EXT. A - DAY\n\nMARA\nHello"), LineKind::Dialogue);
    assert_eq!(kind("EXT. A - DAY\n\nMARA\n(softly"), LineKind::Parenthetical);
    assert_eq!(kind("EXT. A - DAY\n\nMARA\n(softly)\nHi"), LineKind::Dialogue);
    assert_eq!(kind("EXT. A - DAY\n\nA boat."), LineKind::Action);
    assert_eq!(kind("EXT. A - DAY\n\nCUT TO:"), LineKind::Transition);
    assert_eq!(kind("Title: A film\nAuthor: B"), LineKind::Title);
    assert_eq!(kind("EXT. A - DAY\n\n[[shot: wide]]"), LineKind::Note);
    assert_eq!(kind("EXT. A - DAY\n\n"), LineKind::Empty);
}

#[test]
fn enter_adds_one_line_end_and_asks_for_an_empty_line_where_one_belongs() {
    for (text, gap) in [
        ("EXT. BEACH - DAY", true),
        ("EXT. A - DAY\n\nA boat.", true),
        ("EXT. A - DAY\n\nMARA", false),
        ("EXT. A - DAY\n\nMARA\nHello.", true),
        ("EXT. A - DAY\n\nCUT TO:", true),
        ("EXT. A - DAY\n\n[[shot: wide]]", false),
        ("Title: A film", false),
        ("EXT. A - DAY\n", false),
    ] {
        let change = enter(text, text.len());
        assert_eq!((change.insert.as_str(), change.gap), ("\n", gap), "{text:?}");
    }
    let middle = enter("A boat. A ship.", 7);
    assert!(!middle.gap, "a paragraph that is cut in two is cut as it was typed");
}

#[test]
fn enter_leaves_the_brackets_of_a_parenthetical() {
    let after = press("EXT. A - DAY\n\nMARA\n(softly|)", |text, caret| Some(enter(text, caret)));
    assert_eq!(after.as_deref(), Some("EXT. A - DAY\n\nMARA\n(softly)\n|"));
}

#[test]
fn tab_on_an_empty_line_goes_through_the_elements_and_comes_back() {
    let mut text = "EXT. A - DAY\n\n|".to_owned();
    let capitals = std::cell::Cell::new(false);
    let mut seen = Vec::new();
    for _ in 0..CYCLE.len() {
        text = press(&text, |text, caret| {
            let change = tab(text, caret, false, capitals.get())?;
            capitals.set(change.capitals);
            Some(change)
        })
        .expect("a step");
        seen.push((text.trim_start_matches("EXT. A - DAY\n\n").to_owned(), capitals.get()));
    }
    let expected = [("|", true), ("INT. |", false), ("EXT. |", false), ("CUT TO:|", false), ("|", false)];
    assert_eq!(seen, expected.map(|(text, capitals)| (text.to_owned(), capitals)));
}

#[test]
fn tab_makes_a_cue_of_a_line_and_shift_tab_takes_it_back() {
    assert_eq!(tabbed("EXT. A - DAY\n\nmara|"), "EXT. A - DAY\n\nMARA|");
    let back = press("EXT. A - DAY\n\nMARA|", |text, caret| tab(text, caret, true, false));
    assert_eq!(back.as_deref(), Some("EXT. A - DAY\n\nMara|"));
}

#[test]
fn tab_after_a_cue_opens_brackets_and_tab_in_them_goes_on_to_the_words() {
    assert_eq!(tabbed("EXT. A - DAY\n\nMARA|"), "EXT. A - DAY\n\nMARA\n(|)");
    assert_eq!(tabbed("EXT. A - DAY\n\nMARA\n(softly|)"), "EXT. A - DAY\n\nMARA\n(softly)\n|");
    assert_eq!(tabbed("EXT. A - DAY\n\nMARA\n(|)"), "EXT. A - DAY\n\nMARA\n|");
    assert_eq!(tabbed("EXT. BEACH|"), "EXT. BEACH - |");
}

proptest! {
    // The same cases each time, so that a red run is about the change.
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_122), ..ProptestConfig::default() })]
    #[test]
    fn no_text_and_no_caret_breaks_them(text in "[A-Za-z().:@ \n\u{e4}\u{3042}\\[\\]>-]{0,80}", at in 0_usize..90) {
        let caret = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        for change in [Some(enter(&text, caret)), tab(&text, caret, false, false), tab(&text, caret, true, true)].into_iter().flatten() {
            let mut after = text.clone();
            prop_assert!(after.get(change.range.clone()).is_some());
            after.replace_range(change.range, &change.insert);
            prop_assert!(after.is_char_boundary(change.caret));
        }
    }
}
