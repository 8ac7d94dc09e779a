//! Every kernel against its twin in plain candle, over odd sizes; the greatest allowed error stands in each test.

use candle_core::{DType, Device, Module, Tensor};

use super::*;

type Outcome = candle_core::Result<()>;

fn random(shape: &[usize], seed: u64) -> candle_core::Result<Tensor> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect();
    Tensor::from_vec(values, shape, &Device::Cpu)
}

fn gap(a: &Tensor, b: &Tensor) -> candle_core::Result<f32> {
    assert_eq!(a.dims(), b.dims());
    (a.to_dtype(DType::F64)? - b.to_dtype(DType::F64)?)?.abs()?.flatten_all()?.max(0)?.to_dtype(DType::F32)?.to_scalar()
}

/// f64 is not on the fast path: the same public function then runs the plain twin, with more digits.
fn exact(x: &Tensor) -> candle_core::Result<Tensor> {
    x.to_dtype(DType::F64)
}

#[test]
fn attention_agrees_with_its_plain_twin_to_2e_6() -> Outcome {
    for (i, (b, n, m, heads, d)) in
        [(1, 1, 1, 1, 2), (1, 33, 7, 3, 10), (2, 70, 193, 2, 16), (1, 100, 400, 2, 64), (2, 5, 577, 1, 13)]
            .into_iter()
            .enumerate()
    {
        let seed = i as u64 * 10;
        let q = (random(&[b, n, heads, d], seed + 1)? * 3.0)?;
        let k = (random(&[b, m, heads, d], seed + 2)? * 3.0)?;
        let v = random(&[b, m, heads, d], seed + 3)?;
        let keep: Vec<f32> = (0..b * m).map(|i| if i % m == 0 || i % 3 != 1 { 1.0 } else { 0.0 }).collect();
        let keep = Tensor::from_vec(keep, (b, m), &Device::Cpu)?;
        for mask in [None, Some(&keep)] {
            let ours = attention(&q, &k, &v, mask)?;
            let twin = attention::plain(&exact(&q)?, &exact(&k)?, &exact(&v)?, None);
            let twin = if mask.is_some() { attention::plain(&q, &k, &v, mask) } else { twin }?;
            let error = gap(&ours, &twin)?;
            assert!(error < 2e-6, "case {i}: {error}");
        }
    }
    Ok(())
}

#[test]
fn a_score_far_above_the_others_does_not_overflow() -> Outcome {
    let q = (random(&[1, 3, 1, 8], 5)? * 200.0)?;
    let k = (random(&[1, 400, 1, 8], 6)? * 200.0)?;
    let v = random(&[1, 400, 1, 8], 7)?;
    let error = gap(&attention(&q, &k, &v, None)?, &attention::plain(&q, &k, &v, None)?)?;
    assert!(error < 1e-3, "{error}");
    Ok(())
}

#[test]
fn convolution_agrees_with_its_plain_twin_to_2e_5() -> Outcome {
    for (i, (b, c, o, h, w, kernel, stride, padding)) in [
        (1, 1, 1, 1, 1, 1, 1, 0),
        (2, 3, 13, 7, 5, 3, 1, 1),
        (1, 24, 40, 20, 33, 3, 1, 1),
        (1, 5, 6, 9, 11, 3, 2, 1),
        (3, 4, 12, 8, 8, 3, 2, 1),
        (1, 2, 3, 40, 70, 5, 1, 2),
        (1, 2, 3, 2, 2, 3, 1, 2),
    ]
    .into_iter()
    .enumerate()
    {
        let x = random(&[b, c, h, w], i as u64 + 100)?;
        let weight = random(&[o, c, kernel, kernel], i as u64 + 200)?;
        let bias = random(&[o], i as u64 + 300)?;
        let ours = Conv2d::new(&weight, &bias, stride, padding)?.forward(&x)?;
        let twin = Conv2d::new(&exact(&weight)?, &exact(&bias)?, stride, padding)?.forward(&exact(&x)?)?;
        let error = gap(&ours, &twin)?;
        assert!(error < 2e-5, "case {i}: {error}");
    }
    Ok(())
}

