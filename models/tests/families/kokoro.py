"""The Kokoro family's parity classes: tiny random configs of the reference's own classes, made narrow where its source has a width.
Each builder takes a config (dict, may be partial) and a generator and returns weights, inputs and outputs, one line at a time.
Weights are drawn anew, rounded to f16 and stored so. Needs: kokoro 0.9.4 without its dependencies, transformers, attrs, loguru.
It must never download anything, nor say words: phonemes are numbers here.
"""
import functools
import importlib.machinery
import inspect
import io
import re
import sys
import textwrap
import types
from collections import OrderedDict

import torch

# The package's front door wants a dictionary of English; its networks do not.
package = types.ModuleType("kokoro")
package.__path__ = list(importlib.machinery.PathFinder.find_spec("kokoro").submodule_search_locations)
sys.modules["kokoro"] = package

from kokoro import istftnet, model  # noqa: E402
from kokoro.modules import CustomAlbert, ProsodyPredictor, TextEncoder  # noqa: E402
from loguru import logger  # noqa: E402
from transformers import AlbertConfig  # noqa: E402

logger.disable("kokoro")

PLBERT = dict(hidden_size=24, num_attention_heads=3, intermediate_size=40, max_position_embeddings=40, num_hidden_layers=2, embedding_size=12)
WAVE = dict(upsample_kernel_sizes=[6, 4], upsample_rates=[4, 2], gen_istft_hop_size=2, gen_istft_n_fft=8, upsample_initial_channel=16,
            resblock_kernel_sizes=[3, 5], resblock_dilation_sizes=[[1, 3, 5], [1, 2, 3]])
TINY = dict(n_token=20, hidden_dim=16, style_dim=6, n_layer=2, max_dur=6, text_encoder_kernel_size=5, n_mels=80, dropout=0.2,
            plbert=PLBERT, istftnet=WAVE, vocab={}, decoder_width=20, decoder_residual=4)


def halved(state, prefix=""):
    return {prefix + k: v.half() for k, v in state.items()}


def options(config, **default):
    return {**default, **config.get("case", {})}


def case(config, weights, inputs, outputs, stage, tolerance=1e-4):
    return dict(config=config, weights=weights, inputs=inputs, outputs=outputs, stage=stage, tolerance=tolerance)


def build(config):
    given = {k: v for k, v in config.items() if k != "case"}
    parts = {k: {**TINY[k], **given.pop(k, {})} for k in ("plbert", "istftnet")}
    return {**TINY, **given, **parts}


def narrowed(source, changes):
    """A piece of the reference's source with other numbers in it; each change must be met."""
    text = textwrap.dedent(inspect.getsource(source))
    for old, new in changes:
        text, count = re.subn(old, str(new), text)
        assert count, old
    return text


def decoder_class(c):
    """The reference's decoder, whose widths are numbers in its source."""
    wide, beside, first = c["decoder_width"], c["decoder_residual"], c["istftnet"]["upsample_initial_channel"]
    changes = [(r"Conv1d\(512, 64\b", f"Conv1d({c['hidden_dim']}, {beside}"), (r"\b1024\b", wide), (r"\+ 64\b", f"+ {beside}"), (r"\b512\b", first)]
    room = dict(vars(istftnet))
    exec(narrowed(istftnet.Decoder, changes), room)
    return room["Decoder"]


class Unclear(Exception):
    """A value so near an edge that rounding alone decides; such a case proves nothing."""


def settled(transform):
    """A window about the first sample or the last is mirrored: its phases are 0 or a half turn, and the sign that rounding gives
    them is taken away. Elsewhere no phase may be so near a half turn that rounding could take it to the other side."""
    def phases(self, sound):
        size, phase = transform(self, sound)
        middles = torch.arange(phase.shape[-1]) * self.hop_length
        mirrored = (middles == 0) | (middles == sound.shape[-1] - 1)
        phase[..., mirrored] = torch.where(phase[..., mirrored].abs() > 1.5, torch.pi, 0.0)
        assert not (phase[:, [0, -1]] < 0).any(), "a phase where there is none"
        if (torch.pi - phase[:, 1:-1, ~mirrored].abs() < 1e-3).any():
            raise Unclear
        return size, phase
    return phases


istftnet.TorchSTFT.transform = settled(istftnet.TorchSTFT.transform)


