"""The whole recipe in one run on a GPU: clips are drawn while it learns (feed.py), none of them is waited for. Four phases, each measured
in seconds of the clock: VAE; denoiser (single latents, four at their times, whole clips); guidance folded into one evaluation a step; the
decoder alone. It must never learn from a held-out combination, and what it chooses by probes it chooses on prompts that no table reports.
"""
import copy
import itertools
import math
import pathlib
import random
import time

import torch

import export
from common import Averaged, Optimiser, autocast, device, load, log, save, schedule, seed_all
from denoiser import Block
from feed import Feed
from lessons import FORMS, lesson, pick, rehearsal, turn, windows
from model import Denoiser, DraftConfig, SamplingConfig, TextEncoder, Vae
from probes import generated, load_probe
from train_denoiser import PLAIN
from train_vae import loss_of, psnr
from world.concepts import draw_scene

JUDGED = 77                              # the seed of the prompts that choices are made on; the tables' is another


class Phase:
    """Seconds of the clock over all slices: `progress` runs 0 ... 1. Past `until` the slice is over, whatever is left."""

    def __init__(self, seconds, spent=0.0, until=math.inf):
        self.seconds, self.spent, self.until, self.start = seconds, spent, until, time.time()

    def elapsed(self):
        return self.spent + time.time() - self.start

    def progress(self):
        return min(1.0, self.elapsed() / self.seconds)

    def over(self):
        return self.progress() >= 1 or time.time() > self.until


def train_vae(feed, config, folder, plan, phase, origin, rng, steps_only=0):
    vae = Vae(config.vae)
    if origin:
        vae.load_state_dict(export.read(origin)[1].state_dict())
        vae.latents_mean.zero_()
        vae.latents_std.fill_(1)
    vae = vae.to(device()).to(memory_format=torch.channels_last)
    average, optimiser = Averaged(vae, 0.998), Optimiser(vae.named_parameters(), plan["vae_lr"], 1e-3, 0.0, plain=("up.",))
    for step in itertools.count(1):
        x, now, before, inside = windows(feed.rings[pick(rng, feed.rings)], plan["windows"], rng.random() < 0.5)
        with autocast():
            z = vae.encoder(x)
            noisy = z.float() + 0.05 * torch.randn_like(z.float())
            out = vae.decoder(noisy[now], noisy[before])
        loss, error = loss_of(out, x[now][:, 3:], scale=1 + plan["vae_subject"] * inside)
        (loss + 2e-4 * z.float().square().mean()).backward()
        optimiser.step(schedule(phase.progress(), 0.02, 0.4))
        average.update()
        if step % plan["report"] == 0 or steps_only:
            feed.check()
            log(f"{folder}/vae.jsonl", steps=step, seconds=phase.elapsed(), loss=loss.item(), psnr=float(10 * torch.log10(4 / error)), drawn=feed.drawn)
        if phase.over() or step == steps_only:
            break
    vae.load_state_dict(average.values)
    statistics(vae.eval(), feed, plan)
    if not steps_only:
        scenes = random.Random(7)
        log(f"{folder}/vae.jsonl", steps=step, held_out_psnr=psnr(vae, [draw_scene(scenes, held=True) for _ in range(12)]))
    save(f"{folder}/vae.pt", dict(average=vae.state_dict(), frozen=True, steps=step))
    return vae


@torch.no_grad()
def statistics(vae, feed, plan):
    """Fixes the latents' mean and std, from landscape clips."""
    rows = []
    for _ in range(4):
        with autocast():
            x, *_ = windows(feed.rings[FORMS[0]], (0, 0, plan["windows"][2]), False)
            rows.append(vae.encoder(x).float().permute(0, 2, 3, 1).flatten(0, 2))
    rows = torch.cat(rows)
    vae.latents_mean.copy_(rows.mean(0))
    vae.latents_std.copy_(rows.std(0).clamp(min=1e-3))


def noisy(parts, plan, whole):
    """A point on the way from noise to the clip: x, s, t, and the flow's targets."""
    video, sound, clean = parts[0], parts[1], parts[5]
    t = torch.sigmoid(torch.randn(len(video), device=video.device) * plan["spread"] + (plan["shift"] if whole else 0.0))
    k, nv, ns = t[:, None, None], torch.randn_like(video), torch.randn_like(sound)
    x, s = (1 - k) * video + k * nv, (1 - k) * sound + k * ns
    if clean is not None:
        x = torch.where(clean[..., None] > 0, video, x)
    return x, s, t, nv - video, ns - sound


