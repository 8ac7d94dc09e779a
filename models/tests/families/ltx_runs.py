"""Whole runs and released layouts of the LTX-Video family: tiny models through the reference pipelines, with every random
value recorded, and the same weights under the names of the original single files. Needs what ltx.py needs.
"""
import gguf
import tempfile

import numpy as np
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTXConditionPipeline, LTXPipeline
from diffusers.loaders.single_file_utils import convert_ltx_transformer_checkpoint_to_diffusers, convert_ltx_vae_checkpoint_to_diffusers
from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

from families import ltx as parts

TEXT = dict(d_model=16, d_kv=8, d_ff=24, num_layers=1, num_heads=2, vocab_size=32)
NET = dict(num_attention_heads=2, attention_head_dim=12, cross_attention_dim=24, num_layers=2, caption_channels=16, in_channels=4, out_channels=4)
VAE = dict(parts.VAE_090, block_out_channels=[4, 4, 4, 4], decoder_block_out_channels=[4, 4, 4, 4])


def models(config, g):
    c = dict(text_encoder=parts.build(None, dict(parts.T5, **TEXT), config.get("text_encoder", {})),
             transformer=parts.build(None, dict(parts.TRANSFORMER, **NET), config.get("transformer", {})),
             vae=parts.build(None, VAE, config.get("vae", {})), scheduler=dict(config.get("scheduler", {})))
    return c, parts.t5_of(c["text_encoder"], g), parts.transformer_of(c["transformer"], g), parts.vae_of(c["vae"], g)


def pipeline(config, g):
    """ids, mask (negative_ids, negative_mask), pictures picture_0 ... [1, 3, t, h, w] in -1 ... 1, noise in order of drawing
    -> latents after the last step, every third row and column of the frames (0 ... 1).

    case: plain (LTXPipeline instead of LTXConditionPipeline), steps, timesteps, guidance, rescale, size, frames, rate,
    conditions = [[frame, count, strength], ...], condition_noise, decode_timestep, decode_noise."""
    c, text, net, vae = models(config, g)
    o = parts.options(config, plain=False, steps=3, timesteps=None, guidance=1.0, rescale=0.0, height=32, width=64, frames=9, rate=25,
                      conditions=[], condition_noise=0.15, decode_timestep=0.05, decode_noise=0.025, words=[7, 4])
    kind = LTXPipeline if o["plain"] else LTXConditionPipeline
    pipe = kind(scheduler=FlowMatchEulerDiscreteScheduler(**c["scheduler"]), vae=vae, text_encoder=text, tokenizer=None, transformer=net)
    pipe.set_progress_bar_config(disable=True)
    length, inputs, embeds = 8, {}, {}
    for name, count in zip(("", "negative_") if o["guidance"] > 1 else ("",), o["words"]):
        mask = torch.zeros(1, length)
        mask[:, :count] = 1
        ids = torch.randint(2, c["text_encoder"]["vocab_size"], (1, length), generator=g) * mask.long()
        inputs.update({f"{name}ids": ids, f"{name}mask": mask})
        with torch.no_grad():
            embeds[f"{name}prompt_embeds"] = text(ids, attention_mask=mask)[0]
        embeds[f"{name}prompt_attention_mask"] = mask.bool()
    more, conditions = {}, []
    if not o["plain"]:
        for i, (frame, count, strength) in enumerate(o["conditions"]):
            clip = torch.rand(1, count, 3, o["height"], o["width"], generator=g).half().float()
            inputs[f"picture_{i}"] = (clip * 2 - 1).transpose(1, 2).contiguous().half()
            clip = (inputs[f"picture_{i}"].float().transpose(1, 2) + 1) / 2
            conditions.append(LTXVideoCondition(video=clip, frame_index=frame, strength=strength))
        more = dict(conditions=conditions or None, image_cond_noise_scale=o["condition_noise"])
    if o["timesteps"]:
        more["timesteps"] = o["timesteps"]
    seen = {}

    def last(_, step, __, values):
        seen["latents"] = values["latents"].clone()
        return {}

    with torch.no_grad(), parts.Draws() as draws:
        torch.manual_seed(int(torch.randint(1 << 30, (1,), generator=g)))
        frames = pipe(**embeds, height=o["height"], width=o["width"], num_frames=o["frames"], frame_rate=o["rate"],
                      num_inference_steps=len(o["timesteps"] or []) or o["steps"], guidance_scale=o["guidance"],
                      guidance_rescale=o["rescale"], decode_timestep=o["decode_timestep"], decode_noise_scale=o["decode_noise"],
                      callback_on_step_end=last, output_type="pt", return_dict=False, **more)[0]
    inputs.update(draws.named())
    weights = {}
    for name, module in (("text_encoder.", text), ("transformer.", net), ("vae.", vae)):
        keep = {k: v for k, v in module.state_dict().items() if k != "encoder.embed_tokens.weight"}
        if name == "vae." and not o["conditions"]:
            keep = {k: v for k, v in keep.items() if not k.startswith("encoder.")}
        weights.update(parts.halved(keep, name))
    frames = frames.permute(0, 2, 1, 3, 4)
    return parts.case(dict(c, case=o), weights, inputs, dict(tokens=seen["latents"], frames=parts.sparse(frames)), "sample", 1e-3)


