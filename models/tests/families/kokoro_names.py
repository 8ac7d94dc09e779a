"""Names and shapes of every tensor of Kokoro-82M at its full size, as the reference's classes state them; nothing is made or read.
The config is the released one, but for the alphabet. Writes one text file:
    python families/kokoro_names.py fixtures/kokoro_names
"""
import pathlib
import sys

import torch

# In the place of this folder, where a file has the package's name.
sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])

from families.kokoro import AlbertConfig, CustomAlbert, ProsodyPredictor, TextEncoder, istftnet  # noqa: E402

WAVE = dict(upsample_kernel_sizes=[20, 12], upsample_rates=[10, 6], gen_istft_hop_size=5, gen_istft_n_fft=20, upsample_initial_channel=512,
            resblock_kernel_sizes=[3, 7, 11], resblock_dilation_sizes=[[1, 3, 5]] * 3)
PLBERT = dict(hidden_size=768, num_attention_heads=12, intermediate_size=2048, max_position_embeddings=512, num_hidden_layers=12)
PARTS = dict(
    bert=lambda: CustomAlbert(AlbertConfig(vocab_size=178, **PLBERT)),
    bert_encoder=lambda: torch.nn.Linear(768, 512),
    predictor=lambda: ProsodyPredictor(style_dim=128, d_hid=512, nlayers=3, max_dur=50, dropout=0.2),
    text_encoder=lambda: TextEncoder(channels=512, kernel_size=5, depth=3, n_symbols=178),
    decoder=lambda: istftnet.Decoder(dim_in=512, style_dim=128, dim_out=80, **WAVE))


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    lines = []
    for part, make in PARTS.items():
        lines += [f"{part}.{k} {'x'.join(map(str, v.shape))}" for k, v in make().state_dict().items()]
    (out / "82m.txt").write_text("\n".join(sorted(lines)) + "\n")
    print(len(lines))


if __name__ == "__main__":
    main()