def errors(v, u, want_v, want_u, weight):
    e = (v.float() - want_v).square().mean(-1)
    return (e * weight).sum() / weight.sum(), (u.float() - want_u).square().mean()


def quicken(plan):
    """Compiles a block for the lessons that come most often; others run as they are. Returns what undoes it."""
    plain = Block.forward
    if not plan["compiled"] or device().type != "cuda":
        return lambda: None
    fast = torch.compile(plain, dynamic=False)
    often = {(plan["still_batch"], 41), (plan["sparse_batch"], 164), (plan["whole_batch"], 533)}

    def forward(self, x, modulation, *rest):
        quick = tuple(x.shape[:2]) in often and modulation.shape[1] == 1 and torch.is_grad_enabled()
        return (fast if quick else plain)(self, x, modulation, *rest)
    Block.forward = forward
    return lambda: setattr(Block, "forward", plain)


def train_denoiser(feed, config, folder, plan, phase, rng, nets, lessons=None):
    denoiser, encoder = Denoiser(config.denoiser).to(device()), nets["text"]
    average, optimiser = Averaged(denoiser, plan["keep"]), Optimiser(denoiser.named_parameters(), plan["matrix_lr"], plan["other_lr"], 0.01, plain=PLAIN)
    state, steps, clips, seen, saved = load(f"{folder}/stream.pt"), 0, 0, 0, time.time()
    if state and not lessons:
        denoiser.load_state_dict(state["denoiser"])
        average.values, average.count, steps, clips = state["average"], 1000, state["steps"], state["clips"]
        optimiser.load(state["optimiser"])

    def keep():
        if not lessons:
            save(f"{folder}/stream.pt", dict(denoiser=denoiser.state_dict(), average=average.values, optimiser=optimiser.state(), steps=steps, clips=clips, spent=phase.elapsed()))
            save(f"{folder}/denoiser.pt", dict(averages=[average.values, encoder.state_dict()], steps=steps, clips=clips, spent=phase.elapsed()))

    for given in lessons or itertools.repeat(None):
        progress = phase.progress()
        count, rows, condition = given or turn(progress, rng, plan)
        parts = lesson(feed.shelves[pick(rng, feed.shelves)], rows, count, condition, rng, plan)
        x, s, t, want_v, want_u = noisy(parts, plan, count > 1)
        with autocast():
            with torch.no_grad():
                states, pooled = encoder(parts[2], parts[3])
            v, u = denoiser(x, s, t, states, parts[3], pooled, *parts[7], parts[5])
        picture, hearing = errors(v, u, want_v, want_u, parts[6])
        (picture + 0.3 * hearing).backward()
        norm = optimiser.step(schedule(progress, plan["warm"], plan["flat"]))
        average.update()
        steps, clips = steps + 1, clips + rows
        if steps % plan["report"] == 0 or lessons:
            feed.check()
            log(f"{folder}/denoiser.jsonl", steps=steps, clips=clips, seconds=phase.elapsed(), count=count, condition=condition, picture=picture.item(), sound=hearing.item(), norm=norm.item(), drawn=feed.drawn)
        if time.time() - saved > plan["save_every"]:
            keep()
            saved = time.time()
        if progress > (seen + 1) * plan["snapshots"] and not lessons:
            seen = int(progress / plan["snapshots"])
            growth(config, folder, nets, average.values, plan, steps=steps, clips=clips)
        if not lessons and phase.over():
            break
    keep()
    made = Denoiser(config.denoiser).to(device()).eval()
    made.load_state_dict(average.values)
    return made, steps, clips


def judged(config, nets, denoiser, plan, **options):
    return generated(nets["probe"], (config, nets["vae"], nets["text"], denoiser), plan["judged"], seed=JUDGED, per_batch=128, **options)


def growth(config, folder, nets, values, plan, **facts):
    """What the probes make of the weights of this moment."""
    made = Denoiser(config.denoiser).to(device()).eval()
    made.load_state_dict(values)
    log(f"{folder}/growth.jsonl", **facts, **judged(config, nets, made, plan))


