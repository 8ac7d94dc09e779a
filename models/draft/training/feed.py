"""Clips for a GPU, which learns faster than one process draws: workers render into shared memory, a thread carries what is ready to
the GPU. There the newest clips lie as pictures (the ring, for the VAE), and once the encoder is frozen all of them as latents, each
also mirrored (the shelf, for the denoiser). A worker must never touch the GPU, and a row of the shelf is counted only when it is whole.
"""
import multiprocessing
import os
import random
import shutil
import tempfile
import threading
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F

from cache import LATENTS_PER_CLIP, seen_by, sound_tokens
from common import autocast, device
from train_text import INDEX
from world import captions
from world.concepts import FRAMES, SIZES, draw_scene
from world.film import CURVES, portrait, render

BLOCK = 32                               # clips that travel together, all of one form
SAYINGS = 6                              # captions drawn for each clip, and as many for its mirror image
PIXELS = 128 * 72                        # of a frame; the three forms have as many
GROUPS = torch.tensor([[0] * 5] + [[4 * k - 4, 4 * k - 3, 4 * k - 2, 4 * k - 1, 4 * k] for k in range(1, LATENTS_PER_CLIP)] + [[FRAMES - 1] * 5])
FIELDS = [("frames", np.uint8, (FRAMES, PIXELS * 3)), ("portrait", np.uint8, (64, 64, 3)), ("sound", np.float16, (LATENTS_PER_CLIP, 64)),
          ("boxes", np.float32, (FRAMES, 4)), ("words", np.int16, (2, SAYINGS, 32))]
SUBJECT_X = [i for i in range(64) if i % len(CURVES) == CURVES.index("subject_x")]


def mirrored(scene):
    other = {"left": "right", "right": "left"}
    return replace(scene, action=other.get(scene.action, scene.action), camera=" ".join(other.get(w, w) for w in scene.camera.split()))


def padded(frames):
    """uint8 [n, h, w, 3] -> f32 [n, 3, H, W] in -1 ... 1, H and W multiples of 16."""
    h, w = frames.shape[1:3]
    x = frames.permute(0, 3, 1, 2).float() / 127.5 - 1
    return F.pad(x, (0, -w % 16, 0, -h % 16), mode="replicate")


def settle():
    """Waits for what this thread gave the GPU to do: other threads may read it now."""
    if device().type == "cuda":
        torch.cuda.current_stream().synchronize()


class Blocks:
    """The shared memory: `count` blocks of BLOCK clips, every field an array."""

    def __init__(self, count):
        size = count * BLOCK * sum(np.dtype(t).itemsize * int(np.prod(s)) for _, t, s in FIELDS)
        shm = "/dev/shm"
        where = shm if os.path.isdir(shm) and shutil.disk_usage(shm).free > 2 * size else None
        self.file = tempfile.NamedTemporaryFile(prefix="kinora-clips-", dir=where)
        self.file.truncate(size)
        at, self.fields = 0, {}
        for name, kind, shape in FIELDS:
            whole = (count, BLOCK, *shape)
            self.fields[name] = np.memmap(self.file.name, kind, "r+", at, whole)
            at += self.fields[name].nbytes


def draw(rank, seed, blocks, free, done):
    """A worker: fills free blocks with clips, for ever."""
    import cv2
    cv2.setNumThreads(1)
    os.nice(10)
    rng = random.Random(seed * 100003 + rank)
    while True:
        place = free.get()
        form = rng.choices(list(SIZES), [0.8, 0.1, 0.1])[0]
        for row in range(BLOCK):
            scene, boxes = draw_scene(rng, form=form), []
            frames, curves = render(scene, boxes=boxes)
            values = dict(frames=frames.reshape(FRAMES, -1), portrait=portrait(scene), sound=sound_tokens(curves).numpy(), boxes=boxes, words=0)
            for name, value in values.items():
                blocks.fields[name][place, row] = value
            for side, seen in enumerate((scene, mirrored(scene))):
                for i in range(SAYINGS):
                    ids = captions.tokens(captions.caption(seen, rng), INDEX, 32)
                    blocks.fields["words"][place, row, side, i, :len(ids)] = ids
        done.put((place, form))


class Ring:
    """The newest clips of one form on the GPU, as they were drawn."""

    def __init__(self, form, size):
        w, h = SIZES[form]
        self.size, self.count, self.at = size, 0, 0
        kinds = {np.uint8: torch.uint8, np.float16: torch.float16, np.float32: torch.float32, np.int16: torch.int16}
        self.rows = {n: torch.zeros(size, *((FRAMES, h, w, 3) if n == "frames" else s), dtype=kinds[t], device=device()) for n, t, s in FIELDS}

    def put(self, block):
        n = len(block["frames"])
        for name, value in block.items():
            rows = self.rows[name]
            rows[self.at:self.at + n] = value.view(n, *rows.shape[1:])
        settle()
        self.at = (self.at + n) % self.size
        self.count = min(self.size, max(self.count, self.at if self.at else self.size))


