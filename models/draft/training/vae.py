"""Pictures to latents and back: convolutions that remember the frame before. It must never mix frames of two latents in any other way."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from sizes import VaeConfig


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
    """raw latents z_k and z_(k-1), each [B, C, h, w] -> four frames [B, 12, 16h, 16w] in [-1, 1] (not clamped).

    What the four frames share is worked out once, at 1/16 of the side; then `split` gives each its own features, and all that follows
    sees one frame. One picture's worth of features for four frames would be one picture: what moves would step from latent to latent."""

    def __init__(self, c: VaeConfig):
        super().__init__()
        self.patch = c.patch
        w = c.widths[::-1]
        blocks = c.decoder_blocks[::-1]
        self.conv_in = nn.Conv2d(2 * c.channels, w[0], 3, padding=1)
        self.shared = nn.ModuleList(ResBlock(w[0], c.groups, c.norm_eps) for _ in range(c.shared_blocks))
        self.split = nn.Conv2d(w[0], 4 * w[0], 3, padding=1)
        self.stages = nn.ModuleList(
            Stage(w[i], blocks[i], c.groups, c.norm_eps, up=w[i + 1] if i + 1 < len(w) else None)
            for i in range(len(w)))
        self.norm_out = nn.GroupNorm(c.groups, w[-1], c.norm_eps)
        self.expand = nn.Conv2d(w[-1], c.head * c.patch ** 2, 3, padding=1)
        self.smooth = nn.Conv2d(c.head, c.head, 3, padding=1)
        self.conv_out = nn.Conv2d(c.head, 3, 3, padding=1)

    def forward(self, z, z_before):
        x = self.conv_in(torch.cat([z, z_before], 1))
        for block in self.shared:
            x = block(x)
        x = self.split(x).unflatten(1, (4, -1)).flatten(0, 1)
        for stage in self.stages:
            x = stage(x)
        x = F.pixel_shuffle(self.expand(F.silu(self.norm_out(x))), self.patch)
        x = self.conv_out(F.silu(self.smooth(F.silu(x))))
        return x.unflatten(0, (-1, 4)).flatten(1, 2)


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
