//! `wide!` compiles one loop three times (AVX-512, AVX2 with FMA, whatever the target has) and picks at run time, so the
//! compiler's own vectoriser does the work; by `V4` a loop can tell which it is, for the few steps that no vectoriser finds. Also
//! the polynomial exponential that such loops need: the library's one is a call per value. **Never here:** loops themselves.

/// Defines a function whose body is compiled for each instruction set and chosen at run time.
macro_rules! wide {
    ($(#[$note:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$note])*
        #[allow(clippy::too_many_arguments)]
        $vis fn $name($($arg: $type),*) {
            #[inline(always)]
            #[allow(clippy::too_many_arguments)]
            fn body<const V4: bool>($($arg: $type),*) $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,fma")]
                #[allow(clippy::too_many_arguments)]
                fn v4($($arg: $type),*) { body::<true>($($arg),*) }
                #[target_feature(enable = "avx2,fma")]
                #[allow(clippy::too_many_arguments)]
                fn v3($($arg: $type),*) { body::<false>($($arg),*) }
                if crate::kernels::wide::has_v4() {
                    // SAFETY: the processor has these instructions; asked in the line above.
                    return unsafe { v4($($arg),*) };
                }
                if crate::kernels::wide::has_v3() {
                    // SAFETY: as above.
                    return unsafe { v3($($arg),*) };
                }
            }
            body::<false>($($arg),*)
        }
    };
}
pub(super) use wide;

/// AVX-512 as every processor since Skylake-X and Zen 4 has it.
#[cfg(target_arch = "x86_64")]
pub(super) fn has_v4() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("fma")
}

/// AVX2 with fused multiply-add.
#[cfg(target_arch = "x86_64")]
pub(super) fn has_v3() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

/// eˣ within 2 units in the last place for −87 ≤ x ≤ 88; clamped outside. No calls, no branches: it vectorises.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    // Adding and taking off 1.5 · 2²³ rounds to the nearest whole number without a call.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    // ln 2 in two parts (the first exact in few bits), so that the remainder keeps all its digits.
    let r = (x - n * 0.693_359_4) + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let p = p * (r * r) + r + 1.0;
    // The low bits of the shifted value are n itself: moved into the exponent they are 2ⁿ.
    p * f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
}
