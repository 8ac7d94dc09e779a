//! Error correction for 64 bits that arrive as faint, noisy numbers: a checksum and a convolutional code.
//!
//! Rate ⅓, seven bits of memory, decoded by Viterbi's algorithm on the numbers themselves, which is worth twice the signal of deciding
//! bit by bit. It must never guess: what does not fit its checksum is no payload.

/// Bits before coding.
pub(crate) const PLAIN_BITS: usize = 64;
/// The encoder's memory, and the zeros that empty it at the end.
const MEMORY: usize = 6;
/// Which of the last seven bits each of the three outputs adds up: the usual generators of this length.
const TAPS: [u32; 3] = [0o133, 0o171, 0o165];
/// Bits after coding.
pub(crate) const CODED_BITS: usize = (PLAIN_BITS + MEMORY) * TAPS.len();

const STATES: usize = 1 << MEMORY;

/// CRC-16 with the polynomial 0x1021 over eight bytes, high byte first.
pub(crate) fn checksum(value: u64) -> u16 {
    value.to_be_bytes().iter().fold(0xffff, |crc: u16, byte| {
        (0..8).fold(
            crc ^ (u16::from(*byte) << 8),
            |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 },
        )
    })
}

/// The three signs that come out when `bit` goes in.
fn outputs(state: usize, bit: usize) -> [bool; 3] {
    let window = ((bit << MEMORY) | state) as u32;
    TAPS.map(|taps| (window & taps).count_ones() % 2 == 1)
}

const fn next(state: usize, bit: usize) -> usize {
    ((bit << MEMORY) | state) >> 1
}

/// The highest bit first.
pub(crate) fn encode(bits: u64) -> Vec<bool> {
    let mut state = 0;
    let mut coded = Vec::with_capacity(CODED_BITS);
    for at in 0..PLAIN_BITS + MEMORY {
        let bit = if at < PLAIN_BITS { (bits >> (PLAIN_BITS - 1 - at)) as usize & 1 } else { 0 };
        coded.extend(outputs(state, bit));
        state = next(state, bit);
    }
    coded
}

/// The most likely 64 bits behind these numbers: positive for a set bit, the further from zero the surer.
pub(crate) fn decode(soft: &[f32; CODED_BITS]) -> u64 {
    let mut reached = [f32::NEG_INFINITY; STATES];
    reached[0] = 0.0;
    let mut from = Vec::with_capacity(PLAIN_BITS + MEMORY);
    for (at, triple) in soft.as_chunks::<3>().0.iter().enumerate() {
        let mut best = [f32::NEG_INFINITY; STATES];
        let mut back = [0u8; STATES];
        for (state, so_far) in reached.iter().enumerate() {
            for bit in 0..if at < PLAIN_BITS { 2 } else { 1 } {
                let gain = triple.iter().zip(outputs(state, bit)).map(|(value, set)| if set { *value } else { -value });
                let total = so_far + gain.sum::<f32>();
                let to = next(state, bit);
                if total > best[to] {
                    best[to] = total;
                    back[to] = state as u8;
                }
            }
        }
        reached = best;
        from.push(back);
    }
    let mut bits = 0;
    let mut state = 0;
    for (at, back) in from.iter().enumerate().rev() {
        // The bit that led here stands at the top of the state.
        if at < PLAIN_BITS && state >> (MEMORY - 1) == 1 {
            bits |= 1 << (PLAIN_BITS - 1 - at);
        }
        state = back[state] as usize;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_a_fifth_of_its_bits_turned_over() {
        for seed in 1..200u64 {
            let bits = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mut soft = [0f32; CODED_BITS];
            for (at, (value, set)) in soft.iter_mut().zip(encode(bits)).enumerate() {
                let turned = (at * 7 + seed as usize).is_multiple_of(11);
                *value = if set == turned { -1.0 } else { 1.0 };
            }
            assert_eq!(decode(&soft), bits, "seed {seed}");
        }
    }

    #[test]
    fn noise_is_no_payload() {
        let mut seed = 5u64;
        let accepted = (0..2000).filter(|_| {
            let mut soft = [0f32; CODED_BITS];
            for value in &mut soft {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *value = (seed >> 40) as f32 / (1u32 << 23) as f32 - 1.0;
            }
            super::super::Payload::read(decode(&soft)).is_some()
        });
        assert_eq!(accepted.count(), 0);
    }
}