def randomise(module, g):
    """Every parameter drawn anew and rounded to f16: no path is hidden by a zero, and f16 storage loses nothing."""
    with torch.no_grad():
        for name, p in module.named_parameters():
            fan = p.shape[1:].numel() if p.dim() > 1 else 1
            base, scale = 0.0, fan ** -0.5 if fan > 1 and "alpha" not in name else 0.2
            if name.endswith("weight_g") or "alpha" in name or (p.dim() == 1 and name.endswith(("weight", "gamma"))):
                base, scale = 1.0, 0.15
            if name.endswith("conv_post.weight_g"):
                # What follows is an exponential.
                base, scale = 0.05, 0.01
            p.copy_((torch.randn(p.shape, generator=g) * scale + base).half().float())
    return module.eval()


def plbert_of(c, g):
    return randomise(CustomAlbert(AlbertConfig(vocab_size=c["n_token"], **c["plbert"])), g)


def text_of(c, g):
    return randomise(TextEncoder(c["hidden_dim"], c["text_encoder_kernel_size"], c["n_layer"], c["n_token"]), g)


def prosody_of(c, g, hertz=False):
    """Phonemes of many lengths. With hertz, pitch lies where voices do and crosses into silence; without, near 0, where f32 is fine."""
    net = randomise(ProsodyPredictor(c["style_dim"], c["hidden_dim"], c["n_layer"], c["max_dur"], c["dropout"]), g)
    with torch.no_grad():
        lengths = net.duration_proj.linear_layer.weight
        lengths.mul_(40.0).copy_(lengths.half().float())
        if hertz:
            net.F0_proj.bias.fill_(40.0)
            net.F0_proj.weight.mul_(20.0).copy_(net.F0_proj.weight.half().float())
    return net


def decoder_of(c, g):
    return randomise(decoder_class(c)(c["hidden_dim"], c["style_dim"], c["n_mels"], **c["istftnet"]), g)


class Draws:
    """Records what the source draws, which the other side is given. Its phases have no effect, and its last draw is thrown away."""

    def __enter__(self):
        self.drawn, self.plain = [], torch.randn_like

        def record(*args, **more):
            self.drawn.append(self.plain(*args, **more))
            return self.drawn[-1]

        torch.randn_like = record
        return self

    def __exit__(self, *_):
        torch.randn_like = self.plain

    def named(self):
        return dict(noise_000=self.drawn[0])


def phonemes(c, n, g):
    """A line with silence (0) around it."""
    inside = torch.randint(1, c["n_token"], (1, n), generator=g)
    return torch.nn.functional.pad(inside, (1, 1))


def halves(c, g):
    return torch.randn(1, 2 * c["style_dim"], generator=g) * 0.5


def clear(builder):
    """Draws again, from the same generator, until no value lies at an edge."""
    @functools.wraps(builder)
    def repeated(config, g):
        for _ in range(100):
            try:
                return builder(config, g)
            except Unclear:
                continue
        raise SystemExit("a hundred draws, and each has a value at an edge: use a shorter line")
    return repeated


def whole(spans):
    """Lengths in frames."""
    if ((spans - spans.floor() - 0.5).abs() < 1e-3).any():
        raise Unclear
    return torch.round(spans).clamp(min=1).long()


def plbert(config, g):
    """ids -> states. case: phonemes."""
    c, o = build(config), options(config, phonemes=9)
    net, ids = plbert_of(c, g), phonemes(c, o["phonemes"], g)
    with torch.no_grad():
        states = net(ids, attention_mask=torch.ones_like(ids))
    return case(c, halved(net.state_dict(), "bert."), dict(ids=ids), dict(states=states[0]), "line")


def text_encoder(config, g):
    """ids -> states. case: phonemes."""
    c, o = build(config), options(config, phonemes=9)
    net, ids = text_of(c, g), phonemes(c, o["phonemes"], g)
    with torch.no_grad():
        states = net(ids, torch.tensor([ids.shape[1]]), torch.zeros_like(ids).bool())
    return case(c, halved(net.state_dict(), "text_encoder."), dict(ids=ids), dict(states=states[0].T), "text")


@clear
def prosody(config, g):
    """states of a line, style (the half for it) -> spans, frames, pitch, energy. case: phonemes, speed."""
    c, o = build(config), options(config, phonemes=9, speed=1.0)
    net = prosody_of(c, g)
    n = o["phonemes"] + 2
    states, style = torch.randn(1, n, c["hidden_dim"], generator=g), halves(c, g)[:, c["style_dim"]:]
    with torch.no_grad():
        none = torch.zeros(1, n).bool()
        d = net.text_encoder(states.transpose(1, 2), style, torch.tensor([n]), none)
        spans = torch.sigmoid(net.duration_proj(net.lstm(d)[0])).sum(-1)[0] / o["speed"]
        frames = whole(spans)
        pitch, energy = net.F0Ntrain(d.transpose(1, 2).repeat_interleave(frames, dim=2), style)
    outputs = dict(spans=spans, frames=frames.float(), pitch=pitch[0], energy=energy[0])
    return case(dict(c, case=o), halved(net.state_dict(), "predictor."), dict(states=states[0], style=style), outputs, "prosody")


