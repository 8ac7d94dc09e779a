"""The rectified-flow transformer over picture and sound tokens. Places and times come as numbers; it never sees a grid as such."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from attention import attend, join_heads, padding_bias, split_heads
from sizes import DenoiserConfig


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

    coords [N + S, 3] are (t, y, x) as floats (or [B, N + S, 3], each clip its own), grids [N + S, 2] the (h, w) of the picture a token
    belongs to, video tokens first. clean [B, N] (1 = clean) may be None. timestep [B] lies in 0 ... 1."""

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
        x = x.float() + self.position2(F.silu(self.position1(place)))
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
    (t, y, x), (h, w) = coords.unbind(-1), grids.unbind(-1)
    a = torch.stack([t / 16, (y + 0.5) / h, (x + 0.5) / w, (h / 8).expand_as(t), (w / 8).expand_as(t)], -1)
    angle = torch.cat([a * (math.pi * 2 ** j) for j in range(octaves)], -1)
    return torch.cat([torch.sin(angle), torch.cos(angle)], -1)


def rotations(coords, axes, theta):
    """cos, sin [1, N, head/2] (before it the batch, where coords have one): axis by axis, frequency theta^(-2i/axis)."""
    angles = []
    for axis, size in enumerate(axes):
        freq = theta ** (-torch.arange(0, size, 2, device=coords.device).float() / size)
        angles.append(coords[..., axis:axis + 1] * freq)
    angle = torch.cat(angles, -1).unsqueeze(-3)
    return torch.cos(angle), torch.sin(angle)


def rotate(x, cos, sin):
    """Half-split rotation: [x1, x2] -> [x1 cos - x2 sin, x2 cos + x1 sin]."""
    x1, x2 = x.chunk(2, -1)
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    return torch.cat([x1 * cos - x2 * sin, x2 * cos + x1 * sin], -1)
