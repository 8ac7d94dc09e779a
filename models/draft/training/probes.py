"""Small classifiers that say what a clip shows: the measure of the draft model, never its teacher.
They learn from rendered clips, plain and through the VAE, and score held-out prompts: real clips through encode-decode give the
ceiling. Input: nine frames (0, 6 ... 48) of a 16:9 clip. Two networks: one sees all frames at once (where things are, how they move),
the other looks at single frames, wherever in them the subject may be. They must never see a generated clip in training.
"""
import json
import pathlib
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from common import Optimiser, autocast, device, log, schedule
from world.concepts import CLASSES, FRAMES, draw_scene
from world.film import render

NUMBERS = list(range(0, FRAMES, 6))
WIDTHS = [48, 64, 96, 128]
LOOKS = [0, 4, 8]                        # which of the nine frames are looked at one by one
LOOK_WIDTHS = [32, 64, 96, 160]
LOOKED = ["subject", "colour"]           # what is read from single frames; the rest needs all of them


class Probe(nn.Module):
    """[B, 27, 72, 128] in [-1, 1] -> logits for every attribute. All frames at once: convolutions of stride 2, ReLU between, a hidden layer.
    Frame by frame: three convolutions of stride 2, one of stride 1, the largest value of each channel over the picture, the mean over frames."""

    def __init__(self):
        super().__init__()
        ins = [3 * len(NUMBERS)] + WIDTHS
        self.convs = nn.ModuleList(conv(i, a, b) for i, (a, b) in enumerate(zip(ins[:-1], ins[1:])))
        self.squeeze = nn.Conv2d(WIDTHS[-1], 32, 1)
        self.hidden = nn.Linear(32 * 5 * 8, 256)
        self.heads = nn.ModuleDict({k: nn.Linear(256, len(v)) for k, v in CLASSES.items() if k not in LOOKED})
        ins = [3] + LOOK_WIDTHS
        self.looks = nn.ModuleList(conv(i, a, b, 1 if i == len(LOOK_WIDTHS) - 1 else 2) for i, (a, b) in enumerate(zip(ins[:-1], ins[1:])))
        self.look_heads = nn.ModuleDict({k: nn.Linear(LOOK_WIDTHS[-1], len(CLASSES[k])) for k in LOOKED})

    def forward(self, x):
        return {**self.whole(x), **self.look(x)}

    def whole(self, x):
        for layer in self.convs:
            x = F.relu(layer(x))
        x = F.relu(self.hidden(F.dropout(F.relu(self.squeeze(x)).flatten(1), 0.2, self.training)))
        return {k: head(x) for k, head in self.heads.items()}

    def look(self, x):
        x = x.unflatten(1, (-1, 3))[:, LOOKS]
        count, x = len(x), x.flatten(0, 1)
        for layer in self.looks:
            x = F.relu(layer(x))
        x = x.amax((2, 3)).unflatten(0, (count, -1)).mean(1)
        return {k: head(F.dropout(x, 0.1, self.training)) for k, head in self.look_heads.items()}


def conv(i, a, b, stride=2):
    """The first kernel is 5 wide, the others 3."""
    return nn.Conv2d(a, b, 5 if i == 0 else 3, stride=stride, padding=2 if i == 0 else 1)


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


def train(vae, target, clips=6000, coded=0.08, epochs=(10, 10), batch=64, seed=11, record=None, keep=None):
    """epochs: of the network that sees all frames, and of the one that looks at each. `keep`: a folder with probes whose first
    network is kept as it is (for a run that has no time for both)."""
    torch.manual_seed(seed)
    probe = Probe().to(device())
    if keep:
        old = {k: v.float() for k, v in load_file(str(pathlib.Path(keep) / "probes.safetensors")).items()}
        probe.load_state_dict({k: old[k] if k in old and not k.startswith("look") else v for k, v in probe.state_dict().items()})
        epochs = (0, epochs[1])
    data, facts = examples(vae, random.Random(seed), clips, coded)
    wanted = labels(facts)
    swapped = {"action": torch.tensor(swap(CLASSES["action"])), "camera": torch.tensor(swap(CLASSES["camera"]))}
    parts = [(probe.whole, [k for k in CLASSES if k not in LOOKED], lambda n: not n.startswith("look")), (probe.look, LOOKED, lambda n: n.startswith("look"))]
    for (net, asked, mine), rounds in zip(parts, epochs):
        optimiser = Optimiser([(n, p) for n, p in probe.named_parameters() if mine(n)], 0.01, 1e-3, 0.02, plain=("heads",))
        steps, step = rounds * (clips // batch), 0
        for epoch in range(rounds):
            order, right = torch.randperm(clips), []
            for lo in range(0, clips - batch + 1, batch):
                rows = order[lo:lo + batch]
                x = torch.from_numpy(data[rows.numpy()]).to(device()).float() / 127.5 - 1
                x = x + 0.05 * torch.randn_like(x)
                answers = {k: wanted[k][rows] for k in asked}
                if torch.rand(()) < 0.5:          # the mirrored clip, left and right exchanged
                    x = x.flip(-1)
                    answers.update({k: v[answers[k]] for k, v in swapped.items() if k in asked})
                with autocast():
                    out = net(x)
                loss = sum(F.cross_entropy(out[k].float(), answers[k].to(device()), ignore_index=-100) for k in asked)
                loss.backward()
                optimiser.step(schedule(step / steps, 0.02, 0.4))
                step += 1
                right.append(float((out[asked[0]].argmax(1).cpu() == answers[asked[0]]).float().mean()))
            if record:
                log(record, probe=asked[0], epoch=epoch, loss=loss.item(), seen=sum(right) / len(right))
    target = pathlib.Path(target)
    target.mkdir(parents=True, exist_ok=True)
    save_file({k: v.half().contiguous() for k, v in probe.state_dict().items()}, str(target / "probes.safetensors"))
    about = dict(frames=NUMBERS, width=128, height=72, widths=WIDTHS, looks=LOOKS, look_widths=LOOK_WIDTHS, looked=LOOKED, classes=CLASSES,
                 input="frames stacked on the channel axis, value / 127.5 - 1", absent="space shows neither time nor weather, a room shows no weather")
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


def ceiling(probe, vae, count=300, seed=5, coded=1.0):
    """What the probes see in real held-out clips: through the VAE, or with `coded` 0 as drawn."""
    clips, facts = examples(vae, random.Random(seed), count, coded, held=True)
    return score(probe, clips, facts)


def generated(probe, nets, count, seed=2024, per_batch=16, **options):
    """Scores the model's own clips for held-out prompts."""
    from generate import frames_of, latents, prompts
    config, vae, encoder, denoiser = nets
    chosen, clips, facts = prompts(count, seed), [], []
    for lo in range(0, count, per_batch):
        z, _ = latents(config, encoder, denoiser, [c for _, c in chosen[lo:lo + per_batch]], seed=seed + lo, **options)
        for frames, (scene, _) in zip(frames_of(vae, z, NUMBERS), chosen[lo:lo + per_batch]):
            clips.append(np.ascontiguousarray(frames.transpose(0, 3, 1, 2)).reshape(-1, *frames.shape[1:3]))
            facts.append(scene.attributes())
    return score(probe, np.stack(clips), facts)


CHANCE = {k: 1 / len(v) for k, v in CLASSES.items()}
