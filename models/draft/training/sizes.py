"""Every size of the draft model, as config.json holds it. Nothing else may hold a size."""
import json
from dataclasses import asdict, dataclass, field


@dataclass
class VaeConfig:
    channels: int = 48                     # C, latent channels
    widths: list = field(default_factory=lambda: [64, 128, 192])   # at 1/4, 1/8, 1/16 of the picture's side
    encoder_blocks: list = field(default_factory=lambda: [1, 1, 2])
    shared_blocks: int = 2                 # of the decoder, at 1/16, before the four frames part
    decoder_blocks: list = field(default_factory=lambda: [2, 1, 1])
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
