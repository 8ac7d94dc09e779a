"""One command from nothing to weights:  python train.py all --setting small --minutes 9
Each stage resumes from its own checkpoint under --folder in slices of --minutes, so the command may be stopped and given
again; it says "to be continued" and ends with code 3 while work is left. It must never write outside --folder before `export`.
"""
import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

from common import device, launch, load, log, save
from model import DenoiserConfig, DraftConfig, SamplingConfig, TextConfig, VaeConfig

WORDS = 192
PLAN = dict(still_until=0.45, sparse_until=0.8, still_batch=48, sparse_batch=16, whole_batch=5, matrix_lr=0.015, other_lr=1e-3, snapshots=0.2,
            still_share=0.25, subject=2.0, shift=0.0, spread=1.0, warm=0.01, flat=0.45, landscape=0.8, compiled=False)
SMALL = DraftConfig(setting="small", sampling=SamplingConfig(steps=8, shift=2.0, guide_scale=4.0), text=TextConfig(words=WORDS), denoiser=DenoiserConfig(width=192, depth=6, rope_axes=[12, 18, 18]))
MEDIUM = DraftConfig(setting="medium", sampling=SamplingConfig(steps=8, shift=2.0, guide_scale=4.0), text=TextConfig(words=WORDS))
SMOKE = DraftConfig(setting="smoke", vae=VaeConfig(channels=16, widths=[16, 16, 32], encoder_blocks=[1, 1, 1], shared_blocks=1, decoder_blocks=[1, 1, 1], head=8, groups=4),
                    text=TextConfig(words=WORDS, width=48, heads=2, layers=1),
                    denoiser=DenoiserConfig(channels=16, width=48, depth=2, heads=2, text_width=48, rope_axes=[8, 8, 8], time_features=32), sampling=SamplingConfig(steps=2))
# Goes on from trained weights, whose optimiser is gone: a longer rise and a lower rate. Places and colours are there, subjects and motion are not: few
# single frames, more weight on the subject, more of the noise levels at which motion is decided.
FURTHER = dict(PLAN, still_until=0.04, sparse_until=0.6, still_share=0.15, matrix_lr=0.012, other_lr=8e-4, snapshots=0.2, subject=4.0, shift=0.5, spread=1.2,
               warm=0.04, flat=0.35, landscape=0.9, compiled=True)
# For one GPU and its processors (stream.py): everything at once, in seconds of the clock. Rings and shelves hold so many clips of each form.
STREAM = dict(seconds=dict(vae=105, denoiser=440, guided=60, sharpen=40), workers=max(1, (os.cpu_count() or 2) - 1), ring=(16384, 2048, 2048), shelf=(240_000, 30_000, 30_000),
              windows=(64, 24, 40), vae_lr=0.01, vae_subject=0.7, still_batch=1536, sparse_batch=384, whole_batch=128, still_until=0.2, sparse_until=0.45, conditioned=0.3,
              subject=3.0, shift=0.4, spread=1.1, matrix_lr=0.015, other_lr=1e-3, warm=0.02, flat=0.35, keep=0.998, compiled=True, report=100, save_every=40, snapshots=0.25,
              judged=256, choices=[(g, 2.0) for g in (2.0, 3.0, 4.0, 5.0)], shifts=(1.0, 2.0, 3.0), probes=str(pathlib.Path(__file__).resolve().parents[1] / "probes"))
TRICKLE = dict(STREAM, seconds=dict(vae=12, denoiser=12, guided=4, sharpen=4), workers=1, ring=(64, 32, 32), shelf=(256, 128, 128), windows=(4, 1, 1), still_batch=8, sparse_batch=4, whole_batch=2,
               report=1, judged=16, choices=[(3.0, 2.0)], shifts=(2.0,), compiled=False)
