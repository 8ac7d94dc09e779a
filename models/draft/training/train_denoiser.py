"""Trains the denoiser (and the text encoder with it) by rectified flow on cached latents.
The order is a curriculum: single latent frames teach places, subjects and colours at a thirteenth of a clip's price; four frames
at their true times teach motion; whole clips come last. Frames keep their own time coordinate throughout, so nothing is relearnt.
Clean tokens (first, last, prefix, reference picture) join after the first part. It must never see a held-out combination.
"""
import torch

from cache import LATENTS_PER_CLIP, Pool
from common import Averaged, Clock, Optimiser, agree, autocast, device, load, log, save, schedule, seed_all
from model import Denoiser, DraftConfig, TextEncoder, layout
from train_text import INDEX, pad
from world import captions


def lesson(progress, rng, plan):
    """(latent frames, clips per rank, share of batches with clean tokens) at this point of the curriculum."""
    if progress < plan["still_until"]:
        return 1, plan["still_batch"], 0.0
    if progress < plan["sparse_until"]:
        return (1, plan["still_batch"], 0.0) if rng.random() < 0.25 else (4, plan["sparse_batch"], 0.3)
    return (4, plan["sparse_batch"], 0.3) if rng.random() < 0.2 else (LATENTS_PER_CLIP, plan["whole_batch"], 0.3)


def times_for(rng, count, condition):
    if count == LATENTS_PER_CLIP:
        return list(range(count))
    if condition == "first":
        return [0] + sorted(rng.sample(range(1, LATENTS_PER_CLIP), count - 1))
    if condition == "last":
        return sorted(rng.sample(range(LATENTS_PER_CLIP - 1), count - 1)) + [LATENTS_PER_CLIP - 1]
    if count > 1 and (condition == "prefix" or rng.random() < 0.4):
        start = rng.randint(0, LATENTS_PER_CLIP - count)
        return list(range(start, start + count))
    return sorted(rng.sample(range(LATENTS_PER_CLIP), count))


