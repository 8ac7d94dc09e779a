"""The same single convolutions as `models/examples/bench_conv.rs` in torch: `name processor-seconds`, best of several runs.
Usage: python bench_conv_torch.py [WORD] (OMP_NUM_THREADS=1). The two halves say nothing unless they ran beside each other.
"""
import re
import sys
import time
from pathlib import Path

import torch

ROW = re.compile(r'\("([^"]+)", \[(\d+), (\d+), (\d+), (\d+), (\d+), (\d+), (\d+)\]\)')


@torch.inference_mode()
def main():
    torch.set_num_threads(1)
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    lines = (Path(__file__).parent.parent / "examples/bench_conv.rs").read_text()
    for name, *numbers in ROW.findall(lines):
        taps, channels, out, frames, h, w, runs = map(int, numbers)
        if wanted not in name:
            continue
        if taps == 1:
            conv, x = torch.nn.Conv2d(channels, out, 3, padding=1), torch.randn(frames, channels, h, w)
        else:
            conv = torch.nn.Conv3d(channels, out, (taps, 3, 3), padding=(0, 1, 1))
            x = torch.randn(1, channels, frames + taps - 1, h, w)
        conv(x)
        least = float("inf")
        for _ in range(4):
            before = time.process_time()
            for _ in range(runs):
                conv(x)
            least = min(least, (time.process_time() - before) / runs)
        print(f"{name:<20} {least:.6f} {frames * h * w * channels * out * taps * 9 / least / 1e9:.1f}", flush=True)


if __name__ == "__main__":
    main()
