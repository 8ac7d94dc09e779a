//! A small linear model over pieces of words, for harmful sentences that no list has the words of.
//! It exists as the second net behind the rules; its weights, its corpus and the program that fits them are beside it.
//! It must never be the only reason for a verdict about a name, and it never reads more than a sentence at once.

use crate::judgement::Category;
use crate::packs::PackError;

/// Rows of the weights. With six categories at a byte each, the file has 1.6 MB.
pub const BUCKETS: usize = 1 << 18;
/// The categories it tells, in the order of its columns.
pub const LEARNED: [Category; 6] = [
    Category::Sexual,
    Category::Minors,
    Category::GraphicViolence,
    Category::Hate,
    Category::SelfHarm,
    Category::DeceptiveUse,
];
const MAGIC: &[u8; 8] = b"KINPOL03";
/// Scale, bias, threshold: four bytes each.
const HEAD_OF_A_CLASS: usize = 12;
/// The threshold beside a child comes before them.
const FIRST: usize = 4;
/// Two words that stand at most so far apart are looked at together.
const PAIRS_REACH: usize = 3;
/// So much of a word's beginning stands for the word and its endings, in pairs.
const STEM: usize = 5;
/// How much less each piece of a longer sentence counts: between a sum (0) and a mean (1), nearer the sum than the square root is, by trial.
const LENGTH_POWER: f32 = 0.35;

/// Weights as fitted by `examples/train_classifier.rs`.
#[derive(Clone, Debug)]
pub struct Classifier {
    /// What a sexual sentence that names a child must reach, where [`Head::threshold`] is for all others.
    beside_a_child: f32,
    heads: Vec<Head>,
    /// Column after column, a byte a bucket.
    weights: Vec<i8>,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    scale: f32,
    bias: f32,
    threshold: f32,
}

impl Classifier {
    /// The model that comes with Kinora.
    ///
    /// # Errors
    /// When its file is not whole, which a test rules out.
    pub fn shipped() -> Result<Self, PackError> {
        Self::read(include_bytes!("../packs/classifier.bin"))
    }

    /// Reads a model: magic, the threshold beside a child, then scale, bias and threshold for each category, then the weights. Little-endian.
    ///
    /// # Errors
    /// When the length or the magic is not that of a model, or a number in its head is not finite.
    pub fn read(bytes: &[u8]) -> Result<Self, PackError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(PackError::Classifier { why: "it begins with other bytes" })?;
        if rest.len() != FIRST + LEARNED.len() * (HEAD_OF_A_CLASS + BUCKETS) {
            return Err(PackError::Classifier { why: "it has another length" });
        }
        let (heads, weights) = rest.split_at(FIRST + LEARNED.len() * HEAD_OF_A_CLASS);
        let numbers: Vec<f32> = heads
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes(<[u8; 4]>::try_from(four).unwrap_or_default()))
            .collect();
        if !numbers.iter().all(|number| number.is_finite()) {
            return Err(PackError::Classifier { why: "a number in it is not finite" });
        }
        let (beside_a_child, numbers) =
            numbers.split_first().ok_or(PackError::Classifier { why: "it has another length" })?;
        let head = |three: &[f32]| match *three {
            [scale, bias, threshold] => Some(Head { scale, bias, threshold }),
            _ => None,
        };
        let heads = numbers.chunks_exact(3).filter_map(head).collect();
        let weights = weights.iter().map(|byte| byte.cast_signed()).collect();
        Ok(Self { beside_a_child: *beside_a_child, heads, weights })
    }

    /// The bytes of a model; weights are rounded to a 127th of the largest in their column.
    #[must_use]
    pub fn write(columns: &[(Vec<f32>, f32, f32)], beside_a_child: f32) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(beside_a_child.to_le_bytes());
        let scale = |weights: &[f32]| weights.iter().fold(0f32, |most, weight| most.max(weight.abs())) / 127.0;
        for (weights, bias, threshold) in columns {
            for number in [scale(weights), *bias, *threshold] {
                out.extend(number.to_le_bytes());
            }
        }
        for (weights, ..) in columns {
            let scale = scale(weights).max(f32::MIN_POSITIVE);
            #[expect(clippy::cast_possible_truncation, reason = "rounded and within ±127 by the choice of scale")]
            out.extend(weights.iter().map(|weight| ((weight / scale).round() as i8).cast_unsigned()));
        }
        out
    }

    /// How far this sentence is above each category's threshold, in log-odds; above zero means found. Where a child is named in it or
    /// beside it, a sexual sentence is one about minors, and much less is enough.
    #[must_use]
    pub fn score(&self, sentence: &str, names_a_child: bool) -> [f32; LEARNED.len()] {
        let features = features(sentence);
        let mut scores = [f32::NEG_INFINITY; LEARNED.len()];
        if features.is_empty() {
            return scores;
        }
        let length = weight_of_one(features.len());
        let mut beside_a_child = f32::NEG_INFINITY;
        for (at, (score, head)) in scores.iter_mut().zip(&self.heads).enumerate() {
            let column = self.weights.get(at * BUCKETS..(at + 1) * BUCKETS).unwrap_or_default();
            let sum: i32 =
                features.iter().filter_map(|bucket| column.get(*bucket as usize)).map(|w| i32::from(*w)).sum();
            #[expect(clippy::cast_precision_loss, reason = "a sum of some hundred bytes is exact in 24 bits")]
            let sum = sum as f32;
            let reached = sum * head.scale * length + head.bias;
            *score = reached - head.threshold;
            match LEARNED.get(at) {
                Some(Category::Sexual) if names_a_child => beside_a_child = reached - self.beside_a_child,
                Some(Category::Minors) => *score = score.max(beside_a_child),
                _ => {}
            }
        }
        scores
    }
}

/// Long sentences have more pieces; each then counts less. `count` is that of the distinct ones.
#[must_use]
pub fn weight_of_one(count: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "sentences have thousands of pieces, not millions")]
    let count = count as f32;
    count.max(1.0).powf(-LENGTH_POWER)
}

/// The buckets of a sentence in plain words: each word and its pieces of three to five letters; and pairs of near words, and of the
/// beginnings of neighbours.
#[must_use]
pub fn features(sentence: &str) -> Vec<u32> {
    let words: Vec<&[u8]> = sentence.split_whitespace().map(str::as_bytes).collect();
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
