"""The draft model's networks: VAE, text encoder and denoiser, and the sampling run that joins them.
This file is the reference that the studio's Rust twin mirrors name by name; FORM.md says the same in words.
Every size comes from a config. It must never use an operation that a plain tensor library lacks, and never change
without FORM.md and the parity fixtures changing with it.
"""
import json
import math
from dataclasses import asdict, dataclass, field

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class VaeConfig:
    channels: int = 48                     # C, latent channels
    widths: list = field(default_factory=lambda: [64, 128, 192])   # at 1/4, 1/8, 1/16 of the picture's side
    encoder_blocks: list = field(default_factory=lambda: [1, 1, 2])
    decoder_blocks: list = field(default_factory=lambda: [2, 1, 2])
    patch: int = 4                         # pixel (un)shuffle at the picture's end
    head: int = 16                         # decoder channels at full resolution
    groups: int = 8
    norm_eps: float = 1e-5


@dataclass
class TextConfig:
    words: int = 512                       # rows of the embedding, at least the length of words.json
    width: int = 256
    layers: int = 2
    heads: int = 4
    length: int = 32                       # tokens at most, <end> included
    norm_eps: float = 1e-5


@dataclass
class DenoiserConfig:
    channels: int = 48                     # C of the VAE
    sound: int = 64                        # 4 video frames x K = 16 curves
    width: int = 256
    depth: int = 8
    heads: int = 4
    text_width: int = 256
    mlp: int = 4
    rope_axes: list = field(default_factory=lambda: [16, 24, 24])  # t, y, x; sums to width / heads
    rope_theta: float = 100.0
    time_features: int = 256
    position_octaves: int = 4
    norm_eps: float = 1e-6


@dataclass
class SamplingConfig:
    steps: int = 8
    shift: float = 1.0
    guide_scale: float = 3.0


@dataclass
class DraftConfig:
    version: int = 1
    setting: str = "small"
    fps: int = 12
    vae: VaeConfig = field(default_factory=VaeConfig)
    text: TextConfig = field(default_factory=TextConfig)
    denoiser: DenoiserConfig = field(default_factory=DenoiserConfig)
    sampling: SamplingConfig = field(default_factory=SamplingConfig)

    @staticmethod
    def from_dict(d):
        parts = dict(vae=VaeConfig, text=TextConfig, denoiser=DenoiserConfig, sampling=SamplingConfig)
        return DraftConfig(**{k: parts[k](**v) if k in parts else v for k, v in d.items()})

    @staticmethod
    def load(path):
        with open(path) as f:
            return DraftConfig.from_dict(json.load(f))

    def save(self, path):
        with open(path, "w") as f:
            json.dump(asdict(self), f, indent=1)
            f.write("\n")


# ---------------------------------------------------------------- VAE

class ResBlock(nn.Module):
    """x + conv2(silu(norm2(conv1(silu(norm1(x))))))"""

    def __init__(self, c, groups, eps):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, c, eps)
        self.conv1 = nn.Conv2d(c, c, 3, padding=1)
        self.norm2 = nn.GroupNorm(groups, c, eps)
        self.conv2 = nn.Conv2d(c, c, 3, padding=1)
        nn.init.zeros_(self.conv2.bias)
        with torch.no_grad():
            self.conv2.weight.mul_(0.2)

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        return x + self.conv2(F.silu(self.norm2(h)))


class Stage(nn.Module):
    """A run of blocks at one resolution, then an optional change of resolution (`down` or `up`)."""

    def __init__(self, c, blocks, groups, eps, down=None, up=None):
        super().__init__()
        self.blocks = nn.ModuleList(ResBlock(c, groups, eps) for _ in range(blocks))
        if down:
            self.down = nn.Conv2d(c, down, 3, stride=2, padding=1)
        if up:
            self.up = nn.Conv2d(c, 4 * up, 3, padding=1)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        if hasattr(self, "down"):
            x = self.down(x)
        if hasattr(self, "up"):
            x = F.pixel_shuffle(self.up(x), 2)
        return x


