"""Trains the VAE on clips rendered as it goes, then measures it.
Windows of three latents teach both the start of a clip and the streaming middle; a little noise on the latents makes them
smooth enough for the denoiser. It must never see a fixed set of clips: every window is new.
"""
import random

import numpy as np
import torch
import torch.nn.functional as F

import export
from common import Averaged, Clock, Optimiser, agree, autocast, device, load, log, save, schedule, seed_all
from model import DraftConfig, Vae, group_frames
from world.concepts import SIZES, draw_scene
from world.film import render

LATENTS = 13
FLAT = 0.02                              # a slope below this (of values in -1 ... 1) counts as none


def padded(frames):
    """uint8 [n, H, W, 3] -> f32 [n, 3, H', W'] in [-1, 1], H' and W' rounded up to multiples of 16 by edge padding."""
    x = torch.from_numpy(np.ascontiguousarray(frames)).permute(0, 3, 1, 2).float() / 127.5 - 1
    h, w = x.shape[2:]
    return F.pad(x, (0, -w % 16, 0, -h % 16), mode="replicate")


def window(rng, form, stills):
    """A still (one frame as if a clip began with it: its latent must hold a whole picture), the first three latents of a clip
    that begins at any frame, or three from a clip's middle (13 frames); and whether a clip begins here."""
    scene, kind = draw_scene(rng, form=form), rng.random()
    if kind < stills:
        at = rng.randint(0, 48)
        return padded(render(scene, [at])[0]), True
    if kind < stills + 0.15:
        at = rng.choice([0, rng.randint(0, 40)])
        return padded(render(scene, range(at, at + 9))[0]), True
    k = rng.randint(1, LATENTS - 3)
    return padded(render(scene, range(4 * k - 4, 4 * k + 9))[0]), False


def batch(rng, count, stills=0.5):
    """Encoder input [m, 15, H, W], and for each decoded latent: its index and the index of the one before."""
    form = rng.choices(list(SIZES), [0.7, 0.15, 0.15])[0]
    groups, now, before = [], [], []
    for _ in range(count):
        frames, start = window(rng, form, stills)
        at, new = sum(len(g) for g in groups), group_frames(frames)
        groups.append(new if start else new[1:])
        places = range(at, at + len(groups[-1]))
        now += places if start else places[1:]
        before += [max(at, k - 1) for k in (places if start else places[1:])]
    return torch.cat(groups).to(device()).contiguous(memory_format=torch.channels_last), now, before


def loss_of(out, target, calm=0.0, scale=None):
    """Squared error most of all (what PSNR counts), a little absolute error for flat areas, of slopes for edges and of the change from frame
    to frame for what moves. `calm` weighs, once more, slopes where the target has none: there the eye finds the grid that a decoder's shuffles leave.
    `scale`, of the target's shape, multiplies errors where more depends on them. The second value is the plain squared error."""
    d = (out - target).float()
    plain = d.detach().square().mean()
    d = d if scale is None else d * scale
    dx, dy = d[..., 1:] - d[..., :-1], d[..., 1:, :] - d[..., :-1, :]
    dt = (d[:, 3:] - d[:, :-3]).abs().mean()
    loss = 5 * d.square().mean() + 0.5 * d.abs().mean() + 0.25 * (dx.abs().mean() + dy.abs().mean() + dt)
    if calm:
        flat_x, flat_y = (target[..., 1:] - target[..., :-1]).abs() < FLAT, (target[..., 1:, :] - target[..., :-1, :]).abs() < FLAT
        loss = loss + calm * ((dx.abs() * flat_x).mean() + (dy.abs() * flat_y).mean())
    return loss, plain


def psnr(vae, scenes):
    """PSNR in dB of encode-decode, of whole clips and of frame 0, on the visible frame."""
    whole, first = [], []
    for scene in scenes:
        frames = render(scene)[0]
        h, w = frames.shape[1:3]
        with torch.no_grad(), autocast():
            out = vae.decode(vae.encode(padded(frames).to(device())))
        out = ((out.float().clamp(-1, 1) + 1) * 127.5).round().permute(0, 2, 3, 1)[:, :h, :w].cpu().numpy()
        e = ((out - frames) ** 2).mean((1, 2, 3))
        whole.append(10 * np.log10(255 ** 2 / e.mean()))
        first.append(10 * np.log10(255 ** 2 / e[0]))
    return float(np.mean(whole)), float(np.mean(first)), float(np.min(first))


