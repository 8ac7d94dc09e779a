"""The reference library's half of `cargo xtask bench ltx`: the same files, the same size, as many steps, in lines `name: figure`.
Usage: python bench_ltx_torch.py FOLDER WIDTH HEIGHT FRAMES STEPS WORDS float32|bfloat16
Latents and states of the prompt are random; only shapes matter for time. It must run beside the other half, in turns with it, or
the two say nothing about each other.
"""
import gc
import sys
import time

import torch
from diffusers import AutoencoderKLLTXVideo, LTXVideoTransformer3DModel


def memory(which):
    """What the system counts for this process, in MB."""
    line = next(line for line in open("/proc/self/status") if line.startswith(which))
    return int(line.split()[1]) * 1024 / 1e6


@torch.inference_mode()
def main():
    folder, size, dtype = sys.argv[1], [int(n) for n in sys.argv[2:7]], getattr(torch, sys.argv[7])
    width, height, frames, steps, words = size
    torch.set_num_threads(len(__import__("os").sched_getaffinity(0)))
    t, h, w = (frames - 1) // 8 + 1, height // 32, width // 32
    net = LTXVideoTransformer3DModel.from_pretrained(folder, subfolder="transformer", torch_dtype=dtype)
    tokens = torch.randn(1, t * h * w, net.config.in_channels, dtype=dtype)
    text = torch.randn(1, words, net.config.caption_channels, dtype=dtype)
    mask = torch.ones(1, words, dtype=dtype)
    best, busy = float("inf"), float("inf")
    for step in range(steps):
        start, worked = time.perf_counter(), time.process_time()
        level = torch.tensor([1000.0 * (1 - step / steps)], dtype=dtype)
        velocity = net(hidden_states=tokens, encoder_hidden_states=text, timestep=level, encoder_attention_mask=mask, num_frames=t, height=h,
                       width=w, rope_interpolation_scale=(8 / 24, 32, 32), return_dict=False)[0]
        tokens = tokens - velocity / steps
        best, busy = min(best, time.perf_counter() - start), min(busy, time.process_time() - worked)
    print(f"seconds a step: {best:.3f}")
    print(f"processor seconds a step: {busy:.3f}")
    print(f"peak MB while denoising: {memory('VmHWM'):.1f}", flush=True)
    latents = tokens.reshape(1, t, h, w, -1).permute(0, 4, 1, 2, 3).contiguous()
    del net, velocity
    gc.collect()
    open("/proc/self/clear_refs", "w").write("5")
    vae = AutoencoderKLLTXVideo.from_pretrained(folder, subfolder="vae", torch_dtype=dtype)
    start, worked = time.perf_counter(), time.process_time()
    pictures = vae.decode(latents, torch.tensor([0.05], dtype=dtype)).sample
    print(f"seconds to decode: {time.perf_counter() - start:.3f}")
    print(f"processor seconds to decode: {time.process_time() - worked:.3f}")
    print(f"peak MB while decoding: {memory('VmHWM'):.1f}")
    assert pictures.shape == (1, 3, frames, height, width)


if __name__ == "__main__":
    main()
