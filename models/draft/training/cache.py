"""Clips as latents, in chunk files: rendering and encoding are paid once, training draws from them many times.
A chunk holds whole clips of one form with their scenes, so captions are still paraphrased anew at every draw.
Held-out combinations never enter; a chunk appears only when it is complete.
"""
import os
import pathlib
import random
import time
from dataclasses import asdict

import numpy as np
import torch

from common import autocast, device, load
from model import DraftConfig, Vae, group_frames
from train_vae import padded
from world.concepts import SIZES, Scene, draw_scene
from world.film import portrait, render

CHUNK = 64
TOGETHER = 8                             # scenes that go through the encoder at once
LATENTS_PER_CLIP = 13


def sound_tokens(curves):
    """[4n+1, 16] in 0 ... 1 -> [n+1, 64] in -1 ... 1; latent 0 repeats frame 0."""
    c = np.concatenate([curves[:1]] * 4 + [curves[1:]])
    return torch.from_numpy(c.reshape(-1, 64) * 2 - 1)


def seen_by(k):
    """Numbers of the frames that latent k shows."""
    return range(4 * k - 3, 4 * k + 1) if k else [0]


def load_vae(config, folder, averaged=True):
    vae = Vae(config.vae)
    state = load(f"{folder}/vae.pt")
    vae.load_state_dict(state["average"] if averaged else state["weights"])
    return vae.to(device()).eval().to(memory_format=torch.channels_last)


def measure_statistics(vae, seed=3, clips=48):
    """Per-channel mean and std of raw latents, set into the VAE."""
    rng, rows = random.Random(seed), []
    for _ in range(clips):
        with torch.no_grad(), autocast():
            rows.append(vae.encoder(group_frames(padded(render(draw_scene(rng), range(0, 49))[0])[:25].to(device()))).float().permute(0, 2, 3, 1).reshape(-1, vae.latents_mean.numel()))
    rows = torch.cat(rows)
    vae.latents_mean.copy_(rows.mean(0))
    vae.latents_std.copy_(rows.std(0).clamp(min=1e-3))


@torch.no_grad()
def encode_scenes(vae, scenes, times):
    """For each scene: latents at `times` (latent frame numbers), the last frame coded alone, the portrait, the sound tokens, the subject's boxes."""
    needed = sorted({n for k in times for n in ([4 * k - 4, 4 * k - 3, 4 * k - 2, 4 * k - 1, 4 * k] if k else [0])} | {48})
    place = {n: i for i, n in enumerate(needed)}
    rows = [[place[n] for n in ([4 * k - 4, 4 * k - 3, 4 * k - 2, 4 * k - 1, 4 * k] if k else [0] * 5)] for k in times] + [[place[48]] * 5]
    groups, pictures, sounds, boxes = [], [], [], []
    for scene in scenes:
        found = []
        frames, curves = render(scene, needed, found)
        groups.append(padded(frames)[torch.tensor(rows)].flatten(1, 2))
        pictures.append(padded(portrait(scene)[None]).repeat(1, 5, 1, 1))
        sounds.append(sound_tokens(curves)[times].half())
        boxes.append(torch.tensor([[f(found[place[n]][i] for n in seen_by(k)) for i, f in enumerate((min, min, max, max))] for k in times]))
    with autocast():
        z, p = (vae.normalise(vae.encoder(torch.cat(g).to(device()).contiguous(memory_format=torch.channels_last)).float()).half().cpu().contiguous() for g in (groups, pictures))
    z = z.unflatten(0, (len(scenes), -1))
    return z[:, :-1], z[:, -1], p, torch.stack(sounds), torch.stack(boxes)


def build(rank, world, config_path, folder, clips, stills, seed, slice_minutes=9.0):
    """Chunks 0 ... hold stills (three latent frames a clip: many scenes, cheaply), the rest whole clips."""
    start, config = time.time(), DraftConfig.load(config_path)
    vae = load_vae(config, folder)
    out = pathlib.Path(folder) / "latents"
    out.mkdir(exist_ok=True)
    for number in range(rank, (stills + clips) // CHUNK, world):
        path = out / f"{number:05d}.pt"
        if path.exists():
            continue
        if time.time() - start > slice_minutes * 60:
            return
        rng = random.Random(seed * 100003 + number)
        form = rng.choices(list(SIZES), [0.8, 0.1, 0.1])[0]
        times = sorted(rng.sample(range(LATENTS_PER_CLIP), 3)) if number < stills // CHUNK else list(range(LATENTS_PER_CLIP))
        scenes = [draw_scene(rng, form=form) for _ in range(CHUNK)]
        parts = [torch.cat(t).contiguous() for t in zip(*(encode_scenes(vae, scenes[lo:lo + TOGETHER], times) for lo in range(0, CHUNK, TOGETHER)))]
        torch.save(dict(form=form, times=times, scenes=[asdict(s) for s in scenes], latents=parts[0], last=parts[1], portrait=parts[2], sound=parts[3], boxes=parts[4]), str(path) + ".part")
        os.replace(str(path) + ".part", path)
        if rank == 0 and number % 10 == 0:
            print("chunk", number, flush=True)


class Pool:
    """All complete chunks, by form and latent frame; `refresh` takes in those that have appeared since."""

    def __init__(self, folder):
        self.folder, self.seen, self.count = pathlib.Path(folder) / "latents", set(), 0
        self.whole = {form: [] for form in SIZES}
        self.at = {form: [[] for _ in range(LATENTS_PER_CLIP)] for form in SIZES}
        self.refresh()

    def refresh(self):
        for path in sorted(self.folder.glob("*.pt")):
            if path.name not in self.seen:
                self.seen.add(path.name)
                c = torch.load(path, weights_only=True)
                c["scenes"] = [Scene(**s) for s in c["scenes"]]
                self.count += len(c["scenes"])
                if len(c["times"]) == LATENTS_PER_CLIP:
                    self.whole[c["form"]].append(c)
                for place, t in enumerate(c["times"]):
                    self.at[c["form"]][t].append((c, place))

    def draw(self, rng, times, form, count):
        """`count` triples (chunk, row, places of `times` in the chunk)."""
        if len(times) == 1:
            picks = [rng.choice(self.at[form][times[0]]) for _ in range(count)]
            return [(c, rng.randrange(CHUNK), [k]) for c, k in picks]
        return [(rng.choice(self.whole[form]), rng.randrange(CHUNK), times) for _ in range(count)]

    def forms(self, times):
        return [f for f in SIZES if (all(self.at[f][t] for t in times) if len(times) == 1 else self.whole[f])]
