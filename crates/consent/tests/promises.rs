//! What a ledger promises: whoever edits, reorders, cuts or replays one is found out, and named with line and reason; and only a whole one
//! that allows a use gives the proof of it.

use kinora_consent::{Ask, Checks, Consent, Damage, Denied, DeviceKey, Entry, Head, Heads, Ledger, SignedConsent, Why};
use kinora_document::{Audience, BlobHash, CameoId, CameoKind, CameoUse, NamedPerson, Purpose, Terms};
use std::collections::BTreeSet;

const CAMEO: CameoId = CameoId(7);
const DAY: i64 = 86_400_000;
const NOW: i64 = 20_000 * DAY;

fn key(number: u8) -> DeviceKey {
    DeviceKey::from_secret(&[number; 32])
}

fn terms(audience: Audience, until: Option<i64>) -> Terms {
    Terms {
        purposes: BTreeSet::from([Purpose::Story]),
        restrictions: "No smoking.".to_owned(),
        audience,
        until_millis: until,
    }
}

fn consent(by: &DeviceKey, audience: Audience, at: i64, until: Option<i64>) -> SignedConsent {
    let said = Consent::new(
        CAMEO,
        CameoKind::Person,
        ("Ada", "Ada"),
        by.public(),
        vec![BlobHash([9; 32])],
        terms(audience, until),
        at,
        Checks::default(),
        None,
    );
    SignedConsent::sign(said, by).expect("a sound consent")
}

fn using(consent: &SignedConsent) -> CameoUse {
    CameoUse { cameo: CAMEO, consent: consent.hash(), purpose: Purpose::Story }
}

fn used(consent: &SignedConsent, number: u8) -> Entry {
    Entry::Used {
        consent: consent.hash(),
        take: BlobHash([number; 32]),
        film: "Film".to_owned(),
        shot: format!("1.{number}"),
    }
}

/// A record of six lines, as text, with its ledger.
fn record(by: &DeviceKey) -> (String, Ledger, SignedConsent) {
    let first = consent(by, Audience::OnlyMe, NOW, None);
    let second = consent(by, Audience::OnlyMe, NOW + DAY, Some(NOW + 9 * DAY));
    let entries = [
        Entry::Given { consent: first.clone() },
        used(&first, 1),
        Entry::Revoked { consent: first.hash() },
        Entry::Given { consent: second.clone() },
        used(&second, 2),
        used(&second, 3),
    ];
    let mut ledger = Ledger::new(CAMEO, by.public());
    let mut text = String::new();
    for (number, entry) in entries.into_iter().enumerate() {
        let (line, after) = ledger.with(entry, NOW + number as i64 * DAY / 2, by).expect("each may follow");
        text.push_str(&line);
        ledger = after;
    }
    (text, ledger, second)
}

fn read(text: &[u8], by: &DeviceKey, head: &Head) -> Result<Ledger, Damage> {
    Ledger::read(text, CAMEO, by.public(), Some(head))
}

fn ask(using: CameoUse, who: &DeviceKey, now: i64) -> Ask {
    Ask { using, who: who.public(), now_millis: now }
}

#[test]
fn what_was_written_is_read_back_and_allows_what_it_says() {
    let me = key(1);
    let (text, ledger, standing) = record(&me);
    let read = read(text.as_bytes(), &me, &ledger.head()).expect("whole");
    assert_eq!((read.head(), read.bytes()), (ledger.head(), text.len()));
    assert_eq!(read.consents().len(), 2);
    assert_eq!(read.used().len(), 3);
    let proof = read.permit(&ask(using(&standing), &me, NOW + 3 * DAY)).expect("allowed");
    assert_eq!((proof.using(), proof.name()), (using(&standing), "Ada"));
}

#[test]
fn every_flipped_byte_is_found_in_its_own_line() {
    let me = key(1);
    let (text, ledger, _) = record(&me);
    let mut line = 1;
    for (at, byte) in text.bytes().enumerate() {
        let flip = 1u8 << (at % 8);
        let mut bytes = text.clone().into_bytes();
        bytes[at] = byte ^ flip;
        match read(&bytes, &me, &ledger.head()) {
            Err(damage) => assert_eq!(damage.line, line, "byte {at} with {flip:02x}: {damage}"),
            Ok(_) => panic!("byte {at} of line {line} was flipped with {flip:02x} and nobody noticed"),
        }
        line += usize::from(byte == b'\n');
    }
}

