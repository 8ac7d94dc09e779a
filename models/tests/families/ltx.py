"""The LTX-Video family's parity classes: tiny random configs of the reference classes in diffusers and transformers.
Each builder takes a config (dict, may be partial) and a generator and returns weights, inputs and outputs. Weights are
drawn anew, rounded to f16 and stored so, which keeps a case small; whole runs and layouts are in ltx_runs.py.
Needs: diffusers 0.42.1, transformers, sentencepiece, gguf. It must never download anything.
"""
import io

import numpy as np
import torch
from diffusers import AutoencoderKLLTXVideo, FlowMatchEulerDiscreteScheduler, LTXVideoTransformer3DModel
from diffusers.pipelines.ltx.modeling_latent_upsampler import LTXLatentUpsamplerModel
from diffusers.pipelines.ltx.pipeline_ltx import calculate_shift
from diffusers.pipelines.ltx.pipeline_ltx_condition import linear_quadratic_schedule
from diffusers.pipelines.ltx.pipeline_ltx_latent_upsample import LTXLatentUpsamplePipeline
from transformers import T5Config, T5EncoderModel

T5 = dict(vocab_size=40, d_model=24, d_kv=8, d_ff=48, num_layers=2, num_heads=3, feed_forward_proj="gated-gelu",
          relative_attention_num_buckets=32, relative_attention_max_distance=128, layer_norm_epsilon=1e-6)
TRANSFORMER = dict(in_channels=8, out_channels=8, num_attention_heads=2, attention_head_dim=16, cross_attention_dim=32,
                   num_layers=2, caption_channels=24)
# The three generations of the released autoencoders, made narrow: 0.9.0, 0.9.1 and 0.9.5 onwards.
VAE_090 = dict(latent_channels=4, block_out_channels=[4, 6, 8, 8], decoder_block_out_channels=[4, 6, 8, 8],
               layers_per_block=[1, 1, 1, 1, 1], decoder_layers_per_block=[1, 1, 1, 1, 1])
VAE_091 = dict(latent_channels=4, block_out_channels=[4, 6, 8, 8], layers_per_block=[1, 1, 1, 1, 1],
               decoder_block_out_channels=[8, 16], decoder_layers_per_block=[1, 1, 2],
               decoder_spatio_temporal_scaling=[True, True], decoder_inject_noise=[True, True, False],
               upsample_residual=[True, False], upsample_factor=[2, 2], timestep_conditioning=True)
VAE_095 = dict(latent_channels=4, block_out_channels=[4, 8, 16, 16, 16], layers_per_block=[1, 1, 1, 1, 1],
               down_block_types=["LTXVideo095DownBlock3D"] * 4, downsample_type=["spatial", "temporal", "spatiotemporal", "spatiotemporal"],
               spatio_temporal_scaling=[True, True, True, True], decoder_block_out_channels=[8, 16],
               decoder_layers_per_block=[1, 2, 1], decoder_spatio_temporal_scaling=[True, True],
               decoder_inject_noise=[False, False, False], upsample_residual=[True, True], upsample_factor=[2, 2],
               timestep_conditioning=True, spatial_compression_ratio=32, temporal_compression_ratio=8)
UPSAMPLER = dict(in_channels=8, mid_channels=32, num_blocks_per_stage=1, dims=3)


def randomise(module, g):
    """Every parameter drawn anew and rounded to f16: no path is hidden by a zero, and f16 storage loses nothing."""
    with torch.no_grad():
        for name, p in module.named_parameters():
            fan = p.shape[1:].numel() if p.dim() > 1 else 1
            if name.endswith("timestep_scale_multiplier"):
                p.fill_(1000.0)
                continue
            scale = fan ** -0.5 if p.dim() > 1 and "table" not in name and "per_channel" not in name else 0.2
            base = 1.0 if p.dim() == 1 and "norm" in name and name.endswith("weight") else 0.0
            p.copy_((torch.randn(p.shape, generator=g) * scale + base).half().float())
    return module.eval()


def halved(state, prefix=""):
    return {prefix + k: v.half() for k, v in state.items()}


def build(kind, default, config):
    given = {k: v for k, v in config.items() if k != "case"}
    return {**default, **given}


