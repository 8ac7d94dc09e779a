"""Makes clips with a checkpoint, in torch: what the probes score and the contact sheets show.
Noise comes from the seed alone, batches only change speed. It must never look at the scene beyond its caption.
"""
import json
import random
import time

import numpy as np
import torch

from common import autocast, device
from model import layout, sample
from train_text import INDEX, pad
from world import captions
from world.concepts import SIZES, draw_scene


def prompts(count, seed=2024, form="16:9"):
    """Held-out scenes with a caption each (no second subject, so that every attribute has one answer)."""
    rng, out = random.Random(seed), []
    while len(out) < count:
        scene = draw_scene(rng, held=True, form=form)
        if not scene.second:
            out.append((scene, captions.caption(scene, rng)))
    return out


@torch.no_grad()
def latents(config, encoder, denoiser, texts, form="16:9", seed=0, times=13, steps=None, guide=None, shift=None, clean=None, given=None):
    """[B, n, C, h, w] normalised latents and [B, n, 64] sound for a list of prompts."""
    w, h = SIZES[form]
    h, w = -(-h // 16), w // 16 if w % 16 == 0 else w // 16 + 1
    b, s = len(texts), config.sampling
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(b, times * h * w, config.denoiser.channels, generator=generator).to(device())
    u = torch.randn(b, times, config.denoiser.sound, generator=generator).to(device())
    ids, mask = pad([captions.tokens(t, INDEX, config.text.length) for t in texts])
    empty_ids = torch.zeros_like(ids)
    empty_ids[:, 0] = 2
    empty_mask = torch.zeros_like(mask)
    empty_mask[:, 0] = 1
    coords, grids = (v.to(device()) for v in layout(range(times), h, w))
    with autocast():
        states, pooled = encoder(ids, mask)
        empty, empty_pooled = encoder(empty_ids, empty_mask)
        x, u = sample(denoiser, x, u, (states, mask, pooled), (empty, empty_mask, empty_pooled), coords, grids, steps or s.steps, shift or s.shift, guide or s.guide_scale, clean, given)
    return x.float().unflatten(1, (times, h, w)).permute(0, 1, 4, 2, 3), u.float()


@torch.no_grad()
def decode(vae, z, form="16:9", numbers=None):
    """[n, C, h, w] -> uint8 [frames, H, W, 3]; numbers: only the latents that hold these frames are decoded."""
    w, h = SIZES[form]
    with autocast():
        if numbers is None:
            out = vae.decode(z)
        else:
            raw = vae.denormalise(z)
            k = [-(-n // 4) for n in numbers]
            four = vae.decoder(raw[k], raw[[max(0, i - 1) for i in k]]).unflatten(1, (4, 3))
            out = torch.stack([four[i, (n - 1) % 4 if n else 3] for i, n in enumerate(numbers)])
    out = ((out.float().clamp(-1, 1) + 1) * 127.5).round().byte()
    return out.permute(0, 2, 3, 1)[:, :h, :w].cpu().numpy()


@torch.no_grad()
def frames_of(vae, z, numbers, form="16:9"):
    """The frames `numbers` of many clips at once: [B, n, C, h, w] -> uint8 [B, len(numbers), H, W, 3]."""
    w, h = SIZES[form]
    raw, k = vae.denormalise(z.flatten(0, 1)).unflatten(0, z.shape[:2]), [-(-n // 4) for n in numbers]
    with autocast():
        four = vae.decoder(raw[:, k].flatten(0, 1), raw[:, [max(0, i - 1) for i in k]].flatten(0, 1)).unflatten(1, (4, 3)).unflatten(0, (len(z), -1))
    out = torch.stack([four[:, i, (n - 1) % 4 if n else 3] for i, n in enumerate(numbers)], 1)
    return ((out.float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 1, 3, 4, 2)[:, :, :h, :w].cpu().numpy()


def sheet(config, vae, encoder, denoiser, path, count=24, seed=2024, columns=3, frames=(2, 18, 32, 46), **options):
    """A contact sheet: `count` held-out prompts, four frames each, captions printed to a text file beside it."""
    from PIL import Image, ImageDraw
    chosen, tiles = prompts(count, seed), []
    for lo in range(0, count, 8):
        z, _ = latents(config, encoder, denoiser, [c for _, c in chosen[lo:lo + 8]], seed=seed + lo, **options)
        for row, (_, text) in zip(z, chosen[lo:lo + 8]):
            strip = np.concatenate(list(decode(vae, row, numbers=list(frames))), 1)
            image = Image.new("RGB", (strip.shape[1], strip.shape[0] + 11), (255, 255, 255))
            image.paste(Image.fromarray(strip), (0, 0))
            ImageDraw.Draw(image).text((2, strip.shape[0]), text[:100], fill=(0, 0, 0), font_size=8)
            tiles.append(np.asarray(image))
    rows = [np.concatenate(tiles[i:i + columns], 1) for i in range(0, len(tiles) - columns + 1, columns)]
    Image.fromarray(np.concatenate(rows)).quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.FLOYDSTEINBERG).save(str(path), optimize=True)