class Shelf:
    """All clips of one form as latents, tokens last: latents [n, 13, hw, C], the last frame and the portrait coded alone, sound, where
    the subject is, captions as ids."""

    def __init__(self, form, size, channels):
        w, h = SIZES[form]
        self.h, self.w, self.size, self.count, n = -(-h // 16), -(-w // 16), size, 0, LATENTS_PER_CLIP
        hw = self.h * self.w
        shapes = dict(latents=(n, hw, channels), last=(hw, channels), portrait=(16, channels), sound=(n, 64), subject=(n, hw), words=(SAYINGS, 32))
        kinds = dict(subject=torch.bool, words=torch.int16)
        self.rows = {k: torch.zeros(size, *s, dtype=kinds.get(k, torch.float16), device=device()) for k, s in shapes.items()}

    def put(self, values):
        n = min(len(values["latents"]), self.size - self.count)
        for name, value in values.items():
            self.rows[name][self.count:self.count + n] = value[:n]
        settle()
        self.count += n


def where_subject(boxes, form, h, w):
    """Frame boxes [n, 49, 4] -> [n, 13, hw]: does a latent's cell show the subject in any of its frames?"""
    width, height = SIZES[form]
    parts = [boxes[:, list(seen_by(k))] for k in range(LATENTS_PER_CLIP)]
    low = torch.stack([p[..., :2].amin(1) for p in parts], 1) * torch.tensor([width / 16, height / 16], device=boxes.device)
    high = torch.stack([p[..., 2:].amax(1) for p in parts], 1) * torch.tensor([width / 16, height / 16], device=boxes.device)
    x, y = torch.arange(w, device=boxes.device), torch.arange(h, device=boxes.device)
    across = (x + 1 > low[..., :1]) & (x < high[..., :1])
    down = (y + 1 > low[..., 1:]) & (y < high[..., 1:])
    return (down[..., :, None] & across[..., None, :]).flatten(2)


@torch.no_grad()
def encode(vae, block, form):
    """A block's rows as the shelf holds them, then its mirror image's."""
    tokens = lambda z: vae.normalise(z.float()).flatten(2).transpose(1, 2).half()
    for side in (0, 1):
        frames, pictures, n = block["frames"], block["portrait"], len(block["frames"])
        frames = frames.flip(-2) if side else frames
        x = padded(frames.flatten(0, 1))
        with autocast():
            z = vae.encoder(x.unflatten(0, (n, FRAMES))[:, GROUPS.to(x.device)].flatten(2, 3).flatten(0, 1).contiguous(memory_format=torch.channels_last))
            p = vae.encoder(padded(pictures).repeat(1, 5, 1, 1))
        h, w = z.shape[-2:]
        z = tokens(z).unflatten(0, (n, -1))
        boxes, sound = block["boxes"], block["sound"].clone()
        if side:
            boxes = torch.stack([1 - boxes[..., 2], boxes[..., 1], 1 - boxes[..., 0], boxes[..., 3]], -1)
            sound[..., SUBJECT_X] = -sound[..., SUBJECT_X]
        yield dict(latents=z[:, :-1], last=z[:, -1], portrait=tokens(p), sound=sound, subject=where_subject(boxes, form, h, w), words=block["words"][:, side])


class Feed:
    """Workers, rings and shelves; `freeze(vae)` begins the latents, `close` ends everything."""

    def __init__(self, workers, seed, channels, ring, shelf):
        context = multiprocessing.get_context("fork")
        self.blocks, self.free, self.done = Blocks(3 * workers), context.SimpleQueue(), context.SimpleQueue()
        for place in range(3 * workers):
            self.free.put(place)
        self.workers = [context.Process(target=draw, args=(rank, seed, self.blocks, self.free, self.done), daemon=True) for rank in range(workers)]
        for worker in self.workers:
            worker.start()
        self.rings = {form: Ring(form, size) for form, size in zip(SIZES, ring)}
        self.shelves = {form: Shelf(form, size, channels) for form, size in zip(SIZES, shelf)}
        self.vae, self.drawn, self.lock, self.failure = None, 0, threading.Lock(), None
        settle()
        self.thread = threading.Thread(target=self._carry, daemon=True)
        self.thread.start()

    def _carry(self):
        try:
            stream = torch.cuda.Stream() if device().type == "cuda" else None
            with torch.cuda.stream(stream):
                while (full := self.done.get()) is not None:
                    place, form = full
                    with self.lock:
                        block = {n: torch.from_numpy(np.array(self.blocks.fields[n][place])).to(device()) for n, _, _ in FIELDS}
                        w, h = SIZES[form]
                        block["frames"] = block["frames"].view(BLOCK, FRAMES, h, w, 3)
                        self.free.put(place)
                        self._take(block, form)
        except Exception as e:                                   # the thread that trains must hear of it
            self.failure = e

    def _take(self, block, form):
        self.rings[form].put(block)
        if self.vae is not None and self.shelves[form].count < self.shelves[form].size:
            for values in encode(self.vae, block, form):
                self.shelves[form].put(values)
        self.drawn += BLOCK

    def freeze(self, vae):
        """From now on clips become latents; those in the rings first. With None the shelves are emptied again."""
        with self.lock:
            settle()
            self.vae = vae
            for form, shelf in self.shelves.items():
                shelf.count = 0
                ring = self.rings[form]
                for lo in range(0, ring.count if vae is not None else 0, BLOCK):
                    block = {n: v[lo:min(lo + BLOCK, ring.count)] for n, v in ring.rows.items()}
                    for values in encode(vae, block, form):
                        shelf.put(values)

    def check(self):
        if self.failure or not all(w.is_alive() for w in self.workers):
            raise RuntimeError("the workers that draw clips have stopped") from self.failure

    def close(self):
        self.done.put(None)                          # the thread first: a worker that dies while it holds the queue would keep it waiting
        self.thread.join(60)
        for worker in self.workers:
            worker.terminate()
