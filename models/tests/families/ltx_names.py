"""Names and shapes of every tensor of the released LTX-Video models, as the reference classes state them: no weights are
made or read. The codecs are a sixteenth as wide, which changes no name. Writes one text file per part:
    python families/ltx_names.py fixtures/ltx_names        (with this folder's parent on the path)
"""
import pathlib
import sys

import torch
from diffusers import AutoencoderKLLTXVideo, LTXVideoTransformer3DModel
from transformers import T5Config, T5EncoderModel

NARROW = 16
DECODER_091 = dict(decoder_block_out_channels=[16, 32, 64], decoder_spatio_temporal_scaling=[True] * 3, upsample_residual=[True] * 3,
                   upsample_factor=[2] * 3, timestep_conditioning=True, latent_channels=8)
PARTS = dict(
    transformer_2b=lambda: LTXVideoTransformer3DModel(),
    transformer_13b=lambda: LTXVideoTransformer3DModel(attention_head_dim=128, cross_attention_dim=4096, num_layers=48),
    text=lambda: T5EncoderModel(T5Config(vocab_size=32128, d_model=4096, d_kv=64, d_ff=10240, num_layers=24, num_heads=64,
                                         feed_forward_proj="gated-gelu")),
    vae_090=lambda: AutoencoderKLLTXVideo(latent_channels=8, block_out_channels=[8, 16, 32, 32], decoder_block_out_channels=[8, 16, 32, 32]),
    vae_091=lambda: AutoencoderKLLTXVideo(block_out_channels=[8, 16, 32, 32], decoder_layers_per_block=[5, 6, 7, 8],
                                          decoder_inject_noise=[True, True, True, False], **DECODER_091),
    vae_095=lambda: AutoencoderKLLTXVideo(
        block_out_channels=[8, 16, 32, 64, 128], down_block_types=["LTXVideo095DownBlock3D"] * 4, layers_per_block=[4, 6, 6, 2, 2],
        downsample_type=["spatial", "temporal", "spatiotemporal", "spatiotemporal"], spatio_temporal_scaling=[True] * 4,
        decoder_layers_per_block=[5, 5, 5, 5], decoder_inject_noise=[False] * 4, spatial_compression_ratio=32, temporal_compression_ratio=8,
        **DECODER_091))


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, make in PARTS.items():
        with torch.device("meta"):
            state = make().state_dict()
        lines = [f"{k} {'x'.join(map(str, v.shape))}" for k, v in sorted(state.items()) if k != "encoder.embed_tokens.weight"]
        (out / f"{name}.txt").write_text("\n".join(lines) + "\n")
        print(name, len(lines))


if __name__ == "__main__":
    main()