class VaeEncoder(nn.Module):
    """[B, 15, H, W] (the frame before, then the four frames; each 3 channels) -> raw latent [B, C, H/16, W/16]."""

    def __init__(self, c: VaeConfig):
        super().__init__()
        self.patch = c.patch
        w = c.widths
        self.conv_in = nn.Conv2d(15 * c.patch ** 2, w[0], 3, padding=1)
        self.stages = nn.ModuleList(
            Stage(w[i], c.encoder_blocks[i], c.groups, c.norm_eps, down=w[i + 1] if i + 1 < len(w) else None)
            for i in range(len(w)))
        self.norm_out = nn.GroupNorm(c.groups, w[-1], c.norm_eps)
        self.conv_out = nn.Conv2d(w[-1], c.channels, 3, padding=1)

    def forward(self, x):
        x = self.conv_in(F.pixel_unshuffle(x, self.patch))
        for stage in self.stages:
            x = stage(x)
        return self.conv_out(F.silu(self.norm_out(x)))


class VaeDecoder(nn.Module):
    """raw latents z_k and z_(k-1), each [B, C, h, w] -> four frames [B, 12, 16h, 16w] in [-1, 1] (not clamped)."""

    def __init__(self, c: VaeConfig):
        super().__init__()
        self.patch = c.patch
        w = c.widths[::-1]
        blocks = c.decoder_blocks[::-1]
        self.conv_in = nn.Conv2d(2 * c.channels, w[0], 3, padding=1)
        self.stages = nn.ModuleList(
            Stage(w[i], blocks[i], c.groups, c.norm_eps, up=w[i + 1] if i + 1 < len(w) else None)
            for i in range(len(w)))
        self.norm_out = nn.GroupNorm(c.groups, w[-1], c.norm_eps)
        self.expand = nn.Conv2d(w[-1], c.head * c.patch ** 2, 3, padding=1)
        self.smooth = nn.Conv2d(c.head, c.head, 3, padding=1)
        self.conv_out = nn.Conv2d(c.head, 12, 3, padding=1)

    def forward(self, z, z_before):
        x = self.conv_in(torch.cat([z, z_before], 1))
        for stage in self.stages:
            x = stage(x)
        x = F.pixel_shuffle(self.expand(F.silu(self.norm_out(x))), self.patch)
        x = F.silu(self.smooth(F.silu(x)))
        return self.conv_out(x)


class Vae(nn.Module):
    def __init__(self, c: VaeConfig):
        super().__init__()
        self.encoder = VaeEncoder(c)
        self.decoder = VaeDecoder(c)
        self.register_buffer("latents_mean", torch.zeros(c.channels))
        self.register_buffer("latents_std", torch.ones(c.channels))

    def normalise(self, z):
        return (z - self.latents_mean.view(1, -1, 1, 1)) / self.latents_std.view(1, -1, 1, 1)

    def denormalise(self, z):
        return z * self.latents_std.view(1, -1, 1, 1) + self.latents_mean.view(1, -1, 1, 1)

    def encode(self, frames):
        """frames [4n+1, 3, H, W] in [-1, 1], H and W multiples of 16 -> normalised latents [n+1, C, h, w]."""
        return self.normalise(self.encoder(group_frames(frames)))

    def decode(self, latents):
        """normalised latents [n+1, C, h, w] -> frames [4n+1, 3, H, W]; latent 0 gives its last frame only."""
        z = self.denormalise(latents)
        out = self.decoder(z, torch.cat([z[:1], z[:-1]]))
        return out.reshape(-1, 3, *out.shape[2:])[3:]


def group_frames(frames):
    """[4n+1, 3, H, W] -> [n+1, 15, H, W]: frame 4k-4, then 4k-3 ... 4k; latent 0 sees frame 0 five times."""
    count = (frames.shape[0] - 1) // 4
    rows = [[0] * 5] + [[4 * k - 4, 4 * k - 3, 4 * k - 2, 4 * k - 1, 4 * k] for k in range(1, count + 1)]
    return frames[torch.tensor(rows)].flatten(1, 2)


# ---------------------------------------------------------------- text

