"""Small classifiers that say what a clip shows: the measure of the draft model, never its teacher.
They learn from rendered clips, plain and through the VAE, and score held-out prompts: real clips through encode-decode give the
ceiling. Input: nine frames (0, 6 ... 48) of a 16:9 clip. They must never see a generated clip in training.
"""
import json
import pathlib
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from common import Optimiser, device, log, schedule
from world.concepts import CLASSES, FRAMES, draw_scene
from world.film import render

NUMBERS = list(range(0, FRAMES, 6))
WIDTHS = [48, 64, 96, 128]


class Probe(nn.Module):
    """[B, 27, 72, 128] in [-1, 1] -> logits for every attribute. Convolutions of stride 2 and padding 2 or 1, ReLU between."""

    def __init__(self):
        super().__init__()
        ins = [3 * len(NUMBERS)] + WIDTHS
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 5 if i == 0 else 3, stride=2, padding=2 if i == 0 else 1) for i, (a, b) in enumerate(zip(ins[:-1], ins[1:])))
        self.squeeze = nn.Conv2d(WIDTHS[-1], 32, 1)
        self.hidden = nn.Linear(32 * 5 * 8, 256)
        self.heads = nn.ModuleDict({k: nn.Linear(256, len(v)) for k, v in CLASSES.items()})

    def forward(self, x):
        for conv in self.convs:
            x = F.relu(conv(x))
        x = F.relu(self.hidden(F.dropout(F.relu(self.squeeze(x)).flatten(1), 0.2, self.training)))
        return {k: head(x) for k, head in self.heads.items()}


def tensor(frames):
    """uint8 [9, 72, 128, 3] -> f32 [27, 72, 128]"""
    return torch.from_numpy(np.ascontiguousarray(frames)).permute(0, 3, 1, 2).flatten(0, 1).float() / 127.5 - 1


def examples(vae, rng, count, coded, held=False):
    """uint8 clips [count, 27, 72, 128] and their attributes; a share `coded` of them passes through the VAE."""
    from generate import decode
    from train_vae import padded
    clips, facts = [], []
    while len(clips) < count:
        scene = draw_scene(rng, held=held, form="16:9")
        if scene.second:
            continue
        if rng.random() < coded:
            with torch.no_grad():
                frames = render(scene)[0]
                frames = decode(vae, vae.encode(padded(frames).to(device())), numbers=NUMBERS)
        else:
            frames = render(scene, NUMBERS)[0]
        clips.append(np.ascontiguousarray(frames.transpose(0, 3, 1, 2)).reshape(-1, *frames.shape[1:3]))
        facts.append(scene.attributes())
    return np.stack(clips), facts


def labels(facts):
    return {k: torch.tensor([v.index(f[k]) if k in f else -100 for f in facts]) for k, v in CLASSES.items()}


def swap(values):
    """Places of the values with left and right exchanged."""
    other = {"left": "right", "right": "left"}
    return [values.index(" ".join(other.get(w, w) for w in v.split())) for v in values]


def train(vae, target, clips=6000, coded=0.08, epochs=10, batch=64, seed=11, record=None):
    torch.manual_seed(seed)
    data, facts = examples(vae, random.Random(seed), clips, coded)
    wanted, probe = labels(facts), Probe().to(device())
    optimiser = Optimiser(probe.named_parameters(), 0.01, 1e-3, 0.02, plain=("heads",))
    swapped = {"action": torch.tensor(swap(CLASSES["action"])), "camera": torch.tensor(swap(CLASSES["camera"]))}
    steps, step = epochs * (clips // batch), 0
    for epoch in range(epochs):
        order = torch.randperm(clips)
        for lo in range(0, clips - batch + 1, batch):
            rows = order[lo:lo + batch]
            x = torch.from_numpy(data[rows.numpy()]).to(device()).float() / 127.5 - 1
            x = x + 0.05 * torch.randn_like(x)
            answers = {k: wanted[k][rows] for k in CLASSES}
            if torch.rand(()) < 0.5:          # the mirrored clip, left and right exchanged
                x = x.flip(-1)
                answers.update({k: v[answers[k]] for k, v in swapped.items()})
            out = probe(x)
            loss = sum(F.cross_entropy(out[k], answers[k].to(device()), ignore_index=-100) for k in CLASSES)
            loss.backward()
            optimiser.step(schedule(step / steps, 0.02, 0.4))
            step += 1
        if record:
            log(record, probe_epoch=epoch, loss=loss.item())
    target = pathlib.Path(target)
    target.mkdir(parents=True, exist_ok=True)
    save_file({k: v.half().contiguous() for k, v in probe.state_dict().items()}, str(target / "probes.safetensors"))
    about = dict(frames=NUMBERS, width=128, height=72, widths=WIDTHS, classes=CLASSES, input="frames stacked on the channel axis, value / 127.5 - 1",
                 absent="space shows neither time nor weather, a room shows no weather")
    (target / "probes.json").write_text(json.dumps(about, indent=1) + "\n")
    return probe.eval()


def load_probe(target):
    probe = Probe()
    probe.load_state_dict({k: v.float() for k, v in load_file(str(pathlib.Path(target) / "probes.safetensors")).items()})
    return probe.to(device()).eval()


@torch.no_grad()
def score(probe, clips, facts):
    """Accuracy per attribute over uint8 clips [n, 27, 72, 128]."""
    right = {k: [] for k in CLASSES}
    for lo in range(0, len(clips), 64):
        out = probe(torch.from_numpy(clips[lo:lo + 64]).to(device()).float() / 127.5 - 1)
        for i, f in enumerate(facts[lo:lo + 64]):
            for k in f:
                right[k].append(int(out[k][i].argmax()) == CLASSES[k].index(f[k]))
    return {k: float(np.mean(v)) for k, v in right.items()}


def ceiling(probe, vae, count=300, seed=5):
    clips, facts = examples(vae, random.Random(seed), count, 1.0, held=True)
    return score(probe, clips, facts)


def generated(probe, nets, count, seed=2024, per_batch=16, **options):
    """Scores the model's own clips for held-out prompts."""
    from generate import decode, latents, prompts
    config, vae, encoder, denoiser = nets
    chosen, clips, facts = prompts(count, seed), [], []
    for lo in range(0, count, per_batch):
        z, _ = latents(config, encoder, denoiser, [c for _, c in chosen[lo:lo + per_batch]], seed=seed + lo, **options)
        for row, (scene, _) in zip(z, chosen[lo:lo + per_batch]):
            frames = decode(vae, row, numbers=NUMBERS)
            clips.append(np.ascontiguousarray(frames.transpose(0, 3, 1, 2)).reshape(-1, *frames.shape[1:3]))
            facts.append(scene.attributes())
    return score(probe, np.stack(clips), facts)


CHANCE = {k: 1 / len(v) for k, v in CLASSES.items()}
