"""Writes the shipped files into models/draft/: config, words, lexicon, f16 weights in shards, hashes and the manifest.
Weights are the averaged ones; the latents' mean and std stay f32. Names carry the prefixes vae., text. and denoiser.
It must never write a shard above 16 MiB, nor a lexicon line that leads to an unknown word.
"""
import json
import pathlib

from blake3 import blake3
from safetensors.torch import save_file

from common import load, save
from model import DraftConfig, SamplingConfig
from world import captions

HERE = pathlib.Path(__file__).resolve().parent
SHARD = 15_500_000


def lexicon():
    words, nearest, ignore = set(captions.vocabulary()), {}, set()
    for line in (HERE / "nearest.txt").read_text().splitlines():
        if line.startswith("- "):
            ignore.update(w for w in line[2:].replace("-", " ").split() if w not in words)
        elif line.strip() and not line.startswith("#"):
            known, others = line.split(":", 1)
            missing = [w for w in known.split() if w not in words]
            if missing:
                raise SystemExit(f"nearest.txt leads to {missing}, which words.json lacks")
            for w in others.replace("-", " ").split():
                if w not in words:
                    nearest.setdefault(w, known)
    return {"nearest": dict(sorted(nearest.items())), "ignore": sorted(ignore - set(nearest))}


def shards(tensors):
    """Lists of tensors in name order, each below the shard size."""
    out, size = [{}], 0
    for name in sorted(tensors):
        bytes_ = tensors[name].numel() * tensors[name].element_size()
        if size + bytes_ > SHARD and out[-1]:
            out.append({})
            size = 0
        out[-1][name] = tensors[name]
        size += bytes_
    return out


def shipped(origin):
    """Text encoder and denoiser as they are shipped, and how long they have learnt by then."""
    lines = (pathlib.Path(origin).resolve().parent / "manifests" / "draft.toml").read_text().splitlines()
    facts = {k.strip(): int(v) for k, _, v in (line.partition("=") for line in lines) if k.strip() in ("training_steps", "training_clips")}
    _, _, text, denoiser = read(origin)
    return dict(denoiser=denoiser.state_dict(), text=text.state_dict(), steps=facts["training_steps"], clips=facts["training_clips"])


def remember(folder, origin):
    """What a round of further training starts from."""
    save(f"{folder}/before.pt", shipped(origin))


def write(folder, target, denoiser_file="denoiser.pt", sampling=None, keep=0.0):
    """`keep`: this share of the weights that training started from is mixed in; after a short round the middle fits better than either end.
    Where no denoiser was trained, the decoder alone is new."""
    folder, target = pathlib.Path(folder), pathlib.Path(target)
    config = DraftConfig.load(folder / "config.json")
    from train_vae import assembled

    state, before = load(folder / denoiser_file), load(folder / "before.pt")
    if state is None:
        state, before = shipped(target), None
        state["averages"] = [state["denoiser"], state["text"]]
    parts = {"vae": assembled(config, folder).state_dict(), "text": state["averages"][1], "denoiser": state["averages"][0]}
    if before:
        parts["denoiser"] = {k: keep * before["denoiser"][k] + (1 - keep) * v for k, v in parts["denoiser"].items()}
        state.update(steps=state["steps"] + before["steps"], clips=state["clips"] + before["clips"])
    config.sampling = SamplingConfig(**sampling) if sampling else config.sampling
    config.save(target / "config.json")
    (target / "words.json").write_text(json.dumps(captions.vocabulary()) + "\n")
    (target / "lexicon.json").write_text(json.dumps(lexicon(), indent=0) + "\n")
    for old in target.glob("*.safetensors"):
        old.unlink()
    files = []
    for part, weights in parts.items():
        tensors = {f"{part}.{k}": (v.float() if k.startswith("latents_") else v.half()).cpu().contiguous() for k, v in weights.items()}
        pieces = shards(tensors)
        for i, piece in enumerate(pieces):
            name = f"{part}.safetensors" if len(pieces) == 1 else f"{part}-{i + 1:05d}-of-{len(pieces):05d}.safetensors"
            save_file(piece, str(target / name), {"format": "pt"})
            (target / name).chmod(0o644)
            files.append(name)
    manifest(target, config, files, state)
    return files


def manifest(target, config, files, state):
    lines = ["# The bundled draft model: what it is, its files, and what it can do. Written by training/export.py.",
             'name = "draft"', 'title = "Kinora draft"', 'family = "draft"', f'setting = "{config.setting}"', 'licence = "MIT OR Apache-2.0"', f"fps = {config.fps}",
             f"frame_counts = {[4 * n + 1 for n in range(1, 13)]}", "sizes = [[128, 72], [72, 128], [96, 96]]", "makes_sound = true", "takes_keyframes = true", "takes_references = true",
             'storage = "f16 weights, f32 latent statistics"', "memory_mb = 220", f"steps = {config.sampling.steps}", f"guide_scale = {config.sampling.guide_scale}",
             f"training_steps = {state['steps']}", f"training_clips = {state['clips']}"]
    for name in ["config.json", "words.json", "lexicon.json", *files]:
        data = (target / name).read_bytes()
        lines += ["", "[[files]]", f'path = "{name}"', f"bytes = {len(data)}", f'blake3 = "{blake3(data).hexdigest()}"']
    path = target.parent / "manifests" / "draft.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def read(target, device="cpu"):
    """The shipped model again: config, VAE, text encoder, denoiser in f32; every tensor must fit by name."""
    from safetensors.torch import load_file

    from model import Denoiser, TextEncoder, Vae
    target = pathlib.Path(target)
    config, tensors = DraftConfig.load(target / "config.json"), {}
    for path in target.glob("*.safetensors"):
        tensors.update(load_file(str(path)))
    nets = {"vae": Vae(config.vae), "text": TextEncoder(config.text), "denoiser": Denoiser(config.denoiser)}
    for part, net in nets.items():
        net.load_state_dict({k[len(part) + 1:]: v.float() for k, v in tensors.items() if k.startswith(part + ".")})
        net.to(device).eval()
    return config, nets["vae"], nets["text"], nets["denoiser"]