def choose(config, folder, nets, denoiser, choices, plan):
    """The guidance scale and shift whose clips the probes read best, over the attributes that are not easy."""
    best = (-1.0,)
    for guide, shift in choices:
        scores = judged(config, nets, denoiser, plan, guide=guide, shift=shift)
        log(f"{folder}/growth.jsonl", guide=guide, shift=shift, **scores)
        best = max(best, (sum(scores[k] for k in ("setting", "subject", "action", "camera")), guide, shift))
    return best[1:]


def fold_guidance(feed, config, folder, plan, phase, rng, nets, teacher, guide, steps_only=0):
    """A student that gives in one evaluation what its teacher gives in two: v(empty) + guide (v(words) - v(empty)). It asks at the
    moments of the sampling run most of all. An empty prompt stays what it is."""
    student = copy.deepcopy(teacher).train().requires_grad_(True)
    average, optimiser = Averaged(student, 0.99), Optimiser(student.named_parameters(), plan["matrix_lr"] * 0.35, plan["other_lr"] * 0.35, 0.0, plain=PLAIN)
    for step in itertools.count(1):
        count, rows, condition = (4, plan["sparse_batch"], "") if rng.random() < 0.1 else turn(1.0, rng, plan)
        rows = rows // 2
        parts = lesson(feed.shelves[pick(rng, feed.shelves)], rows, count, condition, rng, plan, drop=0.05)
        x, s, t, *_ = noisy(parts, plan, True)
        with autocast():
            with torch.no_grad():
                empty = torch.zeros_like(parts[2])
                empty[:, 0] = 2
                words, twice = torch.cat([parts[2], empty]), lambda y: None if y is None else torch.cat([y, y])
                states, pooled = nets["text"](words, (words > 0).float())
                (vc, ve), (uc, ue) = (y.float().chunk(2) for y in teacher(twice(x), twice(s), twice(t), states, (words > 0).float(), pooled, twice(parts[7][0]), parts[7][1], twice(parts[5])))
            v, u = student(x, s, t, states[:rows], parts[3], pooled[:rows], *parts[7], parts[5])
        picture, hearing = errors(v, u, ve + guide * (vc - ve), ue + guide * (uc - ue), parts[6])
        (picture + 0.3 * hearing).backward()
        optimiser.step(schedule(phase.progress(), 0.05, 0.3))
        average.update()
        if step % plan["report"] == 0 or steps_only:
            log(f"{folder}/guided.jsonl", steps=step, seconds=phase.elapsed(), picture=picture.item(), sound=hearing.item())
        if phase.over() or step == steps_only:
            break
    student.load_state_dict(average.values)
    return student.eval(), step