class TextBlock(nn.Module):
    def __init__(self, c: TextConfig):
        super().__init__()
        self.heads = c.heads
        self.norm1 = nn.LayerNorm(c.width, c.norm_eps)
        self.q = nn.Linear(c.width, c.width)
        self.k = nn.Linear(c.width, c.width)
        self.v = nn.Linear(c.width, c.width)
        self.o = nn.Linear(c.width, c.width)
        self.norm2 = nn.LayerNorm(c.width, c.norm_eps)
        self.fc1 = nn.Linear(c.width, 4 * c.width)
        self.fc2 = nn.Linear(4 * c.width, c.width)

    def forward(self, x, bias):
        h = self.norm1(x)
        q, k, v = (split_heads(p(h), self.heads) for p in (self.q, self.k, self.v))
        h = attend(q, k, v, bias)
        x = x + self.o(join_heads(h))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x)), approximate="tanh"))


class TextEncoder(nn.Module):
    """ids [B, L] and mask [B, L] (1 = word) -> states [B, L, width], pooled [B, width] (masked mean of the states)."""

    def __init__(self, c: TextConfig):
        super().__init__()
        self.embed = nn.Embedding(c.words, c.width)
        self.positions = nn.Parameter(torch.randn(c.length, c.width) * 0.1)
        nn.init.normal_(self.embed.weight, std=0.5)
        self.blocks = nn.ModuleList(TextBlock(c) for _ in range(c.layers))
        self.norm_out = nn.LayerNorm(c.width, c.norm_eps)

    def forward(self, ids, mask):
        x = self.embed(ids) + self.positions[: ids.shape[1]]
        bias = padding_bias(mask, x.dtype)
        for block in self.blocks:
            x = block(x, bias)
        x = self.norm_out(x)
        m = mask.to(x.dtype).unsqueeze(-1)
        return x, (x * m).sum(1) / m.sum(1).clamp(min=1)


def padding_bias(mask, dtype):
    return ((1.0 - mask.to(torch.float32)) * -1e9).to(dtype)[:, None, None, :]


def attend(q, k, v, bias=None):
    """softmax(q k^T / sqrt(head) + bias) v, written out: for so few tokens this trains faster than a fused kernel."""
    scores = q @ k.transpose(-1, -2) * (q.shape[-1] ** -0.5)
    return torch.softmax(scores if bias is None else scores + bias, -1) @ v


def split_heads(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def join_heads(x):
    return x.transpose(1, 2).flatten(2)


# ---------------------------------------------------------------- denoiser

class HeadNorm(nn.Module):
    """RMSNorm over a head's dimensions, with a learned weight."""

    def __init__(self, size, eps):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.eps)


class Block(nn.Module):
    """modulated self-attention, text cross-attention, modulated MLP."""

    def __init__(self, c: DenoiserConfig):
        super().__init__()
        d, hd = c.width, c.width // c.heads
        self.heads, self.eps, self.d = c.heads, c.norm_eps, d
        self.table = nn.Parameter(torch.zeros(6, d))      # shift, scale, gate (attention); shift, scale, gate (MLP)
        self.q, self.k, self.v, self.o = (nn.Linear(d, d) for _ in range(4))
        self.q_norm, self.k_norm = HeadNorm(hd, c.norm_eps), HeadNorm(hd, c.norm_eps)
        self.text_q = nn.Linear(d, d)
        self.text_k = nn.Linear(c.text_width, d)
        self.text_v = nn.Linear(c.text_width, d)
        self.text_o = nn.Linear(d, d)
        self.text_q_norm, self.text_k_norm = HeadNorm(hd, c.norm_eps), HeadNorm(hd, c.norm_eps)
        self.fc1 = nn.Linear(d, c.mlp * d)
        self.fc2 = nn.Linear(c.mlp * d, d)
        with torch.no_grad():
            self.table[2] = 1.0
            self.table[5] = 1.0
        for layer in (self.o, self.text_o, self.fc2):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def norm(self, x):
        return F.layer_norm(x, (self.d,), None, None, self.eps)

    def forward(self, x, modulation, text, bias, cos, sin):
        shift1, scale1, gate1, shift2, scale2, gate2 = (modulation + self.table.view(1, 1, 6, -1)).unbind(2)
        h = self.norm(x) * (1 + scale1) + shift1
        q, k, v = (split_heads(p(h), self.heads) for p in (self.q, self.k, self.v))
        q, k = rotate(self.q_norm(q), cos, sin), rotate(self.k_norm(k), cos, sin)
        x = x + gate1 * self.o(join_heads(attend(q, k, v)))
        q = self.text_q_norm(split_heads(self.text_q(self.norm(x)), self.heads))
        k = self.text_k_norm(split_heads(self.text_k(text), self.heads))
        v = split_heads(self.text_v(text), self.heads)
        x = x + self.text_o(join_heads(attend(q, k, v, bias)))
        h = self.norm(x) * (1 + scale2) + shift2
        return x + gate2 * self.fc2(F.gelu(self.fc1(h), approximate="tanh"))