#[test]
fn many_terms_in_parts_give_what_all_at_once_would_to_1e_5() -> Outcome {
    let (channels, outputs) = (301, 26);
    for (b, h, w, stride) in [(1, 6, 7, 1), (3, 9, 20, 1), (2, 9, 11, 2)] {
        let x = random(&[b, channels, h, w], 21)?;
        let weight = (random(&[outputs, channels, 3, 3], 22)? * 0.03)?;
        let bias = random(&[outputs], 23)?;
        let ours = Conv2d::new(&weight, &bias, stride, 1)?.forward(&x)?;
        let twin = Conv2d::new(&exact(&weight)?, &exact(&bias)?, stride, 1)?.forward(&exact(&x)?)?;
        let error = gap(&ours, &twin)?;
        assert!(error < 1e-5, "{b} × {h} × {w}: {error}");
    }
    Ok(())
}

/// Output picture `i` sees pictures `i − taps + 1 ..= i`, and nothing before the first.
fn seen(pictures: usize, taps: usize) -> Vec<Option<usize>> {
    (0..pictures * taps).map(|i| (i / taps + i % taps).checked_sub(taps - 1)).collect()
}

#[test]
fn convolution_in_tiles_agrees_with_f64_to_5e_6_times_the_root_of_its_terms() -> Outcome {
    for (i, (n, c, o, h, w, taps)) in [
        (1, 8, 3, 1, 1, 1),
        (2, 16, 23, 1, 7, 1),
        (1, 17, 30, 9, 1, 1),
        (3, 40, 16, 5, 8, 1),
        (2, 64, 64, 20, 33, 1),
        (1, 33, 50, 3, 131, 1),
        (5, 270, 26, 5, 6, 1),
        (4, 16, 16, 7, 5, 2),
        (6, 100, 25, 9, 7, 3),
        (3, 150, 40, 12, 70, 3),
    ]
    .into_iter()
    .enumerate()
    {
        let x = random(&[n, c, h, w], i as u64 + 400)?;
        let weight = random(&[o, c, taps, 3, 3], i as u64 + 500)?;
        let bias = random(&[o], i as u64 + 600)?;
        let ours = Conv2d::stacked(&weight, &bias, 1, 1)?.forward_seen(&x, taps, &seen(n, taps))?;
        let twin = Conv2d::stacked(&exact(&weight)?, &exact(&bias)?, 1, 1)?;
        let twin = twin.forward_seen(&exact(&x)?, taps, &seen(n, taps))?;
        // Values and kernels lie between −1 and 1.
        let (error, allowed) = (gap(&ours, &twin)?, 5e-6 * ((c * taps) as f32).sqrt());
        assert!(error < allowed, "case {i}: {error} of {allowed}");
    }
    Ok(())
}

#[test]
fn pictures_seen_by_a_convolution_with_a_stride_are_stacked_as_they_are_in_tiles() -> Outcome {
    let x = random(&[5, 4, 6, 7], 1)?;
    let (weight, bias) = (random(&[20, 4, 3, 3, 3], 2)?, random(&[20], 3)?);
    let places = [Some(4), None, Some(0), Some(2), Some(2), Some(1)];
    let ours = Conv2d::stacked(&weight, &bias, 2, 1)?.forward_seen(&x, 3, &places)?;
    let twin = Conv2d::stacked(&exact(&weight)?, &exact(&bias)?, 2, 1)?.forward_seen(&exact(&x)?, 3, &places)?;
    let error = gap(&ours, &twin)?;
    assert!(error < 2e-5, "{error}");
    let layer = Conv2d::stacked(&random(&[20, 16, 3, 3, 3], 2)?, &bias, 1, 1)?;
    let x = random(&[5, 16, 6, 7], 1)?;
    assert!(layer.forward_seen(&x, 3, &[Some(0), None, Some(5)]).is_err());
    assert!(layer.forward_seen(&x, 3, &[Some(0), None]).is_err());
    assert!(layer.forward_seen(&x, 1, &[Some(0)]).is_err());
    Ok(())
}

