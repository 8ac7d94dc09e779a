"""Writes a model of random numbers with the real names, shapes and layouts of LTX-Video, for `cargo xtask bench ltx`.
It exists because what loads, how fast a step is and what memory it takes depend on shapes, not on what was learned.
    python make_checkpoint.py --layout folders|single|gguf --size 2b|middle --out DIR
folders: the reference library's, in shards with their index; single: one original file with the codec in it, the text encoder beside;
gguf: denoiser and text encoder in blocks of 8-bit numbers. Names and shapes come from the reference classes, on no device.
It must never download anything, and what it writes is never committed: 13 GB at the size 2b.
"""
import argparse
import json
import pathlib
import struct

import gguf
import numpy as np
import torch
from diffusers import AutoencoderKLLTXVideo, LTXVideoTransformer3DModel
from safetensors.torch import save_file
from transformers import T5Config, T5EncoderModel

import families.ltx  # noqa: F401  (it brings its runs in, not the other way round)
from families import ltx_runs

XXL = dict(vocab_size=32128, d_model=4096, d_kv=64, d_ff=10240, num_layers=24, num_heads=64, feed_forward_proj="gated-gelu")
VAE = dict(latent_channels=128, block_out_channels=[128, 256, 512, 1024, 2048], layers_per_block=[4, 6, 6, 2, 2],
           down_block_types=["LTXVideo095DownBlock3D"] * 4, downsample_type=["spatial", "temporal", "spatiotemporal", "spatiotemporal"],
           spatio_temporal_scaling=[True] * 4, decoder_block_out_channels=[256, 512, 1024], decoder_layers_per_block=[5] * 4,
           decoder_spatio_temporal_scaling=[True] * 3, decoder_inject_noise=[False] * 4, upsample_residual=[True] * 3,
           upsample_factor=[2] * 3, timestep_conditioning=True, spatial_compression_ratio=32, temporal_compression_ratio=8)
SIZES = {
    "2b": dict(text=XXL, vae=VAE, net=dict(in_channels=128, out_channels=128, num_attention_heads=32, attention_head_dim=64,
                                           cross_attention_dim=2048, num_layers=28, caption_channels=4096)),
    # Everything narrower and less of it, but wide enough that weights and what is alive both count.
    "middle": dict(text=dict(XXL, d_model=256, d_ff=640, num_layers=4, num_heads=4),
                   vae=dict(VAE, block_out_channels=[32, 64, 128, 256, 512], layers_per_block=[1] * 5, decoder_block_out_channels=[64, 128, 256],
                            decoder_layers_per_block=[2] * 4),
                   net=dict(in_channels=128, out_channels=128, num_attention_heads=8, attention_head_dim=64, cross_attention_dim=512,
                            num_layers=8, caption_channels=256)),
}
SHARD = 2_000_000_000
# A prime, so that no row repeats the one before it.
POOL = torch.randn(4_194_301, generator=torch.Generator().manual_seed(1))


def values(name, shape, place, dtype=torch.bfloat16):
    """Numbers with which activations keep their size, from one pool: drawing billions would take longer than the bench."""
    count = int(np.prod(shape)) if len(shape) else 1
    if name.endswith("timestep_scale_multiplier"):
        return torch.tensor(1000.0, dtype=dtype)
    if len(shape) < 2:
        base = 1.0 if "norm" in name or name.endswith("latents_std") else 0.0
        return torch.full(shape, base).to(dtype)
    scale = 0.02 if "table" in name else float(np.prod(shape[1:])) ** -0.5
    pool = torch.roll(POOL, place * 7919) * scale
    return pool.to(dtype).repeat(count // len(pool) + 1)[:count].reshape(shape)


def shapes(model):
    return {name: tuple(t.shape) for name, t in model.state_dict().items() if name != "encoder.embed_tokens.weight"}


def classes(size):
    c = SIZES[size]
    with torch.device("meta"):
        return dict(text=T5EncoderModel(T5Config(**c["text"])), net=LTXVideoTransformer3DModel(**c["net"]), vae=AutoencoderKLLTXVideo(**c["vae"]))


def drawn(listed):
    for place, (name, shape) in enumerate(listed.items()):
        yield name, values(name, shape, place)


def shards(listed, folder, stem):
    """Files of at most SHARD bytes, and the index that says which tensor is in which."""
    folder.mkdir(parents=True, exist_ok=True)
    groups, room = [[]], SHARD
    for name, shape in listed.items():
        size = 2 * int(np.prod(shape)) if shape else 2
        if size > room and groups[-1]:
            groups.append([])
            room = SHARD
        groups[-1].append(name)
        room -= size
    place = {name: i for i, name in enumerate(listed)}
    index = {}
    for number, names in enumerate(groups, 1):
        file = f"{stem}.safetensors" if len(groups) == 1 else f"{stem}-{number:05}-of-{len(groups):05}.safetensors"
        save_file({name: values(name, listed[name], place[name]) for name in names}, folder / file, metadata={"format": "pt"})
        index.update(dict.fromkeys(names, file))
    if len(groups) > 1:
        total = sum(2 * int(np.prod(s)) for s in listed.values())
        (folder / f"{stem}.safetensors.index.json").write_text(json.dumps(dict(metadata=dict(total_size=total), weight_map=index)))


def pieces():
    """A vocabulary of letters after the three pieces that every one begins with: (text, kind)."""
    return [("<pad>", 3), ("</s>", 3), ("<unk>", 2)] + [(c, 1) for c in "\u2581abcdefghijklmnopqrstuvwxyz.,"]


def spiece(path):
    out = b""
    for text, kind in pieces():
        text = text.encode()
        piece = b"\x0a" + bytes([len(text)]) + text + b"\x15" + struct.pack("<f", -3.0) + b"\x18" + bytes([kind])
        out += b"\x0a" + bytes([len(piece)]) + piece
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out)


