//! No bytes from outside break a parser: what earlier hunts kept is read, and some thousand damaged files more for each.
//!
//! `cargo xtask hunt` goes on for as long as one likes; what it finds is kept in `tests/corpus` and read here ever after.

mod hunt;

/// The same files in every run.
const SEED: u64 = 20_261_126;

fn finds_nothing(name: &str, tries: u64) {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let (_, find) = hunt::targets::named(name).hunt(SEED, scratch.path(), |done| done < tries);
    if let Some(find) = find {
        panic!("seed {SEED}: {}\n{}", find.why, String::from_utf8_lossy(&find.bytes));
    }
}

macro_rules! hunts {
    ($($test:ident: $name:literal, $tries:literal;)*) => {
        $(#[test]
        fn $test() {
            finds_nothing($name, $tries);
        })*

        #[test]
        fn every_parser_is_hunted() {
            let names: Vec<_> = hunt::targets::ALL.iter().map(|target| target.name).collect();
            assert_eq!(names, [$($name),*]);
        }
    };
}

hunts! {
    no_screenplay_breaks_its_reader: "screenplay", 1_500;
    no_project_file_breaks_its_reader: "project", 3_000;
    no_journal_breaks_its_reader: "journal", 1_500;
    no_bundle_breaks_its_reader: "bundle", 150;
    no_request_of_the_page_breaks_the_backend: "request", 6_000;
    no_weights_break_their_reader: "weights", 20_000;
    no_released_voice_breaks_its_reader: "pickle", 1_500;
    no_manifest_breaks_its_reader: "manifest", 1_500;
    no_captions_break_their_reader: "captions", 5_000;
    no_film_file_breaks_its_reader: "film", 1_500;
    no_picture_breaks_its_reader: "picture", 3_000;
    no_name_of_a_file_leads_out_of_a_project: "path", 20_000;
}
