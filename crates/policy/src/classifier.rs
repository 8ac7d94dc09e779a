//! A small linear model over words, pieces of words, pairs and classes of words, for harmful passages that no rule knows.
//! It exists as the second net behind the rules; its weights, its corpus and the program that fits them are beside it.
//! It must never be the only reason for a verdict about a name, and it never reads more than a passage at once.

use std::collections::BTreeMap;

use crate::classes::Classes;
use crate::judgement::Category;
use crate::packs::PackError;

/// Features are told apart by a hash of so many values; the model knows those that its corpus has often enough.
pub const BUCKETS: usize = 1 << 22;
/// The categories it tells, in the order of its columns.
pub const LEARNED: [Category; 6] = [
    Category::Sexual,
    Category::Minors,
    Category::GraphicViolence,
    Category::Hate,
    Category::SelfHarm,
    Category::DeceptiveUse,
];
/// A weight for each category.
pub type Row = [i8; LEARNED.len()];
const MAGIC: &[u8; 8] = b"KINPOL04";
/// [`Thresholds`], four bytes each.
const THRESHOLDS: usize = 16;
/// Scale and bias, four bytes each.
const HEAD_OF_A_CATEGORY: usize = 8;
/// One bit a bucket: whether a row of weights is there for it.
const KNOWN: usize = BUCKETS / 8;
/// Two words that stand at most so far apart are looked at together.
const PAIRS_REACH: usize = 3;
/// So much of a word's beginning stands for the word and its endings, in pairs.
const STEM: usize = 5;
/// A class counts as so many features: it says more than one piece of one word.
const COUNTS_OF_A_CLASS: [u8; 3] = *b"123";
/// How much less each piece of a longer passage counts: between a sum (0) and a mean (1), nearer the sum than the square root is, by trial.
const LENGTH_POWER: f32 = 0.35;

/// Weights as fitted by `examples/train_classifier.rs`, and the classes that they were fitted with.
#[derive(Debug)]
pub struct Classifier {
    classes: Classes,
    thresholds: Thresholds,
    heads: Vec<Head>,
    /// A bit for each bucket, and how many are set before each 64 of them.
    known: Vec<(u64, u32)>,
    rows: Vec<Row>,
}

/// What log-odds must reach.
#[derive(Clone, Copy, Debug)]
pub struct Thresholds {
    /// Of a passage, in any category.
    pub passage: f32,
    /// How much more of a sentence looked at alone, so that harm is not hidden among harmless sentences.
    pub more_alone: f32,
    /// Of sexual ones where a child is named.
    pub sexual_beside_a_child: f32,
    /// Of those about minors where a child is named.
    pub minors_beside_a_child: f32,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    scale: f32,
    bias: f32,
}

impl Classifier {
    /// The model that comes with Kinora.
    ///
    /// # Errors
    /// When its file is not whole, which a test rules out.
    pub fn shipped() -> Result<Self, PackError> {
        Self::read(include_bytes!("../packs/classifier.bin"))
    }

    /// Reads a model: magic, [`Thresholds`], scale and bias for each category, the classes with their length before them, a bit for each
    /// bucket, a row of weights for each bit that is set. Little-endian.
    ///
    /// # Errors
    /// When the length or the magic is not that of a model, or a number in its head is not finite.
    pub fn read(bytes: &[u8]) -> Result<Self, PackError> {
        let wrong = |why| PackError::Classifier { why };
        let rest = bytes.strip_prefix(MAGIC).ok_or(wrong("it begins with other bytes"))?;
        let (head, rest) = rest
            .split_at_checked(THRESHOLDS + LEARNED.len() * HEAD_OF_A_CATEGORY)
            .ok_or(wrong("it has another length"))?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(wrong("it has another length"))?;
        let (classes, rest) =
            rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or(wrong("it has another length"))?;
        let classes =
            std::str::from_utf8(classes).ok().and_then(Classes::read).ok_or(wrong("its classes are damaged"))?;
        let (known, rows) = rest.split_at_checked(KNOWN).ok_or(wrong("it has another length"))?;
        let numbers: Vec<f32> = head.chunks_exact(4).map(|four| f32::from_le_bytes(array(four))).collect();
        if !numbers.iter().all(|number| number.is_finite()) {
            return Err(wrong("a number in it is not finite"));
        }
        let Some(([passage, more_alone, sexual_beside_a_child, minors_beside_a_child], numbers)) =
            numbers.split_first_chunk()
        else {
            return Err(wrong("it has another length"));
        };
        let thresholds = Thresholds {
            passage: *passage,
            more_alone: *more_alone,
            sexual_beside_a_child: *sexual_beside_a_child,
            minors_beside_a_child: *minors_beside_a_child,
        };
        let heads =
            numbers.as_chunks::<2>().0.iter().map(|[scale, bias]| Head { scale: *scale, bias: *bias }).collect();
        let mut before = 0;
        let known: Vec<(u64, u32)> = known
            .chunks_exact(8)
            .map(|eight| {
                let bits = u64::from_le_bytes(array(eight));
                let counted = before;
                before += bits.count_ones();
                (bits, counted)
            })
            .collect();
        if rows.len() != before as usize * LEARNED.len() {
            return Err(wrong("it has another length"));
        }
        let rows =
            rows.chunks_exact(LEARNED.len()).map(|row| array::<{ LEARNED.len() }>(row).map(u8::cast_signed)).collect();
        Ok(Self { classes, thresholds, heads, known, rows })
    }