#[test]
fn reordered_cut_repeated_and_older_records_are_named_with_line_and_reason() {
    let me = key(1);
    let (text, ledger, _) = record(&me);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let head = ledger.head();
    let with = |lines: Vec<&str>| read(lines.concat().as_bytes(), &me, &head).expect_err("found");
    let mut swapped = lines.clone();
    swapped.swap(2, 4);
    assert_eq!(with(swapped), Damage { line: 3, why: Why::Link });
    let mut without = lines.clone();
    without.remove(2);
    assert_eq!(with(without), Damage { line: 3, why: Why::Link });
    let mut repeated = lines.clone();
    repeated.insert(2, lines[1]);
    assert_eq!(with(repeated), Damage { line: 3, why: Why::Link });
    // The end is what hides a revocation: cut, it is missed because the head is kept apart.
    assert_eq!(with(lines[..5].to_vec()), Damage { line: 6, why: Why::Cut });
    assert_eq!(with(lines[..2].to_vec()), Damage { line: 3, why: Why::Cut });
    assert_eq!(with(Vec::new()), Damage { line: 1, why: Why::Cut });
    // Another end, properly signed by this very machine, is not the one that was written last.
    let before = read(lines[..5].concat().as_bytes(), &me, &Head { lines: 0, link: BlobHash([0; 32]) }).expect("whole");
    let other = before.current().map(|standing| Entry::Revoked { consent: standing.hash }).expect("a consent");
    let (line, _) = before.with(other, NOW + 4 * DAY, &me).expect("it may follow");
    let mut replaced = lines[..5].to_vec();
    replaced.push(&line);
    assert_eq!(with(replaced), Damage { line: 6, why: Why::Replaced });
}

#[test]
fn a_record_of_another_machine_or_another_cameo_is_not_believed() {
    let (me, other) = (key(1), key(2));
    let (text, ledger, _) = record(&other);
    let damage = read(text.as_bytes(), &me, &ledger.head()).expect_err("found");
    assert_eq!(damage, Damage { line: 1, why: Why::Signature });
    let (text, _, _) = record(&me);
    let damage = Ledger::read(text.as_bytes(), CameoId(8), me.public(), None).expect_err("found");
    assert_eq!(damage, Damage { line: 1, why: Why::Signature });
}

#[test]
fn half_a_line_that_was_never_acknowledged_is_left_out_and_whole_ones_count() {
    let me = key(1);
    let (text, ledger, _) = record(&me);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let four = read(lines[..4].concat().as_bytes(), &me, &Head { lines: 0, link: BlobHash([0; 32]) }).expect("whole");
    // Killed between the line and the head: the line counts.
    assert_eq!(read(text.as_bytes(), &me, &four.head()).expect("whole").head(), ledger.head());
    // Killed within the line: it does not.
    let torn = [lines[..4].concat(), lines[4][..60].to_owned()].concat();
    let mended = read(torn.as_bytes(), &me, &four.head()).expect("whole but for the end");
    assert_eq!((mended.head(), mended.bytes()), (four.head(), lines[..4].concat().len()));
}

#[test]
fn missing_expired_revoked_replaced_wrong_person_and_wrong_purpose_are_refused() {
    let (me, friend, stranger) = (key(1), key(2), key(3));
    let (text, ledger, standing) = record(&me);
    let ledger = read(text.as_bytes(), &me, &ledger.head()).expect("whole");
    let good = using(&standing);
    let refused =
        |using: CameoUse, who: &DeviceKey, now: i64| ledger.permit(&ask(using, who, now)).expect_err("refused");
    assert_eq!(refused(CameoUse { consent: BlobHash([1; 32]), ..good }, &me, NOW), Denied::Missing);
    assert_eq!(refused(CameoUse { cameo: CameoId(8), ..good }, &me, NOW), Denied::Missing);
    let first = ledger.consents()[0].hash;
    assert!(matches!(refused(CameoUse { consent: first, ..good }, &me, NOW), Denied::Revoked { .. }));
    assert!(matches!(refused(good, &me, NOW + 9 * DAY), Denied::Expired { .. }));
    assert!(matches!(refused(good, &stranger, NOW), Denied::WrongPerson { .. }));
    let selling = CameoUse { purpose: Purpose::Advertising, ..good };
    assert!(matches!(refused(selling, &me, NOW), Denied::WrongPurpose { .. }));
    // A newer consent takes the place of the one before it, also for who would rather have that one.
    let newer = consent(&me, Audience::OnlyMe, NOW + 5 * DAY, None);
    let (_, after) = ledger.with(Entry::Given { consent: newer }, NOW + 5 * DAY, &me).expect("it may follow");
    assert!(matches!(after.permit(&ask(good, &me, NOW)).expect_err("refused"), Denied::Replaced { .. }));
    // A file for one friend does nothing for another.
    let people = Audience::People(vec![NamedPerson { name: "Bo".to_owned(), key: friend.public() }]);
    let file = consent(&me, people, NOW, None);
    let take = |by: &DeviceKey| Ledger::new(CAMEO, by.public()).with(Entry::Taken { consent: file.clone() }, NOW, by);
    assert!(take(&friend).is_ok());
    assert!(matches!(take(&stranger).expect_err("refused"), Denied::WrongPerson { .. }));
    // And nobody passes off somebody else's consent as their own.
    let own = Ledger::new(CAMEO, friend.public()).with(Entry::Given { consent: file.clone() }, NOW, &friend);
    assert!(matches!(own.expect_err("refused"), Denied::WrongPerson { .. }));
}

