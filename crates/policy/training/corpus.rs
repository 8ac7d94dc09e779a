//! The corpus: `corpus.tsv`, which `corpus.py` makes of phrases, and the lines of `written/`, which people would type.
//! It exists once and is used twice, by the program that fits the classifier and by the test that keeps the evaluation apart from it.
//! It must never read the evaluation set.

use std::path::Path;

/// Of a line with choices in it, so many sentences: enough to learn its words, few enough that it drowns no other.
const MOST_OF_A_LINE: usize = 2;

/// A text with what it is.
#[derive(Clone, Debug)]
pub struct Line {
    /// The name of its file in `written/`, without an ending; `corpus` for what `corpus.py` made.
    pub file: String,
    /// The name of a category, or `benign`.
    pub label: String,
    /// Texts of one template have the same.
    pub template: u32,
    pub text: String,
}

/// Everything, in the order of the files' names.
pub fn read(training: &Path) -> std::io::Result<Vec<Line>> {
    let made = std::fs::read_to_string(training.join("corpus.tsv"))?;
    let line = |line: &str| match line.split('\t').collect::<Vec<_>>()[..] {
        [label, _, template, text] => {
            let (label, text) = (label.to_owned(), text.to_owned());
            Some(Line { file: "corpus".to_owned(), label, template: template.parse().ok()?, text })
        }
        _ => None,
    };
    let mut lines: Vec<Line> = made.lines().filter_map(line).collect();
    let mut template = lines.last().map_or(0, |line| line.template);
    let mut files: Vec<_> =
        std::fs::read_dir(training.join("written"))?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.sort();
    for path in files {
        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut label = String::new();
        for line in std::fs::read_to_string(&path)?.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_prefix("@ ") {
                Some(heading) => label = heading.split(' ').next().unwrap_or_default().to_owned(),
                None => {
                    template += 1;
                    let of = |text| Line { file: file.clone(), label: label.clone(), template, text };
                    lines.extend(filled(line).into_iter().map(of));
                }
            }
        }
    }
    Ok(lines)
}

/// `{a|b}` is a choice: the first of each, then the second of each.
fn filled(line: &str) -> Vec<String> {
    let texts = (0..MOST_OF_A_LINE).map(|turn| {
        let parts = line.split(['{', '}']).enumerate();
        let part = |(at, part): (usize, &str)| {
            let choices: Vec<&str> = if at % 2 == 1 { part.split('|').collect() } else { vec![part] };
            choices.get(turn % choices.len()).copied().unwrap_or_default().to_owned()
        };
        parts.map(part).collect::<String>()
    });
    let mut texts: Vec<String> = texts.collect();
    texts.dedup();
    texts
}