@clear
def decoder(config, g):
    """text in time, pitch (hertz), energy, style (the half for it), noise -> wave. case: frames, hertz = mean of the pitch."""
    c, o = build(config), options(config, frames=12, hertz=120.0)
    net, frames = decoder_of(c, g), o["frames"]
    style = halves(c, g)[:, :c["style_dim"]]
    text = torch.randn(1, c["hidden_dim"], frames, generator=g)
    pitch = torch.randn(1, 2 * frames, generator=g) * 60 + o["hertz"]
    if ((pitch - 10).abs() < 1e-2).any():
        raise Unclear
    energy = torch.randn(1, 2 * frames, generator=g)
    with torch.no_grad(), Draws() as draws:
        torch.manual_seed(int(torch.randint(1 << 30, (1,), generator=g)))
        wave = net(text, pitch, energy, style)
    inputs = dict(text=text[0].T, pitch=pitch[0], energy=energy[0], style=style, **draws.named())
    return case(c, halved(net.state_dict(), "decoder."), inputs, dict(wave=wave.flatten()), "decode")


def parts_of(c, g):
    torch.manual_seed(0)
    between = randomise(torch.nn.Linear(c["plbert"]["hidden_size"], c["hidden_dim"]), g)
    return dict(bert=plbert_of(c, g), bert_encoder=between, predictor=prosody_of(c, g, hertz=True), text_encoder=text_of(c, g), decoder=decoder_of(c, g))


def saved(value):
    out = io.BytesIO()
    torch.save(value, out)
    return out


def whole_model(c, file):
    """The reference's own model, reading its own kind of file."""
    room = dict(vars(model))
    narrow = narrowed(model.KModel.forward_with_tokens, [(r"\b128\b", c["style_dim"])])
    exec(narrow, room)
    model.Decoder = decoder_class(c)
    known = {k: v for k, v in c.items() if k not in ("decoder_width", "decoder_residual")}
    file.seek(0)
    net = model.KModel("hexgrad/Kokoro-82M", config=known, model=file).eval()
    net.forward_with_tokens = types.MethodType(room["forward_with_tokens"], net)
    return net


def spoken(c, o, net, ids, style, g):
    """What the reference says, its plan, and what it drew."""
    heard = {}
    plain = net.predictor.F0Ntrain

    def listen(*args):
        heard["curves"] = plain(*args)
        return heard["curves"]

    net.predictor.F0Ntrain = listen
    def measure(_, __, out):
        heard["spans"] = torch.sigmoid(out).sum(-1)[0] / o["speed"]

    net.predictor.duration_proj.register_forward_hook(measure)
    # Clear by another hiss where that is enough: by another voice, short lines would be preferred.
    for last in [False] * 40 + [True]:
        try:
            with Draws() as draws:
                torch.manual_seed(int(torch.randint(1 << 30, (1,), generator=g)))
                wave, frames = net.forward_with_tokens(ids, style, o["speed"])
            break
        except Unclear:
            if last:
                raise
    assert (whole(heard["spans"]) == frames).all()
    pitch, energy = heard["curves"]
    if ((pitch - 10).abs() < 1e-2).any():
        raise Unclear
    return dict(wave=wave, frames=frames.float(), pitch=pitch[0], energy=energy[0]), draws.named()


@clear
def pipeline(config, g):
    """ids, style (both halves), noise -> frames, pitch, energy, wave. case: phonemes, speed."""
    c, o = build(config), options(config, phonemes=7, speed=1.0)
    net = whole_model(c, saved({k: v.state_dict() for k, v in parts_of(c, g).items()}))
    ids, style = phonemes(c, o["phonemes"], g), halves(c, g)
    outputs, noise = spoken(c, o, net, ids, style, g)
    return case(dict(c, case=o), halved(net.state_dict()), dict(ids=ids, style=style, **noise), outputs, "whole", 1e-3)


def as_bytes(file):
    return torch.tensor(list(file.getvalue()), dtype=torch.uint8)


