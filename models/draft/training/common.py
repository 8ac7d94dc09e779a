"""What every stage of training shares: ranks, the optimiser, averaged weights, checkpoints and time slices.
On a CPU each rank is one process with one thread, because two threads that wait for one another lose half their time on a
shared machine; on a GPU there is one rank. A stage must never lose more than a slice's work when it is stopped.
"""
import ctypes
import json
import math
import os
import pathlib
import random
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp


def device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast():
    return torch.autocast(device().type, dtype=torch.bfloat16)


def ranks():
    return 1 if torch.cuda.is_available() else max(1, min(int(os.environ.get("KINORA_RANKS", os.cpu_count() or 1)), 16))


def _hold_memory():
    """Has the C library keep what large tensors leave: fetching it anew from the system cost a fifth of the time of `cache`."""
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(-4, 0)                  # M_MMAP_MAX: nothing is mapped for itself
        libc.mallopt(-1, 2 ** 31 - 1)        # M_TRIM_THRESHOLD: nothing is given back
    except (OSError, AttributeError):
        pass                                 # another C library keeps its own ways


def _enter(rank, world, port, stage, arguments):
    import cv2
    cv2.setNumThreads(1)
    if device().type == "cpu":
        torch.set_num_threads(1)
        _hold_memory()
    if world > 1:
        dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=world)
    stage(rank, world, *arguments)
    if world > 1:
        dist.destroy_process_group()


def launch(stage, *arguments):
    """Runs stage(rank, world, *arguments) on every rank and waits."""
    world = ranks()
    if world == 1:
        return _enter(0, 1, 0, stage, arguments)
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    mp.spawn(_enter, (world, port, stage, arguments), nprocs=world)


def average_gradients(params, world):
    """All gradients, summed over the ranks as one flat tensor and divided; absent ones count as zero."""
    for p in params:
        if p.grad is None:
            p.grad = torch.zeros_like(p)
    if world > 1:
        flat = torch.cat([p.grad.flatten() for p in params])
        dist.all_reduce(flat)
        flat /= world
        at = 0
        for p in params:
            p.grad.copy_(flat[at:at + p.numel()].view_as(p))
            at += p.numel()


def agree(value, world):
    """The largest of the ranks' values (so that all stop, and schedule, together)."""
    if world == 1:
        return value
    t = torch.tensor([value], dtype=torch.float64)
    dist.all_reduce(t, op=dist.ReduceOp.MAX)
    return t.item()