SETTINGS = {
    "small": dict(config=SMALL, vae_minutes=21.0, vae_batch=10, clips=2048, stills=10240, text_steps=300, denoiser_minutes=38.0, decoder_minutes=6.0, seed=1, plan=PLAN, probe_clips=9000, probe_epochs=(10, 6)),
    "further": dict(config=SMALL, stages=["cache", "denoiser", "decoder", "export"], vae_batch=10, clips=4096, stills=1024, denoiser_minutes=60.0, decoder_minutes=30.0, seed=3, plan=FURTHER, keep=0.5),
    "medium": dict(config=MEDIUM, stages=["text", "stream", "export"], text_steps=2500, seed=1, plan=STREAM),
    "trickle": dict(config=SMOKE, stages=["text", "stream", "export"], text_steps=40, seed=1, plan=TRICKLE),
    "smoke": dict(config=SMOKE, vae_minutes=0.15, vae_batch=2, clips=192, stills=192, text_steps=40, denoiser_minutes=0.15, decoder_minutes=0.05, seed=1, probe_clips=64, probe_epochs=(1, 1),
                  plan=dict(PLAN, still_until=0.5, sparse_until=0.8, still_batch=8, sparse_batch=4, whole_batch=2)),
}
MEASURES = ["probes", "ceiling", "score", "growth", "sheet", "shows", "prompts", "contacts"]
ORDER = ["vae", "cache", "text", "denoiser", "decoder", "export", "probes"]
TRIED = ("smoke", "trickle")             # settings that prove the recipe, in a folder that is thrown away


def statistics(config, folder, origin):
    """Freezes the VAE's encoder: latents' mean and std, once. Without a VAE of this folder's own, the one of `origin` as it is."""
    import cache
    state = load(folder / "vae.pt")
    if state is None and origin:
        import export
        state = dict(average=export.read(origin)[1].state_dict(), frozen=True)
        save(folder / "vae.pt", state)
    if not state.get("frozen"):
        vae = cache.load_vae(config, folder)
        cache.measure_statistics(vae)
        state.update(average=vae.state_dict(), frozen=True)
        save(folder / "vae.pt", state)


def spent(path, minutes):
    state = load(path)
    return state is not None and (state["spent"] >= minutes * 60 or 0 < float(os.environ.get("KINORA_UNTIL", 0)) < time.time())


def run(stage, o, s, folder):
    """One slice of one stage; true when the stage is complete."""
    path = str(folder / "config.json")
    config = DraftConfig.load(path)
    if stage == "vae":
        import train_vae
        launch(train_vae.train, path, str(folder), s["vae_minutes"], o.minutes, s["vae_batch"], s["seed"], o.origin)
        return spent(folder / "vae.pt", s["vae_minutes"])
    if stage == "cache":
        import cache
        statistics(config, folder, o.origin)
        launch(cache.build, path, str(folder), s["clips"], s["stills"], s["seed"], o.minutes)
        return len(list((folder / "latents").glob("*.pt"))) >= (s["clips"] + s["stills"]) // cache.CHUNK
    if stage == "text":
        import train_text
        if not (folder / "text.pt").exists() or o.stage == "text":
            train_text.train(0, 1, path, str(folder), s["text_steps"], s["seed"])
    if stage == "stream":
        import stream
        return stream.train(path, str(folder), s["plan"], o.minutes, s["seed"], o.origin)
    if stage == "denoiser":
        import train_denoiser
        launch(train_denoiser.train, path, str(folder), s["denoiser_minutes"], o.minutes, s["plan"], s["seed"], o.origin)
        return spent(folder / "denoiser.pt", s["denoiser_minutes"])
    if stage == "decoder":
        import train_vae
        statistics(config, folder, o.origin)
        launch(train_vae.sharpen, path, str(folder), s["decoder_minutes"], o.minutes, s["vae_batch"], s["seed"])
        return spent(folder / "decoder.pt", s["decoder_minutes"])
    if stage == "export":
        import export
        print("\n".join(export.write(folder, o.out, keep=s.get("keep", 0.0))))
    if stage in MEASURES:
        measure(stage, o, s, folder)
    return True