#[test]
fn convolution_in_tiles_gives_the_same_bits_with_any_number_of_threads_and_from_halves() -> Outcome {
    for (n, c, o, h, w, taps) in [(1, 16, 300, 5, 8, 1), (3, 150, 40, 12, 70, 3), (7, 64, 64, 20, 33, 1)] {
        let x = random(&[n, c, h, w], 1)?;
        let (weight, bias) = (random(&[o, c, taps, 3, 3], 2)?.to_dtype(DType::BF16)?, random(&[o], 3)?);
        let full = Conv2d::stacked(&weight.to_dtype(DType::F32)?, &bias, 1, 1)?;
        let layer = Conv2d::stacked(&weight, &bias, 1, 1)?;
        let expected = full.forward_seen(&x, taps, &seen(n, taps))?;
        for threads in [1, 3, 16] {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(candle_core::Error::wrap)?;
            let ours = pool.install(|| layer.forward_seen(&x, taps, &seen(n, taps)))?;
            assert_eq!(gap(&ours, &expected)?, 0.0, "{threads} threads, {c} channels");
        }
    }
    Ok(())
}

#[test]
fn layers_in_halves_are_those_of_the_same_numbers_in_full_to_the_last_bit() -> Outcome {
    for (m, k, n) in [(1, 40, 300), (13, 64, 33), (97, 700, 70)] {
        let x = random(&[1, m, k], 1)?;
        let (weight, bias) = (random(&[n, k], 2)?, random(&[n], 3)?);
        for half in [DType::F16, DType::BF16] {
            let narrow = weight.to_dtype(half)?;
            let ours = PackedLinear::new(&narrow, Some(&bias))?.forward(&x, None)?;
            let full = PackedLinear::new(&narrow.to_dtype(DType::F32)?, Some(&bias))?.forward(&x, None)?;
            assert_eq!(gap(&ours, &full)?, 0.0, "{m} × {k} × {n} in {half:?}");
        }
    }
    Ok(())
}

#[test]
fn linear_layers_agree_with_their_plain_twin_to_2e_5() -> Outcome {
    for (i, (m, k, n)) in
        [(1, 1, 1), (1, 40, 300), (13, 64, 33), (500, 70, 100), (96, 256, 256)].into_iter().enumerate()
    {
        let x = random(&[1, m, k], i as u64 + 1)?;
        let weight = random(&[n, k], i as u64 + 2)?;
        let bias = random(&[n], i as u64 + 3)?;
        for (bias, what) in [(None, None), (Some(&bias), Some(Activation::Gelu)), (Some(&bias), Some(Activation::Silu))]
        {
            let ours = PackedLinear::new(&weight, bias)?.forward(&x, what)?;
            let wide_bias = bias.map(exact).transpose()?;
            let twin = PackedLinear::new(&exact(&weight)?, wide_bias.as_ref())?.forward(&exact(&x)?, what)?;
            let error = gap(&ours, &twin)?;
            assert!(error < 2e-5, "case {i}: {error}");
        }
    }
    Ok(())
}

#[test]
fn activations_are_exact_to_a_millionth() -> Outcome {
    let x: Vec<f32> = (-200_000..200_000).map(|i| i as f32 * 1e-4).collect();
    let x = Tensor::from_vec(x, (400_000,), &Device::Cpu)?;
    for what in [Activation::Gelu, Activation::Silu] {
        let ours = activate(&x, what)?.to_dtype(DType::F64)?.to_vec1::<f64>()?;
        let twin = activate(&exact(&x)?, what)?.to_vec1::<f64>()?;
        for (ours, twin) in ours.iter().zip(&twin) {
            // Relative; below 0.01, where the exponent itself has no more digits in f32, 1e-8 absolute.
            let error = (ours - twin).abs() / twin.abs().max(1e-2);
            assert!(error < 1e-6, "{what:?}: {ours} for {twin}");
        }
    }
    Ok(())
}

