"""Trains the denoiser (and the text encoder with it) by rectified flow on cached latents.
The order is a curriculum: single latent frames teach places, subjects and colours at a thirteenth of a clip's price; four frames
at their true times teach motion; whole clips come last. Frames keep their own time coordinate throughout, so nothing is relearnt.
Clean tokens (first, last, prefix, reference picture) join after the first part. Tokens that the subject covers weigh more: they are
few, and all that is hard is in them. The text encoder stays as its own stage left it. It must never see a held-out combination.
"""
import torch

import export

from cache import LATENTS_PER_CLIP, Pool
from common import Averaged, Clock, Optimiser, agree, autocast, device, load, log, save, schedule, seed_all
from denoiser import Block
from model import Denoiser, DraftConfig, TextEncoder, layout
from train_text import INDEX, pad
from world import captions


def lesson(progress, rng, plan):
    """(latent frames, clips per rank, share of batches with clean tokens) at this point of the curriculum."""
    if progress < plan["still_until"]:
        return 1, plan["still_batch"], 0.0
    if progress < plan["sparse_until"]:
        return (1, plan["still_batch"], 0.0) if rng.random() < plan["still_share"] else (4, plan["sparse_batch"], 0.3)
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


def clean_marks(condition, clips, count, frame, rng):
    """[clips, count * frame]: 1 where a token of the clip is given, `frame` tokens to a latent frame. A reference picture's own come after."""
    clean = torch.zeros(clips, count * frame)
    if condition == "first":
        clean[:, :frame] = 1
    elif condition == "last":
        clean[:, -frame:] = 1
    elif condition == "prefix":
        clean[:, : frame * rng.randint(1, max(1, count // 2))] = 1
    return clean


def batch(pool, rng, count, clips, share, config, more, landscape=0.8, drop=0.1):
    """x_0 of video and sound, captions, places and clean marks for one step."""
    condition = rng.choice(["first", "first", "last", "prefix", "reference"]) if rng.random() < share else ""
    times = times_for(rng, count, condition)
    forms = pool.forms(times)
    form = rng.choices(forms, [landscape if f == "16:9" else (1 - landscape) / 2 for f in forms])[0]
    video, sound, text, pictures, boxes = [], [], [], [], []
    for chunk, row, places in pool.draw(rng, times, form, clips):
        z = chunk["latents"][row][places]
        if condition == "last":
            z = torch.cat([z[:-1], chunk["last"][row][None]])
        video.append(z)
        sound.append(chunk["sound"][row][places])
        pictures.append(chunk["portrait"][row])
        boxes.append(chunk["boxes"][row][places])
        text.append("" if rng.random() < drop else captions.caption(chunk["scenes"][row], rng))
    video, sound = torch.stack(video).float(), torch.stack(sound).float()
    h, w = video.shape[-2:]
    weight = covered(torch.stack(boxes), h, w, more)
    video = video.permute(0, 1, 3, 4, 2).reshape(clips, -1, video.shape[2])
    clean, references = None, []
    if condition:
        clean = clean_marks(condition, clips, count, h * w, rng)
        if condition == "reference":
            p = torch.stack(pictures).float().permute(0, 2, 3, 1).flatten(1, 2)
            ones = torch.ones(clips, p.shape[1])
            video, clean, references = torch.cat([video, p], 1), torch.cat([clean, ones], 1), [(4, 4)]
            weight = torch.cat([weight, ones], 1)
    if clean is not None:
        weight = weight * (1 - clean)
    ids, mask = pad([captions.tokens(t, INDEX, config.text.length) for t in text], config.text.length)
    coords, grids = layout(times, h, w, references)
    d = device()
    return video.to(d), sound.to(d), ids, mask, coords.to(d), grids.to(d), None if clean is None else clean.to(d), weight.to(d)


def covered(boxes, h, w, more):
    """boxes [B, n, 4] in frame widths and heights -> weights [B, n h w]: 1, and 1 + `more` where the subject is."""
    rows = 4.5 if (h, w) == (5, 8) else h          # 16:9 has half a row of padding at the bottom
    columns = 4.5 if (h, w) == (8, 5) else w
    x, y = torch.arange(w), torch.arange(h)
    x0, y0, x1, y1 = (boxes * torch.tensor([columns, rows, columns, rows])).unbind(-1)
    across = (x + 1 > x0[..., None]) & (x < x1[..., None])
    down = (y + 1 > y0[..., None]) & (y < y1[..., None])
    return 1 + more * (down[..., :, None] & across[..., None, :]).float().flatten(1)


def flow_loss(denoiser, encoder, parts, shift=0.0, spread=1.0):
    """The flow's squared error at noise levels sigmoid(normal * spread + shift): a shift above 0 asks more often for what is decided early."""
    video, sound, ids, mask, coords, grids, clean, weight = parts
    t = torch.sigmoid(torch.randn(len(video), device=video.device) * spread + shift)
    k = t[:, None, None]
    nv, ns = torch.randn_like(video), torch.randn_like(sound)
    x, s = (1 - k) * video + k * nv, (1 - k) * sound + k * ns
    if clean is not None:
        x = torch.where(clean[..., None] > 0, video, x)
    with autocast():
        with torch.no_grad():
            states, pooled = encoder(ids, mask)
        v, u = denoiser(x, s, t, states, mask, pooled, coords, grids, clean)
    e = (v.float() - (nv - video)).square().mean(-1)
    return (e * weight).sum() / weight.sum(), (u.float() - (ns - sound)).square().mean()


def begin(config, folder, origin):
    """Denoiser and text encoder as this stage finds them: from shipped weights where there is an `origin`."""
    denoiser, encoder = Denoiser(config.denoiser), TextEncoder(config.text)
    if origin:
        _, _, shipped, flow = export.read(origin)
        encoder.load_state_dict(shipped.state_dict())
        denoiser.load_state_dict(flow.state_dict())
    else:
        encoder.load_state_dict(load(f"{folder}/text.pt")["weights"])
    return denoiser.to(device()), encoder.to(device()).eval().requires_grad_(False)


def quicken():
    """Compiles the blocks for the lessons that come most often (landscape, no reference picture), for each shape apart: that is quicker than
    one program for all. Each costs a minute at its first use, and little at a later start; worth it where a stage is long and the processor the limit."""
    plain, often = Block.forward, {n * 40 + n for n in (1, 4, LATENTS_PER_CLIP)}
    fast = torch.compile(plain, dynamic=False)

    def forward(self, x, *rest):
        return (fast if x.shape[1] in often else plain)(self, x, *rest)
    Block.forward = forward


PLAIN = ("_in.", "_out.", "position", "time", "table", "modulation", "pooled")


def train(rank, world, config_path, folder, minutes, slice_minutes, plan, seed, origin=None):
    config = DraftConfig.load(config_path)
    path, record = f"{folder}/denoiser.pt", f"{folder}/denoiser.jsonl"
    state = load(path)
    torch.manual_seed(seed)
    if plan["compiled"]:
        quicken()
    denoiser, encoder = begin(config, folder, origin)
    if origin and not state and rank == 0:
        export.remember(folder, origin)
    average = Averaged(denoiser, 0.99)
    optimiser = Optimiser(denoiser.named_parameters(), plan["matrix_lr"], plan["other_lr"], 0.01, rank, world, plain=PLAIN)
    steps = clips = 0
    if state:
        denoiser.load_state_dict(state["denoiser"])
        encoder.load_state_dict(state["encoder"])
        average.values, average.count = state["averages"][0], 1000
        optimiser.load(state["optimiser"])
        steps, clips = state["steps"], state["clips"]
    rng, agreed = seed_all(seed + steps, rank), seed_all(seed + steps + 77, 0)
    torch.manual_seed(seed * 7919 + steps * 2 + rank)
    clock = Clock(minutes, state["spent"] if state else 0, slice_minutes)
    pool, recent, snapshot = Pool(folder), [], state["snapshot"] if state else 0

    def keep(name, **more):
        # The rank that is ahead ends the stage, so its time is the one that counts.
        spent = agree(clock.elapsed(), world)
        if rank == 0:
            save(name, dict(averages=[average.values, encoder.state_dict()], steps=steps, clips=clips, spent=spent, snapshot=snapshot, **more))

    def whole():
        keep(path, denoiser=denoiser.state_dict(), encoder=encoder.state_dict(), optimiser=optimiser.state())

    while not agree(float(clock.pause()), world):
        progress = agree(clock.progress(), world)
        count, per_rank, share = lesson(progress, agreed, plan)
        picture, hearing = flow_loss(denoiser, encoder, batch(pool, rng, count, per_rank, share, config, plan["subject"], plan["landscape"]), plan["shift"], plan["spread"])
        (picture + 0.3 * hearing).backward()
        norm = optimiser.step(schedule(progress, plan["warm"], plan["flat"]))
        average.update()
        steps, clips = steps + 1, clips + per_rank * world
        recent.append((count, picture.item(), hearing.item()))
        if steps % (50 if minutes > 1 else 4) == 0:
            if rank == 0:
                u = sum(r[2] for r in recent) / len(recent)
                by_count = {f"picture{n or ''}": sum(p) / len(p) for n in (0, 1, 4, LATENTS_PER_CLIP) if (p := [r[1] for r in recent if n in (0, r[0])])}
                log(record, steps=steps, clips=clips, seconds=clock.elapsed(), progress=progress, sound=u, norm=float(norm), pool=pool.count, **by_count)
            recent = []
        if steps % 200 == 0:
            pool.refresh()
            whole()
        if progress > (snapshot + 1) * plan["snapshots"]:
            snapshot += 1
            keep(f"{folder}/snapshots/{snapshot:03d}.pt")
    whole()