def options(config, **default):
    return {**default, **config.get("case", {})}


def case(config, weights, inputs, outputs, stage, tolerance=1e-4):
    return dict(config=config, weights=weights, inputs=inputs, outputs=outputs, stage=stage, tolerance=tolerance)


class Draws:
    """Records every value drawn by torch.randn, in order, so that the other side can replay it."""

    def __enter__(self):
        self.drawn, self.plain = [], torch.randn

        def record(*size, **more):
            value = self.plain(*size, **more)
            self.drawn.append(value.clone())
            return value

        torch.randn = record
        return self

    def __exit__(self, *_):
        torch.randn = self.plain

    def named(self):
        return {f"noise_{i:03}": v for i, v in enumerate(self.drawn)}


def mask_of(lengths):
    return torch.stack([(torch.arange(max(lengths)) < n).float() for n in lengths])


def t5_of(c, g):
    return randomise(T5EncoderModel(T5Config(**c, dropout_rate=0.0)), g)


def text_encoder(config, g):
    """ids, mask -> states (padded places too). case: lengths; unmasked=True leaves the mask out."""
    c, o = build(None, T5, config), options(config, lengths=[9, 4], unmasked=False)
    encoder = t5_of(c, g)
    mask = mask_of(o["lengths"])
    ids = torch.randint(2, c["vocab_size"], mask.shape, generator=g) * mask.long()
    inputs = dict(ids=ids) if o["unmasked"] else dict(ids=ids, mask=mask)
    with torch.no_grad():
        states = encoder(ids, attention_mask=None if o["unmasked"] else mask)[0]
    weights = {k: v for k, v in encoder.state_dict().items() if k != "encoder.embed_tokens.weight"}
    return case(c, halved(weights), inputs, dict(states=states), "text")


class ValueAttention:
    """Spatio-temporal guidance, as the original code's "attention values": the scores are skipped, values pass through."""

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, image_rotary_emb=None):
        return attn.to_out[0](attn.to_v(hidden_states))


def transformer_of(c, g):
    return randomise(LTXVideoTransformer3DModel(**c), g)


def transformer(config, g):
    """tokens, text, text_mask, timestep [b, n or 1], coords [b, 3, n] -> velocity.

    case: batch, grid (t, h, w), lengths of the texts, clean = latent frames with timestep 0, rate = frames per second,
    plain = coordinates from the grid as LTXPipeline makes them (no coords in the inputs then), skip = blocks of STG."""
    c = build(None, TRANSFORMER, config)
    o = options(config, batch=2, grid=[2, 2, 3], lengths=[6, 3], clean=[], rate=25, plain=False, skip=[])
    net = transformer_of(c, g)
    t, h, w = o["grid"]
    b, n = o["batch"], t * h * w
    text_mask = mask_of(o["lengths"])
    inputs = dict(tokens=torch.randn(b, n, c["in_channels"], generator=g), text_mask=text_mask,
                  text=torch.randn(b, text_mask.shape[1], c["caption_channels"], generator=g))
    step = torch.rand(b, 1, generator=g) * 1000
    if o["clean"]:
        step = step.expand(b, n).clone()
        for frame in o["clean"]:
            step[:, frame * h * w:(frame + 1) * h * w] = 0
    inputs["timestep"] = step
    grid = torch.stack(torch.meshgrid(torch.arange(t), torch.arange(h), torch.arange(w), indexing="ij")).flatten(1).float()
    more = dict(num_frames=t, height=h, width=w, rope_interpolation_scale=(8 / o["rate"], 32, 32))
    if not o["plain"]:
        coords = torch.stack([(grid[0] * 8 - 7).clamp(min=0) * (1.0 / o["rate"]), grid[1] * 32, grid[2] * 32])
        inputs["coords"] = coords[None].expand(b, 3, n).contiguous()
        more = dict(video_coords=inputs["coords"])
    for block in o["skip"]:
        net.transformer_blocks[block].attn1.set_processor(ValueAttention())
    with torch.no_grad():
        out = net(hidden_states=inputs["tokens"], encoder_hidden_states=inputs["text"], timestep=step,
                  encoder_attention_mask=text_mask, return_dict=False, **more)[0]
    given = dict(c, case=dict(grid=o["grid"], rate=o["rate"], skip=o["skip"]))
    return case(given, halved(net.state_dict()), inputs, dict(velocity=out), "denoise")