    /// The bytes of a model: of each category its bias, and of each bucket that is known its weights, which are rounded to a 127th of the
    /// largest in their column.
    #[must_use]
    pub fn write(
        thresholds: Thresholds,
        biases: [f32; LEARNED.len()],
        classes: &Classes,
        weights: &BTreeMap<u32, [f32; LEARNED.len()]>,
    ) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        let Thresholds { passage, more_alone, sexual_beside_a_child, minors_beside_a_child } = thresholds;
        for number in [passage, more_alone, sexual_beside_a_child, minors_beside_a_child] {
            out.extend(number.to_le_bytes());
        }
        let scales: [f32; LEARNED.len()] = std::array::from_fn(|at| {
            let most = weights
                .values()
                .filter_map(|row| row.get(at))
                .fold(f32::MIN_POSITIVE, |most, weight| most.max(weight.abs()));
            most / 127.0
        });
        for number in scales.iter().zip(&biases).flat_map(|(scale, bias)| [*scale, *bias]) {
            out.extend(number.to_le_bytes());
        }
        let classes = classes.write();
        out.extend(u32::try_from(classes.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend(classes.as_bytes());
        let mut known = vec![0u8; KNOWN];
        for bucket in weights.keys() {
            if let Some(eight) = known.get_mut(*bucket as usize / 8) {
                *eight |= 1 << (bucket % 8);
            }
        }
        out.extend(known);
        for row in weights.values() {
            #[expect(clippy::cast_possible_truncation, reason = "rounded and within ±127 by the choice of scale")]
            out.extend(row.iter().zip(&scales).map(|(weight, scale)| ((weight / scale).round() as i8).cast_unsigned()));
        }
        out
    }

    /// How far this passage is above the threshold in each category, in log-odds; above zero means found. Where a child is named in it or
    /// beside it, a sexual passage is one about minors, and less is enough for both.
    #[must_use]
    pub fn score(&self, passage: &str, names_a_child: bool) -> [f32; LEARNED.len()] {
        let rows: Vec<&Row> =
            features(passage, &self.classes).into_iter().filter_map(|bucket| self.row(bucket)).collect();
        let mut scores = [f32::NEG_INFINITY; LEARNED.len()];
        if rows.is_empty() {
            return scores;
        }
        let length = weight_of_one(rows.len());
        let least = self.thresholds;
        let mut beside_a_child = f32::NEG_INFINITY;
        for (at, (score, head)) in scores.iter_mut().zip(&self.heads).enumerate() {
            let sum: i32 = rows.iter().filter_map(|row| row.get(at)).map(|weight| i32::from(*weight)).sum();
            #[expect(clippy::cast_precision_loss, reason = "a sum of some hundred bytes is exact in 24 bits")]
            let sum = sum as f32;
            let reached = sum * head.scale * length + head.bias;
            *score = reached - least.passage;
            match LEARNED.get(at) {
                Some(Category::Sexual) if names_a_child => beside_a_child = reached - least.sexual_beside_a_child,
                Some(Category::Minors) if names_a_child => {
                    *score = (reached - least.minors_beside_a_child).max(beside_a_child);
                }
                _ => {}
            }
        }
        scores
    }

    /// What [`Self::score`] must be of a sentence that is looked at alone.
    #[must_use]
    pub const fn least_alone(&self) -> f32 {
        self.thresholds.more_alone
    }

    fn row(&self, bucket: u32) -> Option<&Row> {
        let (bits, before) = self.known.get(bucket as usize / 64)?;
        let bit = 1u64 << (bucket % 64);
        let row = before + (bits & (bit - 1)).count_ones();
        (bits & bit != 0).then(|| self.rows.get(row as usize)).flatten()
    }
}

/// The first bytes of a slice of that many.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

/// Long passages have more features; each then counts less. `count` is that of the distinct ones.
#[must_use]
pub fn weight_of_one(count: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "passages have thousands of features, not millions")]
    let count = count as f32;
    count.max(1.0).powf(-LENGTH_POWER)
}

