"""Words to states: a small transformer over the tokens of a caption."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from attention import attend, join_heads, padding_bias, split_heads
from sizes import TextConfig


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