def vae_of(c, g):
    vae = randomise(AutoencoderKLLTXVideo(**c), g)
    vae.latents_mean.copy_((torch.randn(c["latent_channels"], generator=g) * 0.3).half().float())
    vae.latents_std.copy_((torch.rand(c["latent_channels"], generator=g) + 0.5).half().float())
    return vae


def part_of(vae, drop):
    return halved({k: v for k, v in vae.state_dict().items() if not k.startswith(drop)})


def vae_encoder(config, g):
    """frames [b, 3, 8n+1, H, W] -> mean and logarithm of the variance of the raw latents; generation = 090, 091, 095.
    case: tile = [size, stride] in pixels and frames_tile = [size, stride] in frames turn tiling on."""
    c = build(None, GENERATIONS[config.get("generation", "090")], {k: v for k, v in config.items() if k != "generation"})
    o = options(config, batch=1, frames=9, height=32, width=64)
    vae = vae_of(c, g)
    frames = torch.rand(o["batch"], 3, o["frames"], o["height"], o["width"], generator=g) * 2 - 1
    frames = frames.half().float()
    tile(vae, o)
    with torch.no_grad():
        latents = vae.encode(frames).latent_dist
    given = dict(c, case={k: o[k] for k in ("tile", "frames_tile") if k in o})
    return case(given, part_of(vae, "decoder."), dict(frames=frames.half()),
                dict(mean=latents.mean, logvar=latents.logvar[:, :1]), "encode")


def tile(vae, o):
    if "tile" in o:
        size, stride = o["tile"]
        vae.enable_tiling(tile_sample_min_height=size, tile_sample_min_width=size,
                          tile_sample_stride_height=stride, tile_sample_stride_width=stride)
    if "frames_tile" in o:
        vae.use_framewise_decoding = vae.use_framewise_encoding = True
        vae.tile_sample_min_num_frames, vae.tile_sample_stride_num_frames = o["frames_tile"]


def sparse(frames):
    """Every third row and column, which meets every place of the 4 x 4 patches: a file of a ninth of the size."""
    return frames[..., ::3, ::3].contiguous()


def vae_decoder(config, g):
    """raw latents [b, C, T, h, w], timestep [b] where the decoder has one, injected noise -> every third row and column of frames."""
    c = build(None, GENERATIONS[config.get("generation", "090")], {k: v for k, v in config.items() if k != "generation"})
    o = options(config, batch=1, latents=2, height=1, width=2)
    vae = vae_of(c, g)
    z = torch.randn(o["batch"], c["latent_channels"], o["latents"], o["height"], o["width"], generator=g)
    inputs = dict(latents=z)
    step = None
    if c.get("timestep_conditioning"):
        step = inputs["timestep"] = torch.rand(o["batch"], generator=g) * 0.1
    tile(vae, o)
    with torch.no_grad(), Draws() as draws:
        torch.manual_seed(int(torch.randint(1 << 30, (1,), generator=g)))
        frames = vae.decode(z, step).sample
    inputs.update(draws.named())
    given = dict(c, case={k: o[k] for k in ("tile", "frames_tile") if k in o})
    return case(given, part_of(vae, "encoder."), inputs, dict(frames=sparse(frames)), "decode")