VAE_NAMES = {
    "090": {"decoder.mid_block": "decoder.up_blocks.0", "decoder.up_blocks.0.resnets": "decoder.up_blocks.1.res_blocks",
            "decoder.up_blocks.1.upsamplers.0": "decoder.up_blocks.2", "decoder.up_blocks.1.resnets": "decoder.up_blocks.3.res_blocks",
            "decoder.up_blocks.2.conv_in": "decoder.up_blocks.4", "decoder.up_blocks.2.upsamplers.0": "decoder.up_blocks.5",
            "decoder.up_blocks.2.resnets": "decoder.up_blocks.6.res_blocks", "decoder.up_blocks.3.conv_in": "decoder.up_blocks.7",
            "decoder.up_blocks.3.upsamplers.0": "decoder.up_blocks.8", "decoder.up_blocks.3.resnets": "decoder.up_blocks.9.res_blocks",
            "encoder.down_blocks.0.resnets": "encoder.down_blocks.0.res_blocks", "encoder.down_blocks.0.downsamplers.0": "encoder.down_blocks.1",
            "encoder.down_blocks.0.conv_out": "encoder.down_blocks.2", "encoder.down_blocks.1.resnets": "encoder.down_blocks.3.res_blocks",
            "encoder.down_blocks.1.downsamplers.0": "encoder.down_blocks.4", "encoder.down_blocks.1.conv_out": "encoder.down_blocks.5",
            "encoder.down_blocks.2.resnets": "encoder.down_blocks.6.res_blocks", "encoder.down_blocks.2.downsamplers.0": "encoder.down_blocks.7",
            "encoder.down_blocks.3.resnets": "encoder.down_blocks.8.res_blocks", "encoder.mid_block": "encoder.down_blocks.9"},
}
VAE_NAMES["091"] = {k: v for k, v in VAE_NAMES["090"].items() if k.startswith("encoder.")}
VAE_NAMES["091"].update({"decoder.mid_block": "decoder.up_blocks.0", "decoder.time_embedder": "decoder.last_time_embedder",
                         "decoder.scale_shift_table": "decoder.last_scale_shift_table"})
for i in range(4):
    VAE_NAMES["091"][f"decoder.up_blocks.{i}.upsamplers.0"] = f"decoder.up_blocks.{2 * i + 1}"
    VAE_NAMES["091"][f"decoder.up_blocks.{i}"] = f"decoder.up_blocks.{2 * i + 2}"