class Denoiser(nn.Module):
    """Predicts v = noise - x_0 for video tokens [B, N, C] and sound tokens [B, S, 64].

    coords [N + S, 3] are (t, y, x) as floats, grids [N + S, 2] the (h, w) of the picture a token belongs to, video tokens
    first. clean [B, N] (1 = clean) may be None. timestep [B] lies in 0 ... 1."""

    def __init__(self, c: DenoiserConfig):
        super().__init__()
        self.c = c
        d = c.width
        self.video_in = nn.Linear(c.channels, d)
        self.sound_in = nn.Linear(c.sound, d)
        self.position1 = nn.Linear(5 * 2 * c.position_octaves, d)
        self.position2 = nn.Linear(d, d)
        self.time1 = nn.Linear(c.time_features, d)
        self.time2 = nn.Linear(d, d)
        self.pooled = nn.Linear(c.text_width, d)
        self.modulation = nn.Linear(d, 6 * d)
        self.blocks = nn.ModuleList(Block(c) for _ in range(c.depth))
        self.table_out = nn.Parameter(torch.zeros(2, d))  # shift, scale
        self.video_out = nn.Linear(d, c.channels)
        self.sound_out = nn.Linear(d, c.sound)
        for layer in (self.modulation, self.video_out, self.sound_out):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def conditioning(self, timestep, pooled):
        """[B] and [B, text_width] -> e [B, 1, d] and the shared modulation [B, 1, 6, d]."""
        features = time_features(timestep * 1000.0, self.c.time_features)
        e = self.time2(F.silu(self.time1(features))) + self.pooled(pooled)
        return e[:, None], self.modulation(F.silu(e)).unflatten(-1, (6, -1))[:, None]

    def forward(self, video, sound, timestep, text, text_mask, pooled, coords, grids, clean=None):
        x = torch.cat([self.video_in(video), self.sound_in(sound)], 1)
        place = position_features(coords, grids, self.c.position_octaves)
        x = x + self.position2(F.silu(self.position1(place)))
        e, m = self.conditioning(timestep, pooled)
        if clean is not None:
            e0, m0 = self.conditioning(torch.zeros_like(timestep), pooled)
            keep = F.pad(clean.to(e.dtype), (0, sound.shape[1]))[..., None]      # sound tokens are never clean
            e = keep * e0 + (1 - keep) * e
            m = keep[..., None] * m0 + (1 - keep[..., None]) * m
        cos, sin = rotations(coords, self.c.rope_axes, self.c.rope_theta)
        bias = padding_bias(text_mask, text.dtype)
        for block in self.blocks:
            x = block(x, m, text, bias, cos, sin)
        h = F.layer_norm(x, (self.c.width,), None, None, self.c.norm_eps)
        h = h * (1 + e + self.table_out[1]) + e + self.table_out[0]
        n = video.shape[1]
        return self.video_out(h[:, :n]), self.sound_out(h[:, n:])


def time_features(t, size):
    """cos first, then sin (`flip_sin_to_cos`), frequencies 10000^(-i/half)."""
    half = size // 2
    angle = t.float()[:, None] * torch.exp(-math.log(10000.0) * torch.arange(half, device=t.device).float() / half)
    return torch.cat([torch.cos(angle), torch.sin(angle)], -1)