def scheduler(config, g):
    """The schedule of each kind. case: kind = shifted (tokens), quadratic or custom (values); steps."""
    o = options(config, kind="shifted", steps=8, tokens=2240, values=[])
    c = {**dict(num_train_timesteps=1000, shift=1.0, use_dynamic_shifting=False, base_shift=0.95, max_shift=2.05,
                base_image_seq_len=1024, max_image_seq_len=4096, shift_terminal=None), **{k: v for k, v in config.items() if k != "case"}}
    s = FlowMatchEulerDiscreteScheduler(**c)
    if o["kind"] == "shifted":
        mu = calculate_shift(o["tokens"], c["base_image_seq_len"], c["max_image_seq_len"], c["base_shift"], c["max_shift"])
        s.set_timesteps(sigmas=np.linspace(1.0, 1 / o["steps"], o["steps"]), mu=mu)
    elif o["kind"] == "quadratic":
        s.set_timesteps(timesteps=linear_quadratic_schedule(o["steps"]) * 1000)
    else:
        s.set_timesteps(timesteps=o["values"])
    x, v = torch.randn(1, 6, 4, generator=g), torch.randn(1, 6, 4, generator=g)
    at = s.timesteps[len(s.timesteps) // 2]
    tokens = torch.minimum(at.expand(1, 6), torch.tensor([[0.0, 300.0, 1000.0, 1000.0, 700.0, 1000.0]]))
    stepped = s.step(-v, at, x, per_token_timesteps=tokens, return_dict=False)[0]
    inputs = dict(sample=x, velocity=v, at=torch.tensor([float(len(s.timesteps) // 2)]), token_timesteps=tokens)
    return case(dict(c, case=o), dict(unused=torch.zeros(1)), inputs,
                dict(timesteps=s.timesteps.float(), sigmas=s.sigmas.float(), stepped=stepped), "schedule", 1e-6)


def upsampler(config, g):
    """raw latents -> latents of twice the size, the same after AdaIN (factor) and after tone mapping (compression)."""
    c, o = build(None, UPSAMPLER, config), options(config, batch=1, latents=2, height=3, width=2, factor=0.6, compression=0.7)
    net = randomise(LTXLatentUpsamplerModel(**c), g)
    z = torch.randn(o["batch"], c["in_channels"], o["latents"], o["height"], o["width"], generator=g)
    with torch.no_grad():
        up = net(z)
        adain = LTXLatentUpsamplePipeline.adain_filter_latent(None, up, z, o["factor"])
        toned = LTXLatentUpsamplePipeline.tone_map_latents(None, up, o["compression"])
    given = dict(c, case=dict(factor=o["factor"], compression=o["compression"]))
    return case(given, halved(net.state_dict()), dict(latents=z), dict(upsampled=up, adain=adain, toned=toned), "upsample")


CORPUS = ["The quick brown fox jumps over the lazy dog.", "A red ball bounces across a green meadow at noon.",
          "Snow falls; a small house stands alone, its window lit.", "Waves roll in under a pale moon while gulls cry.",
          "Cinematic shot: the camera pans left, then zooms in.", "Der Ball rollt über die Straße, café und naïve."] * 4


def tokenizer(config, g):
    """A SentencePiece model as bytes (spiece, u8), texts as UTF-8 (u8) -> ids with the end token."""
    import sentencepiece as spm
    o = options(config, size=90, rule="nmt_nfkc", texts=["A red fox jumps.", "  Snow   falls\tover\nthe  house ", "", "ﬁne ①  ｆｕｌｌ",
                                                          "Über die Straße 你好你 café", "🦊🦊 zooms in"])
    out = io.BytesIO()
    spm.SentencePieceTrainer.train(sentence_iterator=iter(CORPUS), model_writer=out, vocab_size=o["size"], model_type="unigram",
                                   pad_id=0, eos_id=1, unk_id=2, bos_id=-1, normalization_rule_name=o["rule"], minloglevel=2,
                                   hard_vocab_limit=False, num_threads=1)
    p = spm.SentencePieceProcessor(model_proto=out.getvalue())
    as_bytes = lambda b: torch.tensor(list(b), dtype=torch.uint8)
    inputs = {f"text_{i}": as_bytes(t.encode() or b"\0") for i, t in enumerate(o["texts"])}
    outputs = {f"ids_{i}": torch.tensor(p.encode(t) + [1]) for i, t in enumerate(o["texts"])}
    return case(dict(case=dict(rule=o["rule"])), dict(spiece=as_bytes(out.getvalue())), inputs, outputs, "tokens", 0.0)


GENERATIONS = {"090": VAE_090, "091": VAE_091, "095": VAE_095}
CLASSES = dict(text_encoder=text_encoder, transformer=transformer, vae_encoder=vae_encoder, vae_decoder=vae_decoder,
               scheduler=scheduler, upsampler=upsampler, tokenizer=tokenizer)
DISTILLED = [1000.0, 993.7, 987.5, 981.2, 975.0, 909.4, 725.0, 421.9]
CASES = [
    ("text_masked", "text_encoder", {}, 1),
    ("text_unmasked_long", "text_encoder", dict(d_model=16, num_heads=2, num_layers=1, case=dict(lengths=[150], unmasked=True)), 2),
    ("text_deep", "text_encoder", dict(d_model=16, d_kv=12, num_heads=4, num_layers=3, relative_attention_num_buckets=16,
                                       relative_attention_max_distance=20, case=dict(lengths=[31, 1, 12])), 3),
    ("transformer_2b_like", "transformer", dict(case=dict(clean=[0])), 10),
    ("transformer_plain_grid", "transformer", dict(num_attention_heads=3, attention_head_dim=8, cross_attention_dim=24, in_channels=4,
                                                   out_channels=4, num_layers=1, case=dict(batch=1, lengths=[5], grid=[3, 3, 2], plain=True, rate=24)), 11),
    ("transformer_13b_like", "transformer", dict(num_attention_heads=2, attention_head_dim=16, cross_attention_dim=32, num_layers=3, attention_bias=False,
                                                 case=dict(batch=3, lengths=[1, 7, 4], grid=[3, 1, 2], clean=[0, 2])), 12),
    ("transformer_stg", "transformer", dict(num_layers=3, caption_channels=16, case=dict(batch=1, lengths=[4], skip=[1])), 13),
    ("vae_encoder_090", "vae_encoder", dict(case=dict(width=32)), 20),
    ("vae_encoder_090_still", "vae_encoder", dict(block_out_channels=[6, 6, 9, 9], case=dict(frames=1, height=64, width=32, batch=2)), 21),
    ("vae_encoder_095", "vae_encoder", dict(generation="095", block_out_channels=[4, 4, 8, 8, 8], case=dict(width=32)), 22),
    ("vae_encoder_tiled", "vae_encoder", dict(block_out_channels=[4, 4, 6, 6], case=dict(frames=1, height=96, width=96, tile=[64, 32])), 23),
    ("vae_decoder_090", "vae_decoder", {}, 30),
    ("vae_decoder_091_noise", "vae_decoder", dict(generation="091", decoder_block_out_channels=[8, 8], upsample_factor=[1, 1], layers_per_block=[1, 1, 1, 1, 1]), 31),
    ("vae_decoder_095", "vae_decoder", dict(generation="095", case=dict(latents=2, height=2, width=1, batch=2)), 32),
    ("vae_decoder_tiled", "vae_decoder", dict(decoder_block_out_channels=[4, 4, 6, 6], latent_channels=4,
                                              case=dict(latents=1, height=3, width=3, tile=[64, 32])), 33),
    ("vae_decoder_tiled_in_time", "vae_decoder", dict(decoder_block_out_channels=[4, 4, 6, 6], latent_channels=4,
                                                      case=dict(latents=3, height=3, width=1, tile=[64, 32], frames_tile=[16, 8])), 34),
    ("scheduler_shifted", "scheduler", dict(use_dynamic_shifting=True, shift_terminal=0.1), 40),
    ("scheduler_quadratic", "scheduler", dict(case=dict(kind="quadratic", steps=13)), 41),
    ("scheduler_distilled", "scheduler", dict(case=dict(kind="custom", values=DISTILLED)), 42),
    ("upsampler_space", "upsampler", {}, 50),
    ("upsampler_flat", "upsampler", dict(dims=2, in_channels=4, num_blocks_per_stage=0, case=dict(batch=2, latents=3, height=1, width=2)), 51),
    ("upsampler_time", "upsampler", dict(in_channels=4, num_blocks_per_stage=0, spatial_upsample=False, temporal_upsample=True), 52),
    ("tokenizer_nfkc", "tokenizer", {}, 60),
    ("tokenizer_identity", "tokenizer", dict(case=dict(rule="identity", size=70)), 61),
    ("tokenizer_small", "tokenizer", dict(case=dict(rule="identity", size=50, texts=["fox", "xylophone!!", "the the  the"])), 62),
]


def _with_runs():
    """Whole runs build on the classes above, so they join last."""
    from families import ltx_lora, ltx_runs
    for more in (ltx_runs, ltx_lora):
        CLASSES.update(more.CLASSES)
        CASES.extend(more.CASES)


_with_runs()