@clear
def release(config, g):
    """The same from files as released, held as bytes: model (.pth) and voice (.pt). Training's prefix is before each name, the
    norms' own scales are left out, and there is what speaking has no use for. case: phonemes, speed, half = 16-bit numbers."""
    c, o = build(config), options(config, phonemes=7, speed=1.0, half=True)
    table = {}
    for part, net in parts_of(c, g).items():
        state = {k: v for k, v in net.state_dict().items() if part == "bert" or not re.search(r"\.norm\.(weight|bias)$", k)}
        state = {f"module.{k}": v.half() if o["half"] else v for k, v in state.items()}
        table[part] = OrderedDict(state)
        if not o["half"]:
            # What a module's own table says of itself.
            table[part]._metadata = net.state_dict()._metadata
    table["bert"]["module.embeddings.position_ids"] = torch.arange(c["plbert"]["max_position_embeddings"])[None]
    # A table inside larger values, turned: places and strides of its own.
    turned = table["text_encoder"]["module.embedding.weight"]
    table["text_encoder"]["module.embedding.weight"] = turned.T.contiguous().T
    voice = (torch.randn(14, 1, 2 * c["style_dim"], generator=g) * 0.5)[3:]
    ids = phonemes(c, o["phonemes"], g)
    file = saved(table)
    outputs, noise = spoken(c, o, whole_model(c, file), ids, voice[o["phonemes"] - 1], g)
    weights = dict(model=as_bytes(file), voice=as_bytes(saved(voice)))
    return case(dict(c, case=o), weights, dict(ids=ids, **noise), outputs, "whole", 1e-3)


CLASSES = dict(plbert=plbert, text_encoder=text_encoder, prosody=prosody, decoder=decoder, pipeline=pipeline, release=release)
THREE = dict(upsample_rates=[2, 3, 2], upsample_kernel_sizes=[4, 7, 2], gen_istft_hop_size=1, gen_istft_n_fft=6, upsample_initial_channel=24,
             resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1, 1, 2]])
ONE = dict(upsample_rates=[5], upsample_kernel_sizes=[11], gen_istft_hop_size=5, gen_istft_n_fft=20, upsample_initial_channel=8,
           resblock_kernel_sizes=[7, 3, 5], resblock_dilation_sizes=[[1, 3, 5]] * 3)
# Name, class, config, seed. Lines of one phoneme, odd widths, one stage and three, fast and slow.
CASES = [
    ("plbert_a", "plbert", {}, 1),
    ("plbert_deep", "plbert", dict(plbert=dict(hidden_size=30, num_attention_heads=5, num_hidden_layers=5), case=dict(phonemes=30)), 2),
    ("plbert_one", "plbert", dict(n_token=7, plbert=dict(embedding_size=9, num_attention_heads=1), case=dict(phonemes=1)), 3),
    ("text_a", "text_encoder", {}, 4),
    ("text_three", "text_encoder", dict(n_layer=3, hidden_dim=22, text_encoder_kernel_size=3, case=dict(phonemes=20)), 5),
    ("text_one", "text_encoder", dict(n_layer=1, text_encoder_kernel_size=7, case=dict(phonemes=1)), 6),
    ("prosody_a", "prosody", {}, 7),
    ("prosody_slow", "prosody", dict(n_layer=3, hidden_dim=18, style_dim=5, max_dur=9, case=dict(phonemes=15, speed=0.7)), 8),
    ("prosody_fast", "prosody", dict(n_layer=1, max_dur=12, case=dict(phonemes=4, speed=1.6)), 9),
    ("decoder_a", "decoder", {}, 10),
    ("decoder_three_stages", "decoder", dict(istftnet=THREE, hidden_dim=10, decoder_width=14, decoder_residual=3, case=dict(frames=7)), 11),
    ("decoder_one_stage", "decoder", dict(istftnet=ONE, style_dim=9, case=dict(frames=5, hertz=30.0)), 12),
    ("decoder_long", "decoder", dict(case=dict(frames=45, hertz=160.0)), 13),
    ("pipeline_a", "pipeline", {}, 14),
    ("pipeline_slow", "pipeline", dict(n_layer=3, istftnet=THREE, case=dict(phonemes=8, speed=0.8)), 15),
    ("pipeline_fast", "pipeline", dict(istftnet=ONE, hidden_dim=12, style_dim=7, n_layer=1, max_dur=10, case=dict(phonemes=8, speed=1.5)), 16),
    ("release_half", "release", {}, 17),
    ("release_full", "release", dict(decoder_width=12, n_layer=1, istftnet=ONE, case=dict(phonemes=4, half=False)), 18),
    ("release_slow", "release", dict(n_token=31, istftnet=THREE, case=dict(phonemes=5, speed=0.6)), 19),
]