def sharpen(feed, config, folder, plan, phase, rng, vae, steps_only=0):
    """The decoder alone, against the frozen encoder: noise on the latents, and calm where the picture is flat."""
    decoder = copy.deepcopy(vae.decoder).train()
    average, optimiser = Averaged(decoder, 0.998), Optimiser(decoder.named_parameters(), plan["vae_lr"] * 0.6, 6e-4, 0.0, plain=("up.",))
    std = vae.latents_std.view(1, -1, 1, 1)
    for step in itertools.count(1):
        x, now, before, inside = windows(feed.rings[pick(rng, feed.rings)], (plan["windows"][0] // 3, *plan["windows"][1:]), rng.random() < 0.5)
        with autocast():
            with torch.no_grad():
                z = vae.encoder(x).float()
                z = z + 0.15 * torch.rand(len(z), 1, 1, 1, device=z.device) * std * torch.randn_like(z)
            out = decoder(z[now], z[before])
        loss, error = loss_of(out, x[now][:, 3:], calm=0.5, scale=1 + plan["vae_subject"] * inside)
        loss.backward()
        optimiser.step(schedule(phase.progress(), 0.02, 0.3))
        average.update()
        if step % plan["report"] == 0 or steps_only:
            log(f"{folder}/decoder.jsonl", steps=step, seconds=phase.elapsed(), loss=loss.item(), psnr=float(10 * torch.log10(4 / error)))
        if phase.over() or step == steps_only:
            break
    save(f"{folder}/decoder.pt", dict(average=average.values, steps=step, spent=phase.elapsed()))
    return average.values


def train(config_path, folder, plan, slice_minutes, seed, origin):
    """All phases that are still to be done; true when none is left. A slice may end within the denoiser's phase, which is the longest; the
    others are short and are gone through in one piece."""
    config, rng, until = DraftConfig.load(config_path), seed_all(seed, 0), time.time() + 60 * slice_minutes
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.benchmark = True
    attempt = int(time.time()) % 100_000                   # other clips whenever it goes on
    feed = Feed(plan["workers"], seed * 1000 + attempt, config.vae.channels, plan["ring"], plan["shelf"])
    slow = quicken(plan)
    text = TextEncoder(config.text)
    text.load_state_dict(load(f"{folder}/text.pt")["weights"])
    nets = dict(text=text.to(device()).eval().requires_grad_(False), probe=load_probe(plan["probes"]))
    try:
        while not all(ring.count for ring in feed.rings.values()):
            feed.check()
            time.sleep(0.2)
        phase = lambda name, *more: Phase(plan["seconds"][name], *more)
        state, done = load(f"{folder}/vae.pt"), load(f"{folder}/stream.pt")
        if not state:
            practise = lambda: rehearse(feed, config, f"{folder}/rehearsal", plan, phase("vae"), origin, rng, nets)
            try:
                practise()
            except Exception as e:                         # a compiler that is missing, say
                print("as it is, without compiling:", repr(e)[:2000], flush=True)
                slow()
                practise()
        if state:
            nets["vae"] = Vae(config.vae).to(device()).to(memory_format=torch.channels_last).eval()
            nets["vae"].load_state_dict(state["average"])
        else:
            nets["vae"] = train_vae(feed, config, folder, plan, phase("vae"), origin, rng)
        feed.freeze(nets["vae"])
        log(f"{folder}/denoiser.jsonl", shelves=[shelf.count for shelf in feed.shelves.values()], drawn=feed.drawn)
        teacher, steps, clips = train_denoiser(feed, config, folder, plan, phase("denoiser", done["spent"] if done else 0.0, until), rng, nets)
        if time.time() > until:
            return False
        guide, shift = choose(config, folder, nets, teacher, plan["choices"], plan)
        save(f"{folder}/teacher.pt", dict(averages=[teacher.state_dict(), text.state_dict()], steps=steps, clips=clips, guide=guide, shift=shift))
        student, more = fold_guidance(feed, config, folder, plan, phase("guided"), rng, nets, teacher, guide)
        _, shift = choose(config, folder, nets, student, [(1.0, c) for c in plan["shifts"]], plan)
        save(f"{folder}/denoiser.pt", dict(averages=[student.state_dict(), text.state_dict()], steps=steps + more, clips=clips, spent=plan["seconds"]["denoiser"]))
        config.sampling = SamplingConfig(steps=config.sampling.steps, shift=shift, guide_scale=1.0)
        config.save(config_path)
        nets["vae"].decoder.load_state_dict(sharpen(feed, config, folder, plan, phase("sharpen"), rng, nets["vae"]))
        scenes = random.Random(7)
        log(f"{folder}/decoder.jsonl", held_out_psnr=psnr(nets["vae"].eval(), [draw_scene(scenes, held=True) for _ in range(12)]))
        log(f"{folder}/growth.jsonl", finished=True, **judged(config, nets, student, plan))
        return True
    finally:
        feed.close()


def rehearse(feed, config, folder, plan, phase, origin, rng, nets):
    """Two steps of everything, thrown away: what cannot work fails in the first minute."""
    start = time.time()
    pathlib.Path(folder).mkdir(exist_ok=True)
    vae = train_vae(feed, config, folder, plan, phase, origin, rng, steps_only=2)
    feed.freeze(vae)
    all_nets = dict(nets, vae=vae)
    made, *_ = train_denoiser(feed, config, folder, plan, phase, rng, all_nets, rehearsal(plan))
    fold_guidance(feed, config, folder, plan, phase, rng, all_nets, made, 4.0, steps_only=2)
    sharpen(feed, config, folder, plan, phase, rng, vae, steps_only=2)
    choose(config, folder, all_nets, made, [(4.0, 2.0)], dict(plan, judged=16))
    feed.freeze(None)
    log(f"{folder}/rehearsal.jsonl", seconds=time.time() - start, drawn=feed.drawn)