VAE_NAMES["095"] = {k: v for k, v in VAE_NAMES["091"].items() if k.startswith("decoder.")}
VAE_NAMES["095"]["encoder.mid_block"] = "encoder.down_blocks.8"
for i in range(4):
    VAE_NAMES["095"][f"encoder.down_blocks.{i}.downsamplers.0"] = f"encoder.down_blocks.{2 * i + 1}"
    VAE_NAMES["095"][f"encoder.down_blocks.{i}"] = f"encoder.down_blocks.{2 * i}"


def original_vae(state, generation):
    """The names of the original files, which the reference's own conversion must turn back."""
    names, out = VAE_NAMES[generation], {}
    for key, value in state.items():
        best = max((old for old in names if key == old or key.startswith(old + ".")), key=len, default=None)
        new = key if best is None else names[best] + key[len(best):]
        new = new.replace("resnets", "res_blocks").replace("conv_shortcut.conv", "conv_shortcut").replace("norm3.", "norm3.norm.")
        new = {"latents_mean": "per_channel_statistics.mean-of-means", "latents_std": "per_channel_statistics.std-of-means"}.get(new, new)
        out["vae." + new] = value
    return out


def original_transformer(state, prefix="model.diffusion_model."):
    change = (("proj_in", "patchify_proj"), ("time_embed", "adaln_single"), ("norm_q", "q_norm"), ("norm_k", "k_norm"))
    out = {}
    for key, value in state.items():
        for new, old in change:
            key = key.replace(new, old)
        out[prefix + key] = value
    return out


def same(a, b):
    missing, more = set(a) - set(b), set(b) - set(a)
    assert not missing and not more, (sorted(missing)[:5], sorted(more)[:5])
    assert all(torch.equal(a[k], b[k]) for k in a)


def single_file(config, g):
    """One original checkpoint file: transformer and codec under their first names -> the same outputs as their own classes.
    generation = 090, 091, 095; without the channel statistics that only the original code reads."""
    generation = config["generation"]
    c = dict(transformer=dict(parts.TRANSFORMER, **dict(NET, num_layers=1)), vae=dict(parts.GENERATIONS[generation], **config.get("vae", {})))
    net, vae = parts.transformer_of(c["transformer"], g), parts.vae_of(c["vae"], g)
    held = {**original_transformer(net.state_dict()), **original_vae(vae.state_dict(), generation)}
    if generation != "095":
        same(net.state_dict(), convert_ltx_transformer_checkpoint_to_diffusers(dict(held)))
    # The reference tells the generations apart by the width that only the released encoder has.
    if generation == "090":
        same(vae.state_dict(), convert_ltx_vae_checkpoint_to_diffusers(dict(held)))
    tokens, words = torch.randn(1, 4, c["transformer"]["in_channels"], generator=g), torch.randn(1, 3, NET["caption_channels"], generator=g)
    coords = torch.rand(1, 3, 4, generator=g) * 64
    frames = (torch.rand(1, 3, 9, 32, 32, generator=g) * 2 - 1).half().float()
    z = torch.randn(1, c["vae"]["latent_channels"], 2, 1, 1, generator=g)
    step = torch.tensor([0.05])
    held["vae.per_channel_statistics.mean-of-stds"] = torch.zeros(c["vae"]["latent_channels"])
    inputs = dict(tokens=tokens, text=words, coords=coords, frames=frames.half(), latents=z, timestep=step)
    with torch.no_grad(), parts.Draws() as draws:
        outputs = dict(velocity=net(hidden_states=tokens, encoder_hidden_states=words, timestep=torch.tensor([700.0]),
                                    encoder_attention_mask=None, video_coords=coords, return_dict=False)[0],
                       mean=vae.encode(frames).latent_dist.mean,
                       decoded=parts.sparse(vae.decode(z, step if c["vae"].get("timestep_conditioning") else None).sample))
    inputs.update(draws.named())
    return parts.case(c, parts.halved(held), inputs, outputs, "single file")