#[test]
fn norms_and_gates_agree_with_their_plain_twins_to_5e_6() -> Outcome {
    for (b, n, d) in [(1, 1, 2), (2, 37, 20), (1, 300, 256)] {
        let (x, y) = (random(&[b, n, d], 1)?, random(&[b, n, d], 2)?);
        let table = random(&[3, 4, d], 3)?;
        let index = RowIndex::new((0..b * n).map(|i| (i % 3) as u32).collect(), &Device::Cpu)?;
        let wide = exact(&table)?;
        let pairs = [
            (layer_norm_modulate(&x, 1e-6, None)?, layer_norm_modulate(&exact(&x)?, 1e-6, None)?),
            (
                layer_norm_modulate(&x, 1e-6, Some((&table, &index, 1, 3)))?,
                layer_norm_modulate(&exact(&x)?, 1e-6, Some((&wide, &index, 1, 3)))?,
            ),
            (
                gated_add(&x, &y, Some((&table, &index, 2)))?,
                gated_add(&exact(&x)?, &exact(&y)?, Some((&wide, &index, 2)))?,
            ),
        ];
        for (i, (ours, twin)) in pairs.iter().enumerate() {
            let error = gap(ours, twin)?;
            assert!(error < 5e-6, "pair {i} at {b} × {n} × {d}: {error}");
        }
    }
    Ok(())
}

#[test]
fn head_norm_and_rotation_agree_with_their_plain_twin_to_2e_6() -> Outcome {
    for (b, n, heads, d) in [(1, 1, 1, 2), (2, 19, 3, 10), (1, 300, 4, 64)] {
        let x = random(&[b, n, heads, d], 1)?;
        let weight = random(&[d], 2)?;
        let rotation = random(&[n, d], 3)?;
        let wide = exact(&rotation)?;
        for (rotation, wide) in [(None, None), (Some(&rotation), Some(&wide))] {
            let ours = head_norm_rotate(&x, &weight, 1e-6, rotation)?;
            let twin = head_norm_rotate(&exact(&x)?, &exact(&weight)?, 1e-6, wide)?;
            let error = gap(&ours, &twin)?;
            assert!(error < 2e-6, "{b} × {n} × {heads} × {d}: {error}");
        }
    }
    Ok(())
}

#[test]
fn group_norm_agrees_with_its_plain_twin_to_5e_6() -> Outcome {
    for (b, c, groups, h, w) in [(1, 2, 1, 1, 3), (2, 12, 4, 5, 7), (1, 64, 8, 20, 32)] {
        let x = (random(&[b, c, h, w], 1)? + 0.5)?;
        let (weight, bias) = (random(&[c], 2)?, random(&[c], 3)?);
        for silu in [false, true] {
            let ours = group_norm(&x, groups, &weight, &bias, 1e-5, silu)?;
            let twin = group_norm(&exact(&x)?, groups, &exact(&weight)?, &exact(&bias)?, 1e-5, silu)?;
            let error = gap(&ours, &twin)?;
            assert!(error < 5e-6, "{b} × {c} × {h} × {w}: {error}");
        }
    }
    Ok(())
}

