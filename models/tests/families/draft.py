"""The draft family's parity classes: tiny random configs of the networks in models/draft/training/model.py.
Each builder takes a config (dict, may be partial) and a generator and returns weights, inputs and outputs.
Weights are drawn anew (never the zero-initialised ones of training), so that every path shows in the outputs.
"""
import pathlib
import sys
from dataclasses import asdict

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "draft" / "training"))
import model as m  # noqa: E402

VAE = dict(channels=4, widths=[4, 8, 8], encoder_blocks=[1, 1, 2], shared_blocks=1, decoder_blocks=[2, 1, 1], patch=4, head=4, groups=4)
TEXT = dict(words=40, width=32, layers=2, heads=2, length=12)
DENOISER = dict(channels=4, sound=64, width=32, depth=2, heads=2, text_width=32, mlp=2, rope_axes=[4, 6, 6], time_features=16)
BLOCK = 32
SAMPLING = dict(steps=4, shift=1.5, guide_scale=2.5)


def randomise(module, g):
    with torch.no_grad():
        for name, p in module.named_parameters():
            fan = p.shape[1:].numel() if p.dim() > 1 else 1
            scale = fan ** -0.5 if p.dim() > 1 else 0.2
            p.copy_(torch.randn(p.shape, generator=g) * scale + (1.0 if p.dim() == 1 and "norm" in name and name.endswith("weight") else 0.0))
    return module.eval()


def part(kind, default, config):
    return kind(**{**default, **{k: v for k, v in config.items() if k != "case"}})


def options(config, **default):
    return {**default, **config.get("case", {})}


def case(config, weights, inputs, outputs, stage, tolerance=1e-4):
    return dict(config=config, weights=weights, inputs=inputs, outputs=outputs, stage=stage, tolerance=tolerance)


def vae_of(c, g):
    vae = randomise(m.Vae(c), g)
    vae.latents_mean.copy_(torch.randn(c.channels, generator=g) * 0.3)
    vae.latents_std.copy_(torch.rand(c.channels, generator=g) + 0.5)
    return vae


def vae_encoder(config, g):
    """frames [4n+1, 3, H, W] -> normalised latents; weights hold the whole VAE."""
    c, o = part(m.VaeConfig, VAE, config), options(config, frames=9, height=32, width=48)
    vae = vae_of(c, g)
    frames = torch.rand(o["frames"], 3, o["height"], o["width"], generator=g) * 2 - 1
    with torch.no_grad():
        return case(asdict(c), vae.state_dict(), dict(frames=frames), dict(latents=vae.encode(frames)), "encode")


def vae_decoder(config, g):
    c, o = part(m.VaeConfig, VAE, config), options(config, latents=3, height=2, width=3)
    vae = vae_of(c, g)
    z = torch.randn(o["latents"], c.channels, o["height"], o["width"], generator=g)
    with torch.no_grad():
        return case(asdict(c), vae.state_dict(), dict(latents=z), dict(frames=vae.decode(z)), "decode")


def in_eights(x):
    """What Q8_0 keeps of x: blocks of 32 along the last axis, whole numbers up to 127 times an f16 scale; halves are rounded away from zero."""
    blocks = x.unflatten(-1, (-1, BLOCK))
    scale = blocks.abs().amax(-1, keepdim=True) / 127
    q = blocks / scale.clamp(min=1e-30)
    return (q.sign() * (q.abs() + 0.5).floor() * scale.half().float()).flatten(-2)


def quantised(net):
    """Linear layers as the studio computes them in Q8_0: weights in eights, and what comes in as well; too narrow a layer stays as it is."""
    for layer in net.modules():
        if isinstance(layer, torch.nn.Linear) and layer.in_features % BLOCK == 0:
            layer.forward = lambda x, layer=layer: torch.nn.functional.linear(in_eights(x), in_eights(layer.weight), layer.bias)
    return net


def words(c, g, batch, lengths):
    length = max(lengths)
    ids = torch.randint(3, c.words, (batch, length), generator=g)
    mask = torch.zeros(batch, length)
    for row, n in enumerate(lengths):
        mask[row, :n] = 1
        ids[row, n - 1] = 2
        ids[row, n:] = 0
    return ids, mask