def position_features(coords, grids, octaves):
    """a = (t/16, (y+.5)/h, (x+.5)/w, h/8, w/8); for each octave j, sin(pi 2^j a), then for each octave cos: [N, 10 octaves]."""
    a = torch.stack([coords[:, 0] / 16, (coords[:, 1] + 0.5) / grids[:, 0], (coords[:, 2] + 0.5) / grids[:, 1],
                     grids[:, 0] / 8, grids[:, 1] / 8], 1)
    angle = torch.cat([a * (math.pi * 2 ** j) for j in range(octaves)], 1)
    return torch.cat([torch.sin(angle), torch.cos(angle)], 1)


def rotations(coords, axes, theta):
    """cos, sin [N, head/2]: axis by axis, frequency theta^(-2i/axis)."""
    angles = []
    for axis, size in enumerate(axes):
        freq = theta ** (-torch.arange(0, size, 2, device=coords.device).float() / size)
        angles.append(coords[:, axis:axis + 1] * freq)
    angle = torch.cat(angles, 1)
    return torch.cos(angle), torch.sin(angle)


def rotate(x, cos, sin):
    """Half-split rotation: [x1, x2] -> [x1 cos - x2 sin, x2 cos + x1 sin]."""
    x1, x2 = x.chunk(2, -1)
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    return torch.cat([x1 * cos - x2 * sin, x2 * cos + x1 * sin], -1)


# ---------------------------------------------------------------- tokens and sampling

SOUND_PLACE = -1.0
REFERENCE_TIME = -2.0


def layout(times, h, w, references=(), device=None):
    """coords and grids: video tokens (t, y, x in order), then reference pictures (t = -2, -3 ...), then sound tokens.

    times: latent frame numbers; references: (h, w) of each reference picture's latent."""
    coords, grids = [], []
    for t in times:
        coords += [(t, y, x) for y in range(h) for x in range(w)]
        grids += [(h, w)] * (h * w)
    for i, (rh, rw) in enumerate(references):
        coords += [(REFERENCE_TIME - i, y, x) for y in range(rh) for x in range(rw)]
        grids += [(rh, rw)] * (rh * rw)
    coords += [(t, SOUND_PLACE, SOUND_PLACE) for t in times]
    grids += [(h, w)] * len(times)
    return torch.tensor(coords, dtype=torch.float32, device=device), torch.tensor(grids, dtype=torch.float32, device=device)


def timesteps(steps, shift):
    """steps + 1 values from 1 to 0: u = 1 - i/steps, t = shift u / (1 + (shift - 1) u)."""
    u = [1 - i / steps for i in range(steps + 1)]
    return [shift * v / (1 + (shift - 1) * v) for v in u]


@torch.no_grad()
def sample(denoiser, noise_video, noise_sound, cond, empty, coords, grids, steps, shift, guide_scale, clean=None, given=None):
    """Euler steps down the flow. cond and empty are (states, mask, pooled); clean tokens hold `given` throughout.

    With guide_scale 1 (or no empty prompt) one evaluation per step, otherwise one of batch 2 B: conditioned, then empty."""
    x, s = noise_video, noise_sound
    if clean is not None:
        x = torch.where(clean[..., None] > 0, given, x)
    guided = guide_scale != 1.0 and empty is not None
    ts = timesteps(steps, shift)
    for now, then in zip(ts[:-1], ts[1:]):
        t = torch.full((x.shape[0],), now, device=x.device)
        if guided:
            both = [torch.cat([a, b]) for a, b in zip(cond, empty)]
            v, u = denoiser(torch.cat([x, x]), torch.cat([s, s]), torch.cat([t, t]), both[0], both[1], both[2], coords, grids,
                            None if clean is None else torch.cat([clean, clean]))
            (vc, ve), (uc, ue) = v.chunk(2), u.chunk(2)
            v, u = ve + guide_scale * (vc - ve), ue + guide_scale * (uc - ue)
        else:
            v, u = denoiser(x, s, t, cond[0], cond[1], cond[2], coords, grids, clean)
        x, s = x + (then - now) * v, s + (then - now) * u
        if clean is not None:
            x = torch.where(clean[..., None] > 0, given, x)
    return x, s