def as_gguf(arch, tensors, more=lambda w: None, wide=32):
    """Bytes of a GGUF file as people share them: rows of whole blocks in Q8_0, all else in f32."""
    with tempfile.NamedTemporaryFile(suffix=".gguf") as file:
        writer = gguf.GGUFWriter(file.name, arch)
        more(writer)
        held = {}
        for name, tensor in tensors.items():
            data = tensor.numpy().astype(np.float32)
            if data.ndim == 2 and data.shape[1] % wide == 0 and "table" not in name and "rel_b" not in name:
                packed = gguf.quants.quantize(data, gguf.GGMLQuantizationType.Q8_0)
                writer.add_tensor(name, packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
                data = gguf.quants.dequantize(packed, gguf.GGMLQuantizationType.Q8_0)
            else:
                writer.add_tensor(name, data)
            held[name] = torch.from_numpy(np.ascontiguousarray(data))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return torch.tensor(list(open(file.name, "rb").read()), dtype=torch.uint8), held


def gguf_transformer(config, g):
    """A GGUF file of the denoiser under its first names (gguf, u8) -> velocity of the same numbers in the reference."""
    c = parts.build(None, dict(parts.TRANSFORMER, caption_channels=32), config)
    net = parts.transformer_of(c, g)
    names = original_transformer({k: k for k in net.state_dict()}, "")
    data, held = as_gguf("ltxv", original_transformer(net.state_dict(), ""))
    net.load_state_dict({names[k]: v.reshape(net.state_dict()[names[k]].shape) for k, v in held.items()})
    tokens, words = torch.randn(1, 4, c["in_channels"], generator=g), torch.randn(1, 3, c["caption_channels"], generator=g)
    coords = torch.rand(1, 3, 4, generator=g) * 64
    with torch.no_grad():
        out = net(hidden_states=tokens, encoder_hidden_states=words, timestep=torch.tensor([700.0]), encoder_attention_mask=None,
                  video_coords=coords, return_dict=False)[0]
    return parts.case(c, dict(gguf=data), dict(tokens=tokens, text=words, coords=coords), dict(velocity=out), "gguf")


T5_NAMES = (("encoder.block.{}.layer.0.SelfAttention.q", "enc.blk.{}.attn_q"), ("encoder.block.{}.layer.0.SelfAttention.k", "enc.blk.{}.attn_k"),
            ("encoder.block.{}.layer.0.SelfAttention.v", "enc.blk.{}.attn_v"), ("encoder.block.{}.layer.0.SelfAttention.o", "enc.blk.{}.attn_o"),
            ("encoder.block.{}.layer.0.SelfAttention.relative_attention_bias", "enc.blk.{}.attn_rel_b"),
            ("encoder.block.{}.layer.0.layer_norm", "enc.blk.{}.attn_norm"), ("encoder.block.{}.layer.1.layer_norm", "enc.blk.{}.ffn_norm"),
            ("encoder.block.{}.layer.1.DenseReluDense.wi_0", "enc.blk.{}.ffn_gate"), ("encoder.block.{}.layer.1.DenseReluDense.wi_1", "enc.blk.{}.ffn_up"),
            ("encoder.block.{}.layer.1.DenseReluDense.wo", "enc.blk.{}.ffn_down"))


def gguf_text(config, g):
    """A GGUF file of the text encoder (gguf, u8), named by the gguf package's own map -> states."""
    c = parts.build(None, dict(parts.T5, d_model=32, d_kv=16, d_ff=64, num_heads=2), config)
    encoder = parts.t5_of(c, g)
    table = gguf.get_tensor_name_map(gguf.MODEL_ARCH.T5ENCODER, c["num_layers"])
    state = {k: v for k, v in encoder.state_dict().items() if k != "encoder.embed_tokens.weight"}
    names = {table.get_name(k, try_suffixes=(".weight",)): k for k in state}
    pairs = {new.format(i) + ".weight": old.format(i) + ".weight" for i in range(c["num_layers"]) for old, new in T5_NAMES}
    assert all(pairs[k] == v for k, v in names.items() if k in pairs), "the names differ from the gguf package's"

    def facts(w):
        w.add_uint32("t5encoder.block_count", c["num_layers"])

    data, held = as_gguf("t5encoder", {k: state[v] for k, v in names.items()}, facts)
    loaded = {names[k]: v for k, v in held.items()}
    encoder.load_state_dict({**loaded, "encoder.embed_tokens.weight": loaded["shared.weight"]})
    ids = torch.randint(2, c["vocab_size"], (1, 6), generator=g)
    with torch.no_grad():
        return parts.case(c, dict(gguf=data), dict(ids=ids), dict(states=encoder(ids)[0]), "gguf")


CLASSES = dict(pipeline=pipeline, single_file=single_file, gguf_transformer=gguf_transformer, gguf_text=gguf_text)
GUIDED = dict(guidance=3.0)
CASES = [
    ("pipeline_text", "pipeline", dict(case=dict(GUIDED, rescale=0.3)), 100),
    ("pipeline_text_plain", "pipeline", dict(scheduler=dict(use_dynamic_shifting=True, shift_terminal=0.1, base_shift=0.95, max_shift=2.05,
                                                            base_image_seq_len=1024), case=dict(GUIDED, plain=True, steps=4, rate=24)), 101),
    ("pipeline_distilled_timed", "pipeline", dict(vae=dict(parts.VAE_091, decoder_block_out_channels=[4, 4, 4], upsample_factor=[1, 1, 1],
                                                           upsample_residual=[False, False, False], decoder_layers_per_block=[1, 1, 1, 1],
                                                           decoder_inject_noise=[True, False, False, True], block_out_channels=[4, 4, 4, 4],
                                                           decoder_spatio_temporal_scaling=[True, True, True]),
                                                  case=dict(timesteps=parts.DISTILLED, width=32)), 102),
    ("pipeline_first_frame", "pipeline", dict(case=dict(GUIDED, conditions=[[0, 1, 1.0]], width=32)), 103),
    ("pipeline_key_frames", "pipeline", dict(case=dict(conditions=[[0, 1, 1.0], [8, 1, 0.8], [16, 1, 1.0]], frames=17, width=32)), 104),
    ("pipeline_extension", "pipeline", dict(case=dict(conditions=[[0, 9, 0.9]], frames=25, width=32, steps=2)), 105),
    ("pipeline_later_clip", "pipeline", dict(case=dict(GUIDED, conditions=[[8, 17, 1.0]], frames=33, width=32, steps=2)), 106),
    ("single_file_090", "single_file", dict(generation="090", vae=dict(block_out_channels=[4, 4, 6, 6], decoder_block_out_channels=[4, 4, 6, 6])), 110),
    ("single_file_091", "single_file", dict(generation="091", vae=dict(block_out_channels=[4, 4, 6, 6], decoder_block_out_channels=[8], decoder_layers_per_block=[1, 1], decoder_spatio_temporal_scaling=[True],
                                                                      decoder_inject_noise=[True, False], upsample_residual=[True], upsample_factor=[2])), 111),
    ("single_file_095", "single_file", dict(generation="095", vae=dict(block_out_channels=[4, 4, 8, 8, 8], decoder_block_out_channels=[8],
                                                                      decoder_layers_per_block=[1, 1], decoder_spatio_temporal_scaling=[True],
                                                                      decoder_inject_noise=[False, False], upsample_residual=[True], upsample_factor=[2])), 112),
    ("gguf_transformer", "gguf_transformer", {}, 120),
    ("gguf_transformer_wide", "gguf_transformer", dict(num_attention_heads=4, num_layers=1, cross_attention_dim=64), 121),
    ("gguf_text", "gguf_text", {}, 122),
]