def text_encoder(config, g, change=lambda net: net, tolerance=1e-4):
    c, o = part(m.TextConfig, TEXT, config), options(config, lengths=[7, 3])
    encoder = change(randomise(m.TextEncoder(c), g))
    ids, mask = words(c, g, len(o["lengths"]), o["lengths"])
    with torch.no_grad():
        states, pooled = encoder(ids, mask)
    return case(asdict(c), encoder.state_dict(), dict(ids=ids, mask=mask), dict(states=states, pooled=pooled), "text", tolerance)


def denoiser(config, g, change=lambda net: net, tolerance=1e-4):
    """clean: latent frames given as clean; references: (h, w) of each reference picture."""
    c = part(m.DenoiserConfig, DENOISER, config)
    o = options(config, batch=2, times=[0, 1, 2], height=2, width=3, lengths=[6, 2], clean=[], references=[])
    net = change(randomise(m.Denoiser(c), g))
    coords, grids = m.layout(o["times"], o["height"], o["width"], [tuple(r) for r in o["references"]])
    frame, count = o["height"] * o["width"], len(o["times"])
    n = count * frame + sum(h * w for h, w in o["references"])
    b = o["batch"]
    inputs = dict(video=torch.randn(b, n, c.channels, generator=g), sound=torch.randn(b, count, c.sound, generator=g),
                  timestep=torch.rand(b, generator=g), text=torch.randn(b, max(o["lengths"]), c.text_width, generator=g),
                  pooled=torch.randn(b, c.text_width, generator=g), coords=coords, grids=grids)
    inputs["text_mask"] = torch.stack([(torch.arange(max(o["lengths"])) < k).float() for k in o["lengths"]])
    if o["clean"] or o["references"]:
        clean = torch.zeros(b, n)
        for t in o["clean"]:
            clean[:, t * frame:(t + 1) * frame] = 1
        clean[:, count * frame:] = 1
        inputs["clean"] = clean
    with torch.no_grad():
        video, sound = net(inputs["video"], inputs["sound"], inputs["timestep"], inputs["text"], inputs["text_mask"],
                           inputs["pooled"], coords, grids, inputs.get("clean"))
    return case(asdict(c), net.state_dict(), inputs, dict(video=video, sound=sound), "denoise", tolerance)


def eight(builder):
    """The same class with linear layers in Q8_0. A value between two whole numbers may fall to either side, hence the wider tolerance."""
    return lambda config, g: builder(config, g, quantised, 1e-2)


def pipeline(config, g):
    """A whole run: ids -> text -> Euler steps from given noise -> latents -> frames. Weights are prefixed vae., text., denoiser.

    inputs: ids, mask, noise_video [1, N, C] (video tokens only), noise_sound, and, if conditioned, given [1, N, C] with clean [1, N]
    (N then counts reference tokens too)."""
    c = m.DraftConfig(setting="fixture", vae=part(m.VaeConfig, VAE, config.get("vae", {})), text=part(m.TextConfig, TEXT, config.get("text", {})),
                      denoiser=part(m.DenoiserConfig, DENOISER, config.get("denoiser", {})),
                      sampling=part(m.SamplingConfig, SAMPLING, config.get("sampling", {})))
    o = options(config, latents=2, height=2, width=3, words=5, clean=[], references=[])
    vae, text, net = vae_of(c.vae, g), randomise(m.TextEncoder(c.text), g), randomise(m.Denoiser(c.denoiser), g)
    coords, grids = m.layout(range(o["latents"]), o["height"], o["width"], [tuple(r) for r in o["references"]])
    frame = o["height"] * o["width"]
    n = o["latents"] * frame
    total = n + sum(h * w for h, w in o["references"])
    ids, mask = words(c.text, g, 1, [o["words"]])
    empty_ids, empty_mask = torch.tensor([[2] + [0] * (o["words"] - 1)]), torch.tensor([[1.0] + [0.0] * (o["words"] - 1)])
    inputs = dict(ids=ids, mask=mask, noise_video=torch.randn(1, total, c.denoiser.channels, generator=g),
                  noise_sound=torch.randn(1, o["latents"], c.denoiser.sound, generator=g), coords=coords, grids=grids)
    if o["clean"] or o["references"]:
        clean = torch.zeros(1, total)
        for t in o["clean"]:
            clean[:, t * frame:(t + 1) * frame] = 1
        clean[:, n:] = 1
        inputs.update(clean=clean, given=torch.randn(1, total, c.denoiser.channels, generator=g))
    with torch.no_grad():
        states, pooled = text(ids, mask)
        empty, empty_pooled = text(empty_ids, empty_mask)
        s = c.sampling
        video, sound = m.sample(net, inputs["noise_video"], inputs["noise_sound"], (states, mask, pooled), (empty, empty_mask, empty_pooled),
                                coords, grids, s.steps, s.shift, s.guide_scale, inputs.get("clean"), inputs.get("given"))
        latents = video[0, :n].unflatten(0, (o["latents"], o["height"], o["width"])).permute(0, 3, 1, 2)
        frames = vae.decode(latents)
    weights = {f"{p}.{k}": v for p, net_ in (("vae", vae), ("text", text), ("denoiser", net)) for k, v in net_.state_dict().items()
               if not k.startswith("encoder.")}
    return case(asdict(c), weights, inputs, dict(video=video, sound=sound, latents=latents, frames=frames), "sample", 1e-3)


