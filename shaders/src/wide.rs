//! The same loop, compiled for wider registers and chosen at run time.
//!
//! The bodies are plain Rust that the compiler vectorises; nothing in them depends on the width, and no contraction of
//! floating-point operations is allowed, so that every machine computes the same bytes. One instruction is named: the rounded
//! product of 16-bit numbers ([`Lanes`]), which the compiler does not find by itself and on which scaling lives.

/// Defines a function whose body is compiled for the baseline and, on x86-64, for AVX2 and AVX-512 as well.
macro_rules! wide {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $body:block) => {
        $(#[$meta])*
        $vis fn $name($($arg: $ty),*) {
            #[inline(always)]
            fn body($($arg: $ty),*) $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($arg: $ty),*) {
                    body($($arg),*);
                }
                #[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512($($arg: $ty),*) {
                    body($($arg),*);
                }
                if std::arch::is_x86_feature_detected!("avx512bw")
                    && std::arch::is_x86_feature_detected!("avx512dq")
                    && std::arch::is_x86_feature_detected!("avx512vl")
                {
                    // SAFETY: the processor has the features, as was just asked.
                    return unsafe { avx512($($arg),*) };
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has the feature, as was just asked.
                    return unsafe { avx2($($arg),*) };
                }
            }
            body($($arg),*);
        }
    };
}
pub(crate) use wide;

/// Sixteen numbers.
pub(crate) type Sixteen = [i16; 16];

/// How sixteen products are made.
pub(crate) trait Lanes {
    /// a · b / 32768, rounded, in each lane.
    fn times(a: Sixteen, b: Sixteen) -> Sixteen;
}

/// On any processor.
pub(crate) struct Plain;

impl Lanes for Plain {
    #[inline(always)]
    fn times(a: Sixteen, b: Sixteen) -> Sixteen {
        std::array::from_fn(|i| times(a[i], b[i]))
    }
}

/// With AVX2. Only [`wide_lanes`] names it, after asking the processor.
#[cfg(target_arch = "x86_64")]
pub(crate) struct Avx2;

#[cfg(target_arch = "x86_64")]
impl Lanes for Avx2 {
    #[inline(always)]
    fn times(a: Sixteen, b: Sixteen) -> Sixteen {
        use std::arch::x86_64::{__m256i, _mm256_mulhrs_epi16};
        let (a, b): (__m256i, __m256i) = (bytemuck::cast(a), bytemuck::cast(b));
        // SAFETY: only reached where the processor has AVX2 (see `wide_lanes`).
        bytemuck::cast(unsafe { _mm256_mulhrs_epi16(a, b) })
    }
}

/// a · b / 32768, rounded.
#[inline(always)]
pub(crate) fn times(a: i16, b: i16) -> i16 {
    let product = (i32::from(a) * i32::from(b)) as u32;
    (((product >> 14) + 1) >> 1) as i16
}

/// Defines a function over [`Lanes`], which the body calls `L`.
macro_rules! wide_lanes {
    ($(#[$meta:meta])* $vis:vis fn $name:ident<$lanes:ident>($($arg:ident: $ty:ty),* $(,)?) $body:block) => {
        $(#[$meta])*
        $vis fn $name($($arg: $ty),*) {
            #[inline(always)]
            fn body<$lanes: $crate::wide::Lanes>($($arg: $ty),*) $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($arg: $ty),*) {
                    body::<$crate::wide::Avx2>($($arg),*);
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has the feature, as was just asked.
                    return unsafe { avx2($($arg),*) };
                }
            }
            body::<$crate::wide::Plain>($($arg),*);
        }
    };
}
pub(crate) use wide_lanes;

/// The sixteen numbers from `at`, with zeroes where the row ends.
#[inline(always)]
pub(crate) fn sixteen(row: &[i16], at: usize) -> Sixteen {
    match row.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
        Some(lanes) => *lanes,
        None => {
            let mut lanes = [0; 16];
            for (lane, x) in lanes.iter_mut().zip(row.iter().skip(at)) {
                *lane = *x;
            }
            lanes
        }
    }
}

/// Lane by lane.
#[inline(always)]
pub(crate) fn each(a: Sixteen, b: Sixteen, of: impl Fn(i16, i16) -> i16) -> Sixteen {
    std::array::from_fn(|i| of(a[i], b[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    wide_lanes! {
        fn multiply<L>(a: &[i16], b: &[i16], out: &mut [i16]) {
            for (i, out) in out.chunks_mut(16).enumerate() {
                out.copy_from_slice(&L::times(sixteen(a, i * 16), sixteen(b, i * 16)));
            }
        }
    }

    #[test]
    fn every_width_multiplies_alike() {
        let numbers: Vec<i16> = (0..4096_i32).map(|i| (i * 7919 % 65535 - 32767) as i16).collect();
        let others: Vec<i16> = numbers.iter().rev().copied().collect();
        let mut products = vec![0; numbers.len()];
        multiply(&numbers, &others, &mut products);
        for ((product, a), b) in products.into_iter().zip(numbers).zip(others) {
            assert_eq!(product, times(a, b), "{a} · {b}");
        }
    }
}