#[test]
fn shuffling_pixels_and_back_changes_nothing() -> Outcome {
    let x = random(&[2, 12, 3, 5], 9)?;
    assert_eq!(gap(&pixel_unshuffle(&pixel_shuffle(&x, 2)?, 2)?, &x)?, 0.0);
    for r in [1, 2, 3, 4] {
        let x = random(&[3, 2 * r * r, 7, 5], 10)?;
        assert_eq!(gap(&pixel_shuffle(&x, r)?, &pixel_shuffle(&exact(&x)?, r)?)?, 0.0);
    }
    Ok(())
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() -> Outcome {
    let x = random(&[1, 200, 64], 1)?;
    let layer = PackedLinear::new(&random(&[96, 64], 2)?, None)?;
    let all = layer.forward(&x, None)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().map_err(candle_core::Error::wrap)?;
    let alone = pool.install(|| layer.forward(&x, None))?;
    assert_eq!(gap(&all, &alone)?, 0.0);
    Ok(())
}

#[test]
fn operands_that_do_not_fit_are_refused_not_computed() -> Outcome {
    let q = random(&[1, 3, 2, 4], 1)?;
    assert!(attention(&q, &random(&[1, 3, 2, 5], 2)?, &q, None).is_err());
    let layer = PackedLinear::new(&random(&[4, 6], 1)?, None)?;
    assert!(layer.forward(&random(&[2, 5], 1)?, None).is_err());
    assert!(Conv2d::new(&random(&[4, 6, 3, 3], 1)?, &random(&[5], 1)?, 1, 1).is_err());
    assert!(group_norm(&random(&[1, 6, 2, 2], 1)?, 4, &random(&[6], 1)?, &random(&[6], 1)?, 1e-5, false).is_err());
    Ok(())
}

#[test]
fn norms_by_the_mean_square_agree_with_their_plain_twins_to_5e_6() -> Outcome {
    for (b, n, d) in [(1, 1, 2), (2, 36, 20), (2, 300, 96)] {
        let x = (random(&[b, n, d], 1)? * 3.0)?;
        let (weight, table) = (random(&[d], 2)?, random(&[3, 4, d], 3)?);
        let index = RowIndex::new((0..b * n).map(|i| (i % 3) as u32).collect(), &Device::Cpu)?;
        let wide = (exact(&weight)?, exact(&table)?);
        let ours = rms_norm_modulate(&x, 1e-6, Some((&table, &index, 1, 3)))?;
        let twin = rms_norm_modulate(&exact(&x)?, 1e-6, Some((&wide.1, &index, 1, 3)))?;
        assert!(gap(&ours, &twin)? < 5e-6);
        // Positions that batch entries share, and positions of their own.
        for rows in [n, b * n] {
            let rotation = random(&[rows, d], 4)?;
            let wide_rotation = exact(&rotation)?;
            for (rotation, wide_rotation) in [(None, None), (Some(&rotation), Some(&wide_rotation))] {
                let ours = rms_norm_rotate(&x, &weight, 1e-5, rotation)?;
                let twin = rms_norm_rotate(&exact(&x)?, &wide.0, 1e-5, wide_rotation)?;
                let error = gap(&ours, &twin)?;
                assert!(error < 5e-6, "{b} × {n} × {d}: {error}");
            }
        }
    }
    Ok(())
}

#[test]
fn norms_over_channels_agree_with_their_plain_twin_to_5e_6() -> Outcome {
    for (b, t, c, h, w) in [(1, 1, 1, 1, 1), (2, 3, 7, 5, 4), (2, 4, 64, 9, 16)] {
        let x = (random(&[b * t, c, h, w], 1)? + 0.3)?;
        let (shift, scale) = (random(&[b, c], 2)?, random(&[b, c], 3)?);
        let wide = (exact(&shift)?, exact(&scale)?);
        for silu in [false, true] {
            let ours = pixel_norm(&x, 1e-8, Some(PixelModulation { shift: &shift, scale: &scale }), silu)?;
            let twin = pixel_norm(&exact(&x)?, 1e-8, Some(PixelModulation { shift: &wide.0, scale: &wide.1 }), silu)?;
            assert!(gap(&ours, &twin)? < 5e-6);
            assert!(gap(&pixel_norm(&x, 1e-8, None, silu)?, &pixel_norm(&exact(&x)?, 1e-8, None, silu)?)? < 5e-6);
        }
    }
    Ok(())
}
