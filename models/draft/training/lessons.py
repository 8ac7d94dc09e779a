"""What the phases of stream.py learn from, drawn on the GPU out of the rings and shelves of feed.py: windows of pictures for the VAE,
latents with their times, words and clean marks for the denoiser. Each row has its own clip and its own times; nothing here holds weights.
"""
import torch

from cache import LATENTS_PER_CLIP
from common import device
from feed import padded
from model import layout
from train_denoiser import clean_marks
from world.concepts import SIZES

FORMS, SHARE = list(SIZES), [0.8, 0.1, 0.1]


def pick(rng, holders):
    forms = [f for f in FORMS if holders[f].count]
    return rng.choices(forms, [SHARE[FORMS.index(f)] for f in forms])[0]


def windows(ring, counts, mirror):
    """Encoder input, for each decoded latent its index and that of the one before, and how much more errors count where the subject is.
    counts: stills (a frame as if a clip began with it), clips' beginnings of three latents, middles of three of which two are decoded."""
    stills, starts, middles = counts
    d = device()
    five = torch.arange(5, device=d)
    first = torch.randint(0, 49, (stills, 1), device=d).expand(-1, 5)
    at = torch.randint(0, 41, (starts, 1), device=d) * (torch.rand(starts, 1, device=d) < 0.5)
    begun = torch.stack([at.expand(-1, 5), at + five, at + 4 + five], 1).flatten(0, 1)
    k = 4 * torch.randint(0, LATENTS_PER_CLIP - 3, (middles, 1), device=d)
    going = torch.stack([k + five, k + 4 + five, k + 8 + five], 1).flatten(0, 1)
    rows = torch.randint(0, ring.count, (stills + starts + middles,), device=d)
    rows = torch.cat([rows[:stills], rows[stills:].repeat_interleave(3)])
    frames = torch.cat([first, begun, going])
    x, boxes = ring.rows["frames"][rows[:, None], frames], ring.rows["boxes"][rows[:, None], frames[:, 1:]]
    if mirror:
        x, boxes = x.flip(-2), torch.stack([1 - boxes[..., 2], boxes[..., 1], 1 - boxes[..., 0], boxes[..., 3]], -1)
    h, w = x.shape[2:4]
    x = padded(x.flatten(0, 1)).unflatten(0, (-1, 5)).flatten(1, 2).contiguous(memory_format=torch.channels_last)
    b = stills + 3 * torch.arange(starts, device=d)
    m = stills + 3 * starts + 3 * torch.arange(middles, device=d)
    s = torch.arange(stills, device=d)
    now = torch.cat([s, b, b + 1, b + 2, m + 1, m + 2])
    before = torch.cat([s, b, b, b + 1, m, m + 1])
    gx, gy = (torch.arange(x.shape[3], device=d) + 0.5) / w, (torch.arange(x.shape[2], device=d) + 0.5) / h
    inside = ((gx > boxes[..., :1]) & (gx < boxes[..., 2:3]))[..., None, :] & ((gy > boxes[..., 1:2]) & (gy < boxes[..., 3:]))[..., :, None]
    return x, now, before, inside[now].repeat_interleave(3, 1)


def times_for(rows, count, condition):
    """Latent frame numbers [rows, count], each row its own: in a run for four in ten (and before a continuation), else by lot."""
    d, n = device(), LATENTS_PER_CLIP
    if count == n:
        return torch.arange(n, device=d).expand(rows, -1)
    lot = torch.rand(rows, n, device=d)
    if condition in ("first", "last"):
        lot[:, 0 if condition == "first" else n - 1] = 2
    times = lot.topk(count, 1).indices.sort(1).values
    run = torch.randint(0, n - count + 1, (rows, 1), device=d) + torch.arange(count, device=d)
    together = torch.rand(rows, 1, device=d) < {"prefix": 1.0, "": 0.4, "reference": 0.4}.get(condition, 0.0)
    return torch.where(together, run, times)


def lesson(shelf, rows, count, condition, rng, plan, drop=0.1):
    """x_0 of picture and sound, words, places and clean marks, and what each token's error weighs."""
    d = device()
    at, times = torch.randint(0, shelf.count, (rows,), device=d), times_for(rows, count, condition)
    video = shelf.rows["latents"][at[:, None], times].float()
    if condition == "last":
        video[:, -1] = shelf.rows["last"][at].float()
    frame, channels = video.shape[2:]
    video, sound = video.flatten(1, 2), shelf.rows["sound"][at[:, None], times].float()
    weight = 1 + plan["subject"] * shelf.rows["subject"][at[:, None], times].float().flatten(1)
    clean, references = None, []
    if condition:
        clean = clean_marks(condition, rows, count, frame, rng).to(d)
        if condition == "reference":
            ones = torch.ones(rows, 16, device=d)
            video, clean, references = torch.cat([video, shelf.rows["portrait"][at].float()], 1), torch.cat([clean, ones], 1), [(4, 4)]
            weight = torch.cat([weight, ones], 1)
        weight = weight * (1 - clean)
    words = shelf.rows["words"][at, torch.randint(0, shelf.rows["words"].shape[1], (rows,), device=d)].long()
    silent = torch.rand(rows, 1, device=d) < drop
    words = torch.where(silent, torch.tensor([2] + [0] * 31, device=d), words)
    return video, sound, words, (words > 0).float(), times, clean, weight, places(shelf, times, references)


def places(shelf, times, references):
    """coords [B, N, 3] with each row's own times, and grids [N, 2]."""
    coords, grids = layout(range(times.shape[1]), shelf.h, shelf.w, references, device())
    coords = coords.expand(times.shape[0], -1, -1).clone()
    n, frame = times.shape[1], shelf.h * shelf.w
    coords[:, :n * frame, 0] = times.repeat_interleave(frame, 1).float()
    coords[:, -n:, 0] = times.float()
    return coords, grids


def turn(progress, rng, plan):
    """(latent frames, clips, condition) at this point of the denoiser's phase."""
    condition = rng.choice(["first", "first", "last", "prefix", "reference"]) if rng.random() < plan["conditioned"] else ""
    if progress < plan["still_until"] or (progress < plan["sparse_until"] and rng.random() < 0.2):
        return 1, plan["still_batch"], ""
    if progress < plan["sparse_until"] or rng.random() < 0.1:
        return 4, plan["sparse_batch"], condition
    return LATENTS_PER_CLIP, plan["whole_batch"], condition


def rehearsal(plan):
    """Every lesson once or twice, with the sizes that will come: what cannot work fails now."""
    for count, rows in ((1, plan["still_batch"]), (4, plan["sparse_batch"]), (LATENTS_PER_CLIP, plan["whole_batch"])):
        for condition in ("", "", "first", "prefix", "reference", "last") if count > 1 else ("", ""):
            yield count, rows, condition
