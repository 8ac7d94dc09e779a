"""Where tokens lie, and the walk from noise to a clip."""
import torch


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
