"""Teaches the text encoder what words mean before any picture is seen: captions in, attributes out.
A minute of this spares the denoiser from learning language through noise. The heads are thrown away.
It must never see a caption of a held-out combination.
"""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

from common import device, log, save
from model import DraftConfig, TextEncoder
from world import captions
from world.concepts import CLASSES, SHOTS, draw_scene

QUESTIONS = {**CLASSES, "shot": SHOTS}
INDEX = {w: i for i, w in enumerate(captions.vocabulary())}


def pad(rows, length=0):
    """Lists of ids -> ids and mask [B, L], L the longest list's length and at least `length`."""
    length = max(length, max(len(r) for r in rows))
    ids = torch.tensor([r + [0] * (length - len(r)) for r in rows])
    mask = torch.tensor([[1.0] * len(r) + [0.0] * (length - len(r)) for r in rows])
    return ids.to(device()), mask.to(device())


def asked(scene):
    return {**scene.attributes(), "shot": scene.shot}


def train(rank, world, config_path, folder, steps, seed):
    if rank:
        return
    torch.set_num_threads(1 if device().type == "cpu" else 1)
    config = DraftConfig.load(config_path)
    torch.manual_seed(seed)
    rng = random.Random(seed)
    encoder = TextEncoder(config.text).to(device())
    heads = nn.ModuleDict({k: nn.Linear(config.text.width, len(v)) for k, v in QUESTIONS.items()}).to(device())
    params = [*encoder.parameters(), *heads.parameters()]
    optimiser = torch.optim.AdamW(params, 1e-3, weight_decay=0.01)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 1e-3 * min(1.0, (step + 1) / 30) * (1 - 0.9 * step / steps)
        scenes = [draw_scene(rng) for _ in range(96)]
        ids, mask = pad([captions.tokens(captions.caption(s, rng), INDEX, config.text.length) for s in scenes])
        _, pooled = encoder(ids, mask)
        loss, right, count = 0.0, 0, 0
        for k, values in QUESTIONS.items():
            rows = [i for i, s in enumerate(scenes) if k in asked(s)]
            want = torch.tensor([values.index(asked(scenes[i])[k]) for i in rows], device=pooled.device)
            got = heads[k](pooled[rows])
            loss = loss + F.cross_entropy(got, want)
            right, count = right + (got.argmax(1) == want).sum().item(), count + len(rows)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % 20 == 0 or step == steps - 1:
            log(f"{folder}/text.jsonl", step=step, loss=loss.item(), right=right / count)
    save(f"{folder}/text.pt", dict(weights=encoder.state_dict()))