CLASSES = dict(vae_encoder=vae_encoder, vae_decoder=vae_decoder, text_encoder=text_encoder, denoiser=denoiser, pipeline=pipeline, text_encoder_eight=eight(text_encoder), denoiser_eight=eight(denoiser))
SLIM = dict(vae=dict(decoder_blocks=[1, 1, 1], head=2), text=dict(width=16, layers=1),
            denoiser=dict(width=24, heads=2, text_width=16, rope_axes=[4, 4, 4]))
CASES = [
    ("vae_encoder_a", "vae_encoder", {}, 1),
    ("vae_encoder_still", "vae_encoder", dict(channels=6, case=dict(frames=1, height=80, width=48)), 2),
    ("vae_encoder_square", "vae_encoder", dict(widths=[4, 8, 8], encoder_blocks=[2, 1, 1], groups=2, case=dict(frames=5, height=48, width=48)), 3),
    ("vae_decoder_a", "vae_decoder", {}, 4),
    ("vae_decoder_still", "vae_decoder", dict(channels=6, case=dict(latents=1, height=3, width=2)), 5),
    ("vae_decoder_tall", "vae_decoder", dict(widths=[4, 8, 8], decoder_blocks=[1, 2, 1], groups=2, head=6, case=dict(latents=2, height=4, width=2)), 6),
    ("text_a", "text_encoder", {}, 7),
    ("text_three", "text_encoder", dict(width=24, heads=3, layers=1, case=dict(lengths=[12, 1, 5])), 8),
    ("text_deep", "text_encoder", dict(width=16, heads=2, layers=4, length=9, case=dict(lengths=[9])), 9),
    ("denoiser_a", "denoiser", {}, 10),
    ("denoiser_clean_first", "denoiser", dict(case=dict(clean=[0])), 11),
    ("denoiser_reference", "denoiser", dict(case=dict(batch=1, lengths=[4], times=[0, 1], clean=[1], references=[[4, 4], [4, 4]])), 12),
    ("denoiser_still_tall", "denoiser", dict(width=24, heads=3, rope_axes=[2, 2, 4], text_width=16, mlp=4, depth=3,
                                             case=dict(batch=3, lengths=[1, 5, 3], times=[0], height=5, width=3)), 13),
    ("denoiser_sparse_times", "denoiser", dict(channels=6, sound=32, time_features=32, case=dict(times=[0, 4, 11], clean=[0, 2], height=3, width=2)), 14),
    ("pipeline_guided", "pipeline", SLIM, 15),
    ("pipeline_plain", "pipeline", dict(SLIM, sampling=dict(steps=3, shift=1.0, guide_scale=1.0), case=dict(latents=1, height=3, width=2)), 16),
    ("pipeline_first_frame", "pipeline", dict(SLIM, case=dict(clean=[0])), 17),
    ("pipeline_last_and_reference", "pipeline", dict(SLIM, case=dict(latents=3, height=2, width=1, clean=[2], references=[[4, 4]])), 18),
    ("text_eight", "text_encoder_eight", dict(case=dict(lengths=[6, 2])), 19),
    ("text_eight_narrow", "text_encoder_eight", dict(width=24, heads=2, layers=1, case=dict(lengths=[4])), 20),
    ("denoiser_eight", "denoiser_eight", {}, 21),
    ("denoiser_eight_clean", "denoiser_eight", dict(time_features=32, mlp=4, case=dict(batch=1, lengths=[3], times=[0, 3], clean=[0], references=[[4, 4]])), 22),
]