def orthogonalise(g, steps=5):
    """Newton-Schulz iteration towards the nearest orthogonal matrix, batched: [n, rows, cols]."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    for _ in range(steps):
        s = x @ x.mT
        x = a * x + (b * s + c * (s @ s)) @ x
    return (x.mT if tall else x).float()


class Optimiser:
    """Orthogonalised momentum for matrices (the work shared out among the ranks), Adam for all else."""

    def __init__(self, named, matrix_lr, other_lr, decay=0.01, rank=0, world=1, plain=()):
        self.matrices, self.others = {}, []
        for name, p in named:
            if p.dim() >= 2 and min(p.shape[0], p[0].numel()) >= 16 and not any(k in name for k in plain):
                self.matrices.setdefault((p.shape[0], p[0].numel()), []).append(p)
            else:
                self.others.append(p)
        self.params = [p for ps in self.matrices.values() for p in ps] + self.others
        self.momentum = [torch.zeros_like(p) for p in self.params]
        self.second = [torch.zeros_like(p) for p in self.others]
        self.matrix_lr, self.other_lr, self.decay, self.rank, self.world, self.count = matrix_lr, other_lr, decay, rank, world, 0

    def state(self):
        return dict(momentum=self.momentum, second=self.second, count=self.count)

    def load(self, state):
        for mine, theirs in ((self.momentum, state["momentum"]), (self.second, state["second"])):
            for a, b in zip(mine, theirs):
                a.copy_(b)
        self.count = state["count"]

    @torch.no_grad()
    def step(self, scale, clip=1.0):
        """One step; the gradients' norm as a tensor, so that a GPU need not be waited for."""
        average_gradients(self.params, self.world)
        grads = [p.grad for p in self.params]
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))
        self.count += 1
        inner = len(self.params) - len(self.others)
        if inner:
            self._matrices(grads[:inner], scale)
        if self.others:
            momentum, c1, c2 = self.momentum[inner:], 1 - 0.9 ** self.count, 1 - 0.99 ** self.count
            g = torch._foreach_mul(grads[inner:], (clip / (norm + 1e-9)).clamp(max=1.0))
            torch._foreach_lerp_(momentum, g, 0.1)
            torch._foreach_lerp_(self.second, torch._foreach_mul(g, g), 0.01)
            below = torch._foreach_sqrt(torch._foreach_div(self.second, c2))
            torch._foreach_add_(below, 1e-8)
            torch._foreach_addcdiv_(self.others, torch._foreach_div(momentum, c1), below, value=-self.other_lr * scale)
        for p in self.params:
            p.grad = None
        return norm

    def _matrices(self, grads, scale):
        momentum = self.momentum[:len(grads)]
        torch._foreach_lerp_(momentum, grads, 0.05)
        steered, at, turn, updates = torch._foreach_lerp(grads, momentum, 0.95), 0, 0, []
        for (rows, cols), ps in self.matrices.items():
            flat = torch.stack([g.reshape(rows, cols) for g in steered[at:at + len(ps)]])
            share = 4 if self.world > 1 else len(ps)
            for lo in range(0, len(ps), share):
                part = flat[lo:lo + share]
                mine = turn % self.world == self.rank
                updates.append(orthogonalise(part) * max(1.0, rows / cols) ** 0.5 if mine else torch.zeros_like(part))
                turn += 1
            at += len(ps)
        if self.world > 1:
            shared = torch.cat([u.flatten() for u in updates])
            dist.all_reduce(shared)
            updates = [s.view_as(u) for s, u in zip(shared.split([u.numel() for u in updates]), updates)]
        matrices = self.params[:len(grads)]
        torch._foreach_mul_(matrices, 1 - self.matrix_lr * scale * self.decay)
        torch._foreach_add_(matrices, [u.view_as(p) for u, p in zip((row for part in updates for row in part), matrices)], alpha=-self.matrix_lr * scale)


class Averaged:
    """An exponential average of the weights: what is shipped."""

    def __init__(self, module, keep=0.995):
        self.module, self.keep, self.count = module, keep, 0
        self.values = {k: v.detach().clone().float() for k, v in module.state_dict().items()}

    @torch.no_grad()
    def update(self):
        self.count += 1
        k = min(self.keep, (1 + self.count) / (10 + self.count))
        torch._foreach_lerp_(list(self.values.values()), [v.float() for v in self.module.state_dict().values()], 1 - k)


def schedule(progress, warm=0.02, flat=0.55):
    """Learning-rate factor: short rise, flat, then a cosine down to 2 %."""
    if progress < warm:
        return max(0.05, progress / warm)
    if progress < flat:
        return 1.0
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - flat) / (1 - flat))))


class Clock:
    """Counts a stage's processor time over all slices, so a busy machine slows training but does not cut it short.

    `progress` runs 0 ... 1; `pause` says that this slice is over. With KINORA_UNTIL (seconds since 1970) the stage takes as
    much work as it will get done by then at the present pace, whatever `minutes` says, and the schedule follows."""

    def __init__(self, minutes, spent, slice_minutes):
        self.total, self.spent, self.slice = minutes * 60, spent, slice_minutes * 60
        self.start, self.busy, self.until = time.time(), time.process_time(), float(os.environ.get("KINORA_UNTIL", 0))

    def elapsed(self):
        return self.spent + time.process_time() - self.busy

    def progress(self):
        if not self.until:
            return self.elapsed() / self.total
        if time.time() >= self.until:
            return 1.0
        pace = (time.process_time() - self.busy + 5) / (time.time() - self.start + 10)
        return self.elapsed() / (self.elapsed() + (self.until - time.time()) * pace)

    def pause(self):
        return time.time() - self.start > self.slice or self.progress() >= 1


def save(path, state):
    """Written beside, then renamed: a kill leaves the old checkpoint whole."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, str(path) + ".part")
    os.replace(str(path) + ".part", path)


def load(path):
    return torch.load(path, map_location=device(), weights_only=True) if pathlib.Path(path).exists() else None


def seed_all(seed, rank):
    torch.manual_seed(seed * 1000 + rank)
    return random.Random(seed * 1000 + rank)


def log(path, **facts):
    line = json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in facts.items()})
    print(line, flush=True)
    with open(path, "a") as f:
        f.write(line + "\n")