def train(rank, world, config_path, folder, minutes, slice_minutes, per_rank, seed, origin=None):
    config = DraftConfig.load(config_path)
    path, record = f"{folder}/vae.pt", f"{folder}/vae.jsonl"
    state = load(path)
    steps = state["steps"] if state else 0
    torch.manual_seed(seed)
    vae = Vae(config.vae)
    if origin and not state:
        vae.load_state_dict(export.read(origin)[1].state_dict())
        vae.latents_mean.zero_()
        vae.latents_std.fill_(1)
    vae = vae.to(device()).to(memory_format=torch.channels_last)
    average = Averaged(vae, 0.995)
    optimiser = Optimiser(vae.named_parameters(), 0.01, 1e-3, 0.0, rank, world, plain=("up.",))
    if state:
        vae.load_state_dict(state["weights"])
        average.values, average.count = state["average"], state["average_count"]
        optimiser.load(state["optimiser"])
    rng = seed_all(seed + steps, rank)
    clock = Clock(minutes, state["spent"] if state else 0, slice_minutes)
    recent = []

    def keep():
        # The rank that is ahead ends the stage, so its time is the one that counts.
        spent = agree(clock.elapsed(), world)
        if rank == 0:
            save(path, dict(weights=vae.state_dict(), average=average.values, average_count=average.count, optimiser=optimiser.state(), steps=steps, spent=spent))

    while not agree(float(clock.pause()), world):
        x, now, before = batch(rng, per_rank)
        with autocast():
            z = vae.encoder(x)
            noisy = z.float() + 0.05 * torch.randn_like(z.float())
            out = vae.decoder(noisy[now], noisy[before])
        loss, error = loss_of(out, x[now][:, 3:])
        (loss + 2e-4 * z.float().square().mean()).backward()
        optimiser.step(schedule(agree(clock.progress(), world), 0.02, 0.4))
        average.update()
        steps += 1
        recent.append((float(loss.detach()), float(error)))
        if steps % (50 if minutes > 1 else 5) == 0:
            l, e = np.mean(recent[-50:], 0)
            if rank == 0:
                log(record, steps=steps, seconds=clock.elapsed(), loss=float(l), psnr=float(10 * np.log10(4 / e)), latent=float(z.float().std()))
            recent = recent[-50:]
        if steps % 400 == 0:
            keep()
    keep()
    if rank == 0:
        vae.load_state_dict(average.values)
        rng = random.Random(7)
        log(record, steps=steps, held_out_psnr=psnr(vae.eval(), [draw_scene(rng, held=True) for _ in range(12)]))


def sharpen(rank, world, config_path, folder, minutes, slice_minutes, per_rank, seed):
    """Trains the decoder alone, against the encoder as it was frozen for the cache: cached latents and the denoiser stay valid.
    Up to a tenth of noise on the latents: a generated latent is never quite one that the encoder would give."""
    config = DraftConfig.load(config_path)
    path, record = f"{folder}/decoder.pt", f"{folder}/decoder.jsonl"
    vae = Vae(config.vae).to(device()).to(memory_format=torch.channels_last)
    vae.load_state_dict(load(f"{folder}/vae.pt")["average"])
    state = load(path)
    steps = state["steps"] if state else 0
    average = Averaged(vae.decoder, 0.998)
    optimiser = Optimiser(vae.decoder.named_parameters(), 0.008, 8e-4, 0.0, rank, world, plain=("up.",))
    if state:
        vae.decoder.load_state_dict(state["weights"])
        average.values, average.count = state["average"], 1000
        optimiser.load(state["optimiser"])
    rng = seed_all(seed + 31 + steps, rank)
    clock = Clock(minutes, state["spent"] if state else 0, slice_minutes)
    recent = []
    vae.encoder.requires_grad_(False)

    def keep():
        # The rank that is ahead ends the stage, so its time is the one that counts.
        spent = agree(clock.elapsed(), world)
        if rank == 0:
            save(path, dict(weights=vae.decoder.state_dict(), average=average.values, optimiser=optimiser.state(), steps=steps, spent=spent))

    while not agree(float(clock.pause()), world):
        x, now, before = batch(rng, per_rank, stills=0.15)
        with autocast():
            with torch.no_grad():
                z = vae.encoder(x).float()
                z = z + 0.1 * torch.rand(len(z), 1, 1, 1, device=z.device) * vae.latents_std.view(1, -1, 1, 1) * torch.randn_like(z)
            out = vae.decoder(z[now], z[before])
        loss, error = loss_of(out, x[now][:, 3:], calm=0.5)
        loss.backward()
        optimiser.step(schedule(agree(clock.progress(), world), 0.02, 0.6))
        average.update()
        steps += 1
        recent.append((float(loss.detach()), float(error)))
        if steps % 50 == 0:
            if rank == 0:
                l, e = np.mean(recent[-50:], 0)
                log(record, steps=steps, seconds=clock.elapsed(), loss=float(l), psnr=float(10 * np.log10(4 / e)))
            keep()
    keep()


def assembled(config, folder):
    """The VAE to ship: the frozen encoder with its statistics, and the sharpened decoder where there is one."""
    vae = Vae(config.vae)
    vae.load_state_dict(load(f"{folder}/vae.pt")["average"])
    state = load(f"{folder}/decoder.pt")
    if state:
        vae.decoder.load_state_dict(state["average"])
    return vae.to(device()).eval()