def measure(stage, o, s, folder):
    """Probes are trained on rendered clips; scores and sheets are made from the shipped files under --out."""
    import torch

    import export
    import generate
    import measures
    import probes
    torch.set_num_threads(o.threads)
    nets = export.read(o.out, device())
    target, record = pathlib.Path(o.out) / "probes", folder / "scores.jsonl"
    if stage == "probes":
        probes.train(nets[1], target, clips=s["probe_clips"], epochs=s["probe_epochs"], record=record, keep=o.origin and pathlib.Path(o.origin) / "probes")
    if stage in ("probes", "ceiling"):
        count = 16 if o.setting == "smoke" else max(300, o.prompts)
        for kind, coded in (("rendered", 0.0), ("ceiling", 1.0)):
            log(record, kind=kind, clips=count, **probes.ceiling(probes.load_probe(target), nets[1], count, coded=coded))
    if stage == "score":
        log(record, kind="generated", prompts=o.prompts, steps=nets[0].sampling.steps, guide_scale=nets[0].sampling.guide_scale,
            **probes.generated(probes.load_probe(target), nets, o.prompts))
    if stage == "growth":
        for path in sorted((folder / "snapshots").glob("*.pt")):
            state = load(path)
            nets[3].load_state_dict(state["averages"][0])
            nets[2].load_state_dict(state["averages"][1])
            log(record, kind="growth", steps=state["steps"], draws=state["clips"], **probes.generated(probes.load_probe(target), nets, o.prompts))
    if stage == "sheet":
        generate.sheet(*nets, pathlib.Path(o.out) / "sheet.png", o.prompts)
    if stage == "shows":
        for work in (measures.first_frames, measures.joints, measures.flicker, measures.sound_of_generated):
            log(record, kind=work.__name__, **work(nets, o.prompts))
    if stage == "prompts":
        measures.prompts(target / "held_out.jsonl", o.prompts)
    if stage == "contacts":
        measures.contacts(export.HERE.parents[1] / "tests" / "fixtures" / "draft_contacts.json")


def check_smoke(o, folder):
    """The recipe still works: losses fell, the files load by name, a clip comes out."""
    import export
    import generate
    for name, key in (("vae", "loss"), ("text", "loss"), ("denoiser", "picture")):
        lines = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]
        values = [line[key] for line in lines if key in line]
        third = len(values) // 3 or 1                # single values waver
        assert len(values) >= 2 and sum(values[-third:]) < sum(values[:third]), f"{name}: {key} did not fall: {values}"
    config, vae, encoder, denoiser = export.read(o.out, device())
    z, sound = generate.latents(config, encoder, denoiser, ["A red ball bounces in a meadow."], times=2)
    assert generate.decode(vae, z[0]).shape == (5, 72, 128, 3) and sound.shape == (1, 2, 64)
    print("smoke: the recipe works")


def main():
    a = argparse.ArgumentParser()
    a.add_argument("stage", choices=["all", *ORDER, "stream", *MEASURES[1:]])
    a.add_argument("--setting", default="small", choices=sorted(SETTINGS))
    a.add_argument("--minutes", type=float, default=9.0, help="length of this slice")
    a.add_argument("--folder", default=os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "kinora", "training"))
    a.add_argument("--out", default=str(pathlib.Path(__file__).resolve().parents[1]), help="where export writes and measuring reads")
    a.add_argument("--from", dest="origin", help="a folder of shipped weights to start from, instead of from nothing")
    a.add_argument("--prompts", type=int, default=24)
    a.add_argument("--threads", type=int, default=2)
    o = a.parse_args()
    if o.setting in TRIED and o.stage == "all":
        o.folder = tempfile.mkdtemp(prefix="kinora-smoke-")
        o.out = str(pathlib.Path(o.folder) / "draft")
        pathlib.Path(o.out).mkdir()
    if o.setting == "further" and not o.origin and o.stage not in MEASURES:
        a.error("--setting further goes on from shipped weights: add --from FOLDER")
    s, folder = SETTINGS[o.setting], pathlib.Path(o.folder) / o.setting
    stages = s.get("stages", ORDER)
    if o.stage in [*ORDER, "stream"] and o.stage not in stages:
        a.error(f"the setting {o.setting} has no stage {o.stage}: it has {', '.join(stages)}")
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "config.json").exists():
        s["config"].save(folder / "config.json")
    for stage in stages if o.stage == "all" else [o.stage]:
        if not run(stage, o, s, folder):
            print(f"{stage}: to be continued")
            sys.exit(3)
    if o.setting in TRIED and o.stage == "all":
        check_smoke(o, folder)


if __name__ == "__main__":
    main()