def configured(model, folder):
    folder.mkdir(parents=True, exist_ok=True)
    config = model.config.to_dict() if hasattr(model.config, "to_dict") else dict(model.config)
    (folder / "config.json").write_text(json.dumps({k: v for k, v in config.items() if not k.startswith("_name")}, default=str))


def folders(out, size):
    made = classes(size)
    for part, folder, stem in (("text", "text_encoder", "model"), ("net", "transformer", "diffusion_pytorch_model"), ("vae", "vae", "diffusion_pytorch_model")):
        shards(shapes(made[part]), out / folder, stem)
        configured(made[part], out / folder)
    spiece(out / "tokenizer" / "spiece.model")


def single(out, size):
    made = classes(size)
    held = ltx_runs.original_transformer(dict(drawn(shapes(made["net"]))))
    held.update(ltx_runs.original_vae(dict(drawn(shapes(made["vae"]))), "095"))
    (out / "checkpoints").mkdir(parents=True, exist_ok=True)
    save_file(held, out / "checkpoints" / "ltx-video.safetensors")
    del held
    text = {**dict(drawn(shapes(made["text"])))}
    (out / "text_encoders").mkdir(parents=True, exist_ok=True)
    save_file(text, out / "text_encoders" / "t5xxl.safetensors")
    spiece(out / "text_encoders" / "spiece.model")


def packed(listed, path, arch, more=lambda w: None):
    """Q8_0 wherever a matrix has whole blocks, as people share such files; the rest in f32."""
    rng = np.random.default_rng(1)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(str(path), arch, use_temp_file=True)
    more(writer)
    numbers = rng.normal(0.0, 42.0, 4_194_301).clip(-127, 127).astype(np.int8)
    for place, (name, shape) in enumerate(listed.items()):
        if len(shape) == 2 and shape[1] % 32 == 0 and "table" not in name and "rel_b" not in name:
            blocks = shape[0] * shape[1] // 32
            raw = np.empty((blocks, 34), dtype=np.uint8)
            raw[:, :2] = np.frombuffer(np.float16(shape[1] ** -0.5 / 42.0).tobytes(), dtype=np.uint8)
            raw[:, 2:] = np.resize(np.roll(numbers, place * 7919), blocks * 32).reshape(blocks, 32).view(np.uint8)
            writer.add_tensor(name, raw.reshape(shape[0], shape[1] // 32 * 34), raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        else:
            writer.add_tensor(name, values(name, shape, place, torch.float32).numpy().reshape(shape or (1,)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def as_gguf(out, size):
    made = classes(size)
    packed(ltx_runs.original_transformer(shapes(made["net"]), ""), out / "unet" / "ltx-video-Q8_0.gguf", "ltxv")
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.T5ENCODER, SIZES[size]["text"]["num_layers"])
    text = {names.get_name(name, try_suffixes=(".weight",)): shape for name, shape in shapes(made["text"]).items()}

    def vocabulary(writer):
        listed = pieces()
        writer.add_token_list([text for text, _ in listed])
        writer.add_token_scores([-3.0] * len(listed))
        writer.add_token_types([kind for _, kind in listed])

    packed(text, out / "text_encoders" / "t5-v1_1-xxl-encoder-Q8_0.gguf", "t5encoder", vocabulary)
    (out / "vae").mkdir(parents=True, exist_ok=True)
    save_file(ltx_runs.original_vae(dict(drawn(shapes(made["vae"]))), "095"), out / "vae" / "ltx-video-vae.safetensors")


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--layout", required=True, choices=["folders", "single", "gguf"])
    a.add_argument("--size", default="2b", choices=sorted(SIZES))
    a.add_argument("--out", required=True, type=pathlib.Path)
    o = a.parse_args()
    dict(folders=folders, single=single, gguf=as_gguf)[o.layout](o.out, o.size)
    print(f"{o.layout}: {sum(p.stat().st_size for p in o.out.rglob('*') if p.is_file()) / 1e9:.2f} GB in {o.out}", flush=True)


if __name__ == "__main__":
    main()