def batch(pool, rng, count, clips, share, config, drop=0.1):
    """x_0 of video and sound, captions, places and clean marks for one step."""
    condition = rng.choice(["first", "first", "last", "prefix", "reference"]) if rng.random() < share else ""
    times = times_for(rng, count, condition)
    forms = pool.forms(times)
    form = rng.choices(forms, [0.8 if f == "16:9" else 0.1 for f in forms])[0]
    video, sound, text, pictures = [], [], [], []
    for chunk, row, places in pool.draw(rng, times, form, clips):
        z = chunk["latents"][row][places]
        if condition == "last":
            z = torch.cat([z[:-1], chunk["last"][row][None]])
        video.append(z)
        sound.append(chunk["sound"][row][places])
        pictures.append(chunk["portrait"][row])
        text.append("" if rng.random() < drop else captions.caption(chunk["scenes"][row], rng))
    video, sound = torch.stack(video).float(), torch.stack(sound).float()
    h, w = video.shape[-2:]
    video = video.permute(0, 1, 3, 4, 2).reshape(clips, -1, video.shape[2])
    clean, references = None, []
    if condition:
        clean = torch.zeros(clips, video.shape[1])
        frame = h * w
        if condition == "first":
            clean[:, :frame] = 1
        elif condition == "last":
            clean[:, -frame:] = 1
        elif condition == "prefix":
            clean[:, : frame * rng.randint(1, max(1, count // 2))] = 1
        else:
            p = torch.stack(pictures).float().permute(0, 2, 3, 1).flatten(1, 2)
            video, clean, references = torch.cat([video, p], 1), torch.cat([clean, torch.ones(clips, p.shape[1])], 1), [(4, 4)]
    ids, mask = pad([captions.tokens(t, INDEX, config.text.length) for t in text])
    coords, grids = layout(times, h, w, references)
    d = device()
    return video.to(d), sound.to(d), ids, mask, coords.to(d), grids.to(d), None if clean is None else clean.to(d)


def flow_loss(denoiser, encoder, parts, rng_shift=0.0):
    video, sound, ids, mask, coords, grids, clean = parts
    t = torch.sigmoid(torch.randn(len(video), device=video.device) + rng_shift)
    k = t[:, None, None]
    nv, ns = torch.randn_like(video), torch.randn_like(sound)
    x, s = (1 - k) * video + k * nv, (1 - k) * sound + k * ns
    if clean is not None:
        x = torch.where(clean[..., None] > 0, video, x)
    with autocast():
        states, pooled = encoder(ids, mask)
        v, u = denoiser(x, s, t, states, mask, pooled, coords, grids, clean)
    e = (v.float() - (nv - video)).square().mean(-1)
    picture = e.mean() if clean is None else (e * (1 - clean)).sum() / (1 - clean).sum()
    return picture, (u.float() - (ns - sound)).square().mean()


def both(denoiser, encoder):
    return [*(("denoiser." + n, p) for n, p in denoiser.named_parameters()), *(("text." + n, p) for n, p in encoder.named_parameters())]


PLAIN = ("text.", "_in.", "_out.", "position", "time", "table", "modulation", "pooled")


def train(rank, world, config_path, folder, minutes, slice_minutes, plan, seed):
    config = DraftConfig.load(config_path)
    path, record = f"{folder}/denoiser.pt", f"{folder}/denoiser.jsonl"
    state = load(path)
    torch.manual_seed(seed)
    denoiser, encoder = Denoiser(config.denoiser).to(device()), TextEncoder(config.text).to(device())
    encoder.load_state_dict(load(f"{folder}/text.pt")["weights"])
    averages = [Averaged(denoiser, 0.98), Averaged(encoder, 0.98)]
    optimiser = Optimiser(both(denoiser, encoder), plan["matrix_lr"], plan["other_lr"], 0.01, rank, world, plain=tuple(p if p.startswith("text") else p for p in PLAIN))
    steps = clips = 0
    if state:
        denoiser.load_state_dict(state["denoiser"])
        encoder.load_state_dict(state["encoder"])
        for a, v in zip(averages, state["averages"]):
            a.values, a.count = v, 1000
        optimiser.load(state["optimiser"])
        steps, clips = state["steps"], state["clips"]
    rng, agreed = seed_all(seed + steps, rank), seed_all(seed + steps + 77, 0)
    torch.manual_seed(seed * 7919 + steps * 2 + rank)
    clock = Clock(minutes, state["spent"] if state else 0, slice_minutes)
    pool, recent, snapshot = Pool(folder), [], state["snapshot"] if state else 0

    def keep(name=path):
        if rank == 0:
            save(name, dict(denoiser=denoiser.state_dict(), encoder=encoder.state_dict(), averages=[a.values for a in averages], optimiser=optimiser.state(),
                            steps=steps, clips=clips, spent=clock.elapsed(), snapshot=snapshot))

    def light(name):
        if rank == 0:
            save(name, dict(averages=[a.values for a in averages], steps=steps, clips=clips, spent=clock.elapsed()))

    while not agree(float(clock.pause()), world):
        progress = agree(clock.progress(), world)
        count, per_rank, share = lesson(progress, agreed, plan)
        picture, hearing = flow_loss(denoiser, encoder, batch(pool, rng, count, per_rank, share, config), plan.get("shift", 0.0))
        (picture + 0.3 * hearing).backward()
        norm = optimiser.step(schedule(progress, 0.01, 0.6))
        for a in averages:
            a.update()
        steps, clips = steps + 1, clips + per_rank * world
        recent.append((picture.item(), hearing.item()))
        if steps % (25 if minutes > 1 else 4) == 0:
            p, u = [sum(c) / len(c) for c in zip(*recent)]
            recent = []
            if rank == 0:
                log(record, steps=steps, clips=clips, seconds=clock.elapsed(), frames=count, picture=p, sound=u, norm=norm, pool=pool.count)
        if steps % 100 == 0:
            pool.refresh()
            keep()
        if clock.elapsed() > (snapshot + 1) * plan["snapshot_minutes"] * 60:
            snapshot += 1
            light(f"{folder}/snapshots/{snapshot:03d}.pt")
    keep()