/// The buckets of a passage in plain words: each word and its pieces of three to five letters; pairs of near words, and of the
/// beginnings of neighbours; each class that has a word in it, and each pair of such classes.
#[must_use]
pub fn features(passage: &str, classes: &Classes) -> Vec<u32> {
    let words: Vec<&[u8]> = passage.split_whitespace().map(str::as_bytes).collect();
    let mut buckets = Vec::with_capacity(words.len() * 32);
    let mut padded = Vec::new();
    for (at, word) in words.iter().enumerate() {
        buckets.push(bucket(b'w', word, &[]));
        for (distance, other) in words.iter().skip(at + 1).take(PAIRS_REACH).enumerate() {
            buckets.push(bucket(if distance == 0 { b'b' } else { b's' }, word, other));
            if distance == 0 {
                buckets.push(bucket(b'x', stem(word), stem(other)));
            }
        }
        padded.clear();
        padded.push(b'<');
        padded.extend_from_slice(word);
        padded.push(b'>');
        for length in 3..=5 {
            buckets.extend(padded.windows(length).map(|piece| bucket(b'p', piece, &[])));
        }
    }
    let found = classes.in_words(passage);
    for (at, class) in found.iter().enumerate() {
        buckets.extend(COUNTS_OF_A_CLASS.map(|kind| bucket(kind, class.as_bytes(), &[])));
        buckets.extend(found.iter().skip(at + 1).map(|other| bucket(b'c', class.as_bytes(), other.as_bytes())));
    }
    buckets.sort_unstable();
    buckets.dedup();
    buckets
}

fn stem(word: &[u8]) -> &[u8] {
    word.get(..STEM).unwrap_or(word)
}

/// FNV-1a, so that the same piece has the same row everywhere and always.
fn bucket(kind: u8, one: &[u8], other: &[u8]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    for byte in std::iter::once(&kind).chain(one).chain([b' '].iter().take(usize::from(!other.is_empty()))).chain(other)
    {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    // The low bits of FNV are its weakest.
    (hash ^ (hash >> 15)) & (BUCKETS as u32 - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_says_the_same_after_it_is_written_and_read_and_a_damaged_one_is_refused() {
        let classes =
            Classes::of_lists(&["= beast\nen: wolf, wolves\nde: Wolf\nfr: loup\nes: lobo\nit: lupo\n".to_owned()]);
        let thresholds =
            Thresholds { passage: 0.5, more_alone: 1.5, sexual_beside_a_child: 0.25, minors_beside_a_child: -1.0 };
        let howls = features("the wolf howls", &classes);
        let weights = howls.iter().map(|bucket| (*bucket, [0.5, 0.0, 1.0, 0.0, 0.0, -1.0])).collect();
        let bytes = Classifier::write(thresholds, [0.0; LEARNED.len()], &classes, &weights);
        let model = Classifier::read(&bytes).expect("a model");
        let scores = model.score("the wolf howls", false);
        #[expect(clippy::cast_precision_loss, reason = "some ten features")]
        let reached = howls.len() as f32 * weight_of_one(howls.len());
        assert!((scores[2] - (reached - 0.5)).abs() < 1e-3, "{scores:?}, {reached}");
        assert!((scores[0] - (reached / 2.0 - 0.5)).abs() < 0.05, "{scores:?}, {reached}");
        assert!((scores[3] + 0.5).abs() < 1e-6 && (model.least_alone() - 1.5).abs() < 1e-6);
        assert!(
            (model.score("the wolf howls", true)[1] - 1.0).abs() < 0.05 + (reached / 2.0 - 0.25),
            "the higher of the two"
        );
        // Another language has no feature in common but the class.
        assert!(model.score("loup", false)[2] > -0.5);
        assert!(model.score("zzz", false).iter().all(|score| *score == f32::NEG_INFINITY));
        for cut in [0, 7, 20, 80, bytes.len() / 2, bytes.len() - 1] {
            assert!(Classifier::read(&bytes[..cut]).is_err(), "{cut} bytes");
        }
        let mut endless = bytes.clone();
        endless[8..12].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(Classifier::read(&endless).is_err());
    }
}
