"""Times the same network in torch, line by line with the same names as `models/examples/bench_draft.rs`.
Random weights: only shapes matter for time. Usage: python bench_torch.py [CONFIG.json] [--threads N]
It must run on the same machine, in the same run, as the other half, or the two say nothing about each other.
"""
import argparse
import time

import torch
import torch.nn.functional as F

import model as m


def best(runs, work):
    work()
    least, least_busy = float("inf"), float("inf")
    for _ in range(runs):
        start, busy = time.perf_counter(), time.process_time()
        work()
        least, least_busy = min(least, time.perf_counter() - start), min(least_busy, time.process_time() - busy)
    return least, least_busy


def show(name, taken):
    print(f"{name:<28} {taken[0]:.5f} {taken[1]:.5f}", flush=True)


@torch.inference_mode()
def main():
    a = argparse.ArgumentParser()
    a.add_argument("config", nargs="?")
    a.add_argument("--threads", type=int, default=2)
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    c = m.DraftConfig.load(o.config) if o.config else m.DraftConfig()
    net, vae, text = m.Denoiser(c.denoiser).eval(), m.Vae(c.vae).eval(), m.TextEncoder(c.text).eval()
    times, h, w = 13, 5, 8
    coords, grids = m.layout(range(times), h, w)
    mask = torch.ones(1, 12)
    ids = torch.randint(3, c.text.words, (1, 12))

    def shot():
        cond, empty = ((*(lambda s: (s[0], mask, s[1]))(text(ids, mask)),) for _ in range(2))
        video, _ = m.sample(net, torch.randn(1, times * h * w, c.vae.channels), torch.randn(1, times, c.denoiser.sound),
                            cond, empty, coords, grids, c.sampling.steps, c.sampling.shift, c.sampling.guide_scale)
        vae.decode(video[0].unflatten(0, (times, h, w)).permute(0, 3, 1, 2).contiguous())

    show("pictures of a shot f32", best(3, shot))
    for batch in (1, 2):
        args = (torch.randn(batch, times * h * w, c.denoiser.channels), torch.randn(batch, times, c.denoiser.sound),
                torch.full((batch,), 0.5), torch.randn(batch, 12, c.denoiser.text_width), torch.ones(batch, 12),
                torch.randn(batch, c.denoiser.text_width), coords, grids)
        show(f"denoiser batch {batch}", best(8, lambda: net(*args)))
    z = torch.randn(times, c.vae.channels, h, w)
    raw = vae.denormalise(z)

    def one_by_one():
        for k in range(times):
            vae.decoder(raw[k:k + 1], raw[max(k - 1, 0):max(k, 1)])

    show("vae decode", best(4, one_by_one))
    show("vae decode at once", best(4, lambda: vae.decode(z)))
    frames = torch.rand(49, 3, 80, 128) * 2 - 1
    show("vae encode", best(2, lambda: vae.encode(frames)))
    q = torch.randn(1, 6, 1008, 64)
    show("attention 6 x 1008 x 64", best(10, lambda: F.scaled_dot_product_attention(q, q, q)))
    conv, x = torch.nn.Conv2d(64, 64, 3, padding=1), torch.randn(1, 64, 144, 256)
    show("conv 64-64 3x3 144x256", best(10, lambda: conv(x)))
    x = torch.randn(1, 1008, 384)
    show("gelu 1008 x 384", best(20, lambda: F.gelu(x, approximate="tanh")))
    show("layer norm 1008 x 384", best(20, lambda: F.layer_norm(x, (384,))))
    linear = torch.nn.Linear(384, 1536)
    show("linear 1008 x 384 x 1536", best(20, lambda: linear(x)))


if __name__ == "__main__":
    main()
