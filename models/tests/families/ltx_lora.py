"""LoRAs of the LTX-Video family in the layouts people share: the reference loads them beside its weights and merged.
Needs what ltx.py needs, and peft. It must never download anything.
"""
import torch
from diffusers.loaders.lora_conversion_utils import _convert_non_diffusers_ltxv_lora_to_diffusers

from families import ltx as parts


def original(state):
    """As the original program's trainer names them."""
    return {"diffusion_model." + k: v for k, v in state.items()}


def flat(state):
    """As trainers name them that turn points into underscores; down and up, and an alpha for each layer."""
    out = {}
    for key, value in state.items():
        for ours, theirs in ((".lora_A.weight", ".lora_down.weight"), (".lora_B.weight", ".lora_up.weight")):
            if key.endswith(ours):
                out["lora_unet_" + key.removesuffix(ours).replace(".", "_") + theirs] = value
    return out


def lora(config, g):
    """tokens, text, coords -> velocity (LoRA beside the weights), merged (fused into them).

    weights: the denoiser's under the reference's names, the LoRA's behind `lora:` in `layout` (reference, original, flat).
    case: layout, rank, alpha (0: the file states none), strength, targets (endings of layers' names)."""
    c = parts.build(None, parts.TRANSFORMER, config)
    o = parts.options(config, layout="reference", rank=3, alpha=0, strength=0.7, targets=["to_q", "to_k", "to_v", "to_out.0"])
    net = parts.transformer_of(c, g)
    weights = parts.halved(net.state_dict())
    state = {}
    for name, layer in net.named_modules():
        if isinstance(layer, torch.nn.Linear) and name.endswith(tuple(o["targets"])):
            for half, shape in (("lora_A", (o["rank"], layer.in_features)), ("lora_B", (layer.out_features, o["rank"]))):
                state[f"{name}.{half}.weight"] = (torch.randn(shape, generator=g) * 0.3).half().float()
    alphas = {f"{k.removesuffix('.lora_A.weight')}.alpha": float(o["alpha"]) for k in state if o["alpha"] and k.endswith("lora_A.weight")}
    shared = {"reference": lambda s: {"transformer." + k: v for k, v in s.items()}, "original": original, "flat": flat}[o["layout"]](state)
    if o["layout"] == "original":
        back = _convert_non_diffusers_ltxv_lora_to_diffusers(dict(shared))
        assert set(back) == {"transformer." + k for k in state}, "the reference reads other names"
    weights.update({"lora:" + k: v.half() for k, v in shared.items()})
    ending = {"flat": lambda k: "lora:lora_unet_" + k.removesuffix(".alpha").replace(".", "_") + ".alpha"}.get(o["layout"], lambda k: "lora:transformer." + k)
    weights.update({ending(k): torch.tensor(v) for k, v in alphas.items()})
    net.load_lora_adapter({"transformer." + k: v for k, v in state.items()}, prefix="transformer",
                          network_alphas={"transformer." + k: v for k, v in alphas.items()} or None, adapter_name="a")
    net.set_adapters("a", weights=o["strength"])
    tokens, words = torch.randn(1, 4, c["in_channels"], generator=g), torch.randn(1, 3, c["caption_channels"], generator=g)
    coords = torch.rand(1, 3, 4, generator=g) * 64

    def evaluated():
        with torch.no_grad():
            return net(hidden_states=tokens, encoder_hidden_states=words, timestep=torch.tensor([700.0]), encoder_attention_mask=None,
                       video_coords=coords, return_dict=False)[0]

    beside = evaluated()
    net.fuse_lora(lora_scale=1.0, adapter_names=["a"])
    merged = evaluated()
    net.disable_lora()
    assert (beside - merged).abs().max() < 1e-4, "the reference's two ways differ"
    return parts.case(dict(c, case=dict(strength=o["strength"])), weights, dict(tokens=tokens, text=words, coords=coords),
                      dict(velocity=beside, merged=merged), "lora")


CLASSES = dict(lora=lora)
CASES = [
    ("lora_reference", "lora", {}, 130),
    ("lora_original_alpha", "lora", dict(num_layers=1, case=dict(layout="original", rank=2, strength=1.5, targets=["to_q", "proj_in", "ff.net.0.proj", "ff.net.2"])), 131),
    ("lora_flat_alpha", "lora", dict(case=dict(layout="flat", rank=4, alpha=2, strength=0.9, targets=["to_k", "to_out.0", "net.2"])), 132),
]