#[test]
fn a_consent_that_was_taken_back_cannot_be_brought_in_again() {
    let (me, friend) = (key(1), key(2));
    let file = consent(&me, Audience::Anyone, NOW, None);
    let older = consent(&me, Audience::Anyone, NOW - DAY, None);
    let ledger = Ledger::new(CAMEO, friend.public());
    let (_, ledger) = ledger.with(Entry::Taken { consent: file.clone() }, NOW, &friend).expect("taken");
    let (_, ledger) = ledger.with(Entry::Revoked { consent: file.hash() }, NOW, &friend).expect("revoked");
    for again in [file.clone(), older] {
        let replayed = ledger.with(Entry::Taken { consent: again }, NOW + DAY, &friend);
        assert_eq!(replayed.expect_err("refused"), Denied::Replayed);
    }
    let other = consent(&key(3), Audience::Anyone, NOW + DAY, None);
    let refused = ledger.with(Entry::Taken { consent: other }, NOW + DAY, &friend).expect_err("refused");
    assert!(matches!(refused, Denied::WrongPerson { .. }), "somebody else speaks for the subject: {refused}");
}

#[test]
fn a_clock_moved_back_wins_nothing() {
    let me = key(1);
    let (_, ledger, standing) = record(&me);
    let (_, late) = ledger.with(used(&standing, 4), NOW + 9 * DAY, &me).expect("the ledger only notes it");
    let refused = late.permit(&ask(using(&standing), &me, NOW)).expect_err("refused");
    assert!(matches!(refused, Denied::Expired { .. }));
    // And what is written then keeps the later time.
    let (_, later) = late.with(used(&standing, 5), NOW, &me).expect("noted");
    assert_eq!(later.latest_millis(), NOW + 9 * DAY);
}

#[test]
fn a_consent_file_with_any_field_changed_is_no_consent() {
    let me = key(1);
    let file = consent(&me, Audience::OnlyMe, NOW, Some(NOW + DAY)).write();
    assert!(SignedConsent::read(file.as_bytes()).is_ok());
    for (what, instead) in [
        ("Ada", "Eve"),
        ("only_me", "anyone"),
        ("story", "advertising"),
        ("No smoking.", ""),
        (&(NOW + DAY).to_string(), &(NOW + 99 * DAY).to_string()),
        ("\"person\"", "\"toy\""),
    ] {
        assert!(file.contains(what), "{what}");
        let changed = file.replace(what, instead);
        assert!(SignedConsent::read(changed.as_bytes()).is_err(), "{what} became {instead}");
    }
    assert!(SignedConsent::read(file.replace("\"consent\": {", "\"consent\": { \"extra\": 1,").as_bytes()).is_err());
}

#[test]
fn the_list_of_ends_is_signed_and_counted() {
    let (me, other) = (key(1), key(2));
    let heads = Heads { counter: 5, seen_millis: NOW, ..Heads::default() };
    let text = heads.write(&me);
    assert_eq!(Heads::read(text.as_bytes(), me.public(), 5), Ok(heads));
    assert!(Heads::read(text.as_bytes(), me.public(), 6).is_err(), "an older copy");
    assert!(Heads::read(text.as_bytes(), other.public(), 0).is_err(), "of another machine");
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        assert!(Heads::read(&bytes, me.public(), 0).is_err(), "byte {at}");
    }
}

#[test]
fn secrets_have_no_words() {
    let me = key(0x5a);
    assert_eq!(format!("{me:?}"), "DeviceKey(…)");
}
