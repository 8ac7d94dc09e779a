"""Turns a scene into a clip: physics first, then pictures and sound curves from the same numbers.
Because the curves come from the simulation that moves the subject, sound meets picture exactly.
Rendering is deterministic in the scene (its seed included) and must never read anything but the scene.
"""
import math
import random

import cv2
import numpy as np

from .backgrounds import mix, paint
from .concepts import COLOURS, FLYERS, FRAMES, LEGGED, PEOPLE, SHAPES, SIZES, TINTS, VEHICLES
from .subjects import BUILD, DRAW

CURVES = ["impact", "footsteps", "rain", "snow", "wind", "water", "engine", "crowd", "bell", "birds", "insects", "hum", "whoosh", "call",
          "subject_x", "subject_size"]
SHOT_HEIGHT = {"wide": 0.34, "medium": 0.48, "close": 0.66}
GROUND_AT = {"wide": 0.80, "medium": 0.86, "close": 0.93}


def body(scene, subject, w, h):
    """Height in pixels, and half width in pixels: limited so that the whole subject fits the frame."""
    k, half = BUILD[subject]
    size = SHOT_HEIGHT[scene.shot] * h * k
    return min(size, 0.33 * w / half, 0.42 * w), half


def motion(scene, rng, w, h):
    """Per frame: x (frame widths), lift (frame heights), turn (turns), squash, facing, phase (turns); and contacts."""
    n = FRAMES
    t = np.arange(n)
    size, half = body(scene, scene.subject, w, h)
    s, hw = size / h, size * half / w
    x = np.full(n, rng.uniform(0.36, 0.64))
    lift, turn, squash, phase = np.zeros(n), np.zeros(n), np.ones(n), np.zeros(n)
    facing = np.full(n, rng.choice([-1.0, 1.0]))
    contacts, action = [], scene.action
    top = max(0.16, GROUND_AT[scene.shot] - s - 0.03)
    hover = min(FLYERS.get(scene.subject, 0.0), top)
    if action in ("right", "left"):
        d = 1.0 if action == "right" else -1.0
        a, b = rng.uniform(0.10, 0.2), rng.uniform(0.8, 0.92)
        x = a + (b - a) * t / (n - 1)
        x = x if d > 0 else 1 - x
        facing[:] = d
        pace = rng.choice([1.1, 1.6])
        phase = t / 12 * pace
        if scene.subject in ("ball",):
            turn = -d * (x * d - x[0] * d) * w / (math.pi * size)
        elif scene.subject in VEHICLES:
            phase = (x * d - x[0] * d) * w / (math.tau * 0.2 * size)
        lift[:] = hover + (0.03 * np.sin(t / 12 * math.tau * 0.5) if hover else 0)
    elif action == "bounce":
        peak, g = top * rng.uniform(0.85, 1.0), None
        period = rng.uniform(9.5, 12.5)
        g = 8 * peak / period ** 2
        y, v, state = peak, 0.0, 0.0
        restitution = rng.uniform(0.86, 0.94)
        for i in range(n):
            lift[i] = y
            for _ in range(8):
                v -= g / 8
                y += v / 8
                if y <= 0:
                    y, v = 0.0, -v * restitution
                    contacts.append(min(n - 1, i + 1))
    elif action == "fall":
        peak = top
        g = 2 * peak / rng.uniform(16, 26) ** 2
        y, v = peak, 0.0
        for i in range(n):
            lift[i] = y
            v -= g
            y += v
            if y <= 0:
                y = 0.0
                if v < -2.5 * g:
                    contacts.append(min(n - 1, i + 1))
                    v = -v * 0.3
                else:
                    v = 0.0
    elif action == "rise":
        u = t / (n - 1)
        lift = top * (u * u * (3 - 2 * u) * 0.6 + u * 0.4)
        phase = t / 12 * 1.5
    elif action == "jump":
        period, air = 24, 13
        peak = min(top, rng.uniform(0.2, 0.3))
        start = rng.randint(3, 6)
        for i in range(n):
            k = (i - start) % period
            if i >= start and k <= air:
                lift[i] = 4 * peak * (k / air) * (1 - k / air)
            elif i >= start and k <= air + 3:
                squash[i] = (0.78, 0.9, 0.97)[k - air - 1]
            elif k >= period - 2:
                squash[i] = 0.84
            if i >= start and k == air:
                contacts.append(i)
    elif action == "spin":
        rate = rng.choice([-1, 1]) * rng.uniform(0.5, 0.65)
        if scene.subject in SHAPES or scene.subject in ("rocket", "fish"):
            turn = t / 12 * rate
        else:
            facing = np.cos(t / 12 * math.tau * abs(rate))
        lift[:] = max(hover, 0.05 if scene.subject in SHAPES else 0.0)
    else:
        lift[:] = hover + (0.02 * np.sin(t / 12 * math.tau * 0.5) if hover else 0)
    if scene.subject in ("bird", "fish"):
        phase = t / 12 * 2.0
    if action not in ("right", "left") and scene.subject not in ("bird", "fish", "rocket"):
        phase = phase if action == "rise" else np.zeros(n)
    for c in contacts:
        for j, q in enumerate((0.8, 0.92)):
            if c + j < n and action in ("bounce", "fall") and lift[c + j] < 0.06:
                squash[c + j] = min(squash[c + j], q)
    return dict(x=x, lift=lift, turn=turn, squash=squash, facing=facing, phase=phase, contacts=sorted(set(contacts)), size=size, hover=hover)


def camera(scene):
    """Per frame: offsets of the near layer in frame widths and heights, and zoom."""
    u = np.linspace(0, 1, FRAMES)
    ease = u * u * (3 - 2 * u) * 0.5 + u * 0.5
    ox, oy, z = np.zeros(FRAMES), np.zeros(FRAMES), np.ones(FRAMES)
    if scene.camera.startswith("pan"):
        ox = (ease - 0.5) * 0.8 * (1 if scene.camera == "pan right" else -1)
    elif scene.camera.startswith("tilt"):
        oy = (ease - 0.4) * 0.34 * (1 if scene.camera == "tilt up" else -1)
        if scene.camera == "tilt down":
            oy = oy + 0.06
    elif scene.camera == "zoom in":
        z = 1 + 0.5 * ease
    elif scene.camera == "zoom out":
        z = 1.5 - 0.5 * ease
    return ox, oy, z


def render(scene, frames=None, boxes=None):
    """uint8 [n, H, W, 3] RGB for the frame numbers asked (all by default), and the sound curves f32 [49, 16].

    Into a list `boxes` goes, for each of these frames, the subject's (x0, y0, x1, y1) in frame widths and heights."""
    rng = random.Random(scene.seed)
    w, h = SIZES[scene.form]
    m = motion(scene, rng, w, h)
    cw, ch = int(w * 1.9), int(h * 1.5)
    far, near, ground = paint(scene, rng, w, h, cw, ch)
    ox, oy, z = camera(scene)
    tint = np.array(TINTS[scene.time] if scene.timed else (1, 1, 1)) ** 0.75
    cast = []
    if scene.second:
        size, _ = body(scene, scene.second, w, h)
        away = 0.22 if m["x"][0] > 0.5 else 0.78
        m["x"] = np.where(away < 0.5, np.maximum(m["x"], 0.62), np.minimum(m["x"], 0.38))
        cast.append((scene.second, scene.second_colour, dict(x=np.full(FRAMES, away), lift=np.full(FRAMES, FLYERS.get(scene.second, 0) * 0.6), turn=np.zeros(FRAMES),
                     squash=np.ones(FRAMES), facing=np.full(FRAMES, 1.0 if away < 0.5 else -1.0), phase=np.zeros(FRAMES), size=size * 0.8)))
    cast.append((scene.subject, scene.colour, m))
    veil = np.array((205, 210, 215)) * tint
    numbers = range(FRAMES) if frames is None else frames
    out = np.empty((len(numbers), h, w, 3), np.uint8)
    still = None
    for row, i in enumerate(numbers):
        if still is None or scene.camera != "static":
            still = backdrop(far, near, ox[i], oy[i], z[i], w, h, cw, ch)
        img = still.copy()
        for subject, colour, move in cast:
            box = draw(img, scene, subject, COLOURS[colour], move, i, oy[i], z[i], w, h, tint, veil, ground)
        if boxes is not None:
            boxes.append(box)
        out[row] = img
    return out, curves(scene, m, rng, w, h)


def backdrop(far, near, ox, oy, z, w, h, cw, ch):
    def view(layer, k):
        a = np.array([[1 / z, 0, (cw - w) / 2 + ox * w * k + w / 2 * (1 - 1 / z)], [0, 1 / z, (ch - h) / 2 - oy * h * (0.6 + 0.4 * k) + 0.62 * h * (1 - 1 / z)]], np.float32)
        return cv2.warpAffine(layer, a, (w, h), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
    f, n = view(far, 0.4), view(near, 1.0)
    return np.clip(f * (1 - n[..., 3:]) + n[..., :3], 0, 255).astype(np.uint8)


def draw(img, scene, subject, colour, m, i, oy, z, w, h, tint, veil, ground):
    size = m["size"]
    parts = DRAW[subject](colour, float(m["phase"][i]))
    base = GROUND_AT[scene.shot] * h
    cx, lift = m["x"][i] * w, m["lift"][i] * h

    def screen(p):
        q = np.empty_like(p)
        q[:, 0] = (p[:, 0] - w / 2) * z + w / 2
        q[:, 1] = (p[:, 1] + oy * h - 0.62 * h) * z + 0.62 * h
        return q

    if scene.setting not in ("ocean",) or subject != "boat":
        k = max(0.35, 1 - lift / (0.9 * h)) * BUILD[subject][1] * size * 0.9
        a = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        shadow = screen(np.stack([cx + k * np.cos(a), base + size * 0.02 + k * 0.14 * np.sin(a)], 1))
        cv2.fillPoly(img, [np.round(shadow * 16).astype(np.int32)], tuple(v * 0.68 for v in ground), cv2.LINE_AA, 4)
    pts = np.concatenate([p for _, p in parts])
    f, q = float(m["facing"][i]), float(m["squash"][i])
    f = f if abs(f) > 0.12 else math.copysign(0.12, f if f else 1)
    x, y = pts[:, 0] * f * (2 - q), pts[:, 1] * q
    if m["turn"][i]:
        a = float(m["turn"][i]) * math.tau
        c, s = math.cos(a), math.sin(a)
        x, y = x * c - (y - 0.5) * s, 0.5 + x * s + (y - 0.5) * c
    all_pts = np.round(screen(np.stack([cx + x * size, base - lift - y * size], 1)) * 16).astype(np.int32)
    at = 0
    for rgb, p in parts:
        c = np.array(rgb) * tint
        if scene.weather == "fog":
            c = np.array(mix(c, veil, 0.15))
        cv2.fillPoly(img, [all_pts[at:at + len(p)]], c.tolist(), cv2.LINE_AA, 4)
        at += len(p)
    (x0, y0), (x1, y1) = all_pts.min(0) / 16, all_pts.max(0) / 16
    return x0 / w, y0 / h, x1 / w, y1 / h


def pulses(n, at, fall=0.5, top=1.0):
    v = np.zeros(n)
    for c in at:
        k = np.arange(n - c)
        v[c:] = np.maximum(v[c:], top * fall ** k)
    return v


def curves(scene, m, rng, w, h):
    """The sixteen control curves, 0 ... 1, one value per frame."""
    n = FRAMES
    t = np.arange(n)
    c = {name: np.zeros(n) for name in CURVES}
    outdoors = scene.setting not in ("room", "space")
    quick = scene.action in ("right", "left")
    c["impact"] = pulses(n, m["contacts"])
    if quick and scene.subject in LEGGED:
        steps = np.floor(m["phase"] * 2)
        c["footsteps"] = pulses(n, [i for i in range(1, n) if steps[i] > steps[i - 1]], top=0.8)
    if outdoors:
        c["rain"][:] = 0.8 if scene.weather == "rain" else 0
        c["snow"][:] = 0.8 if scene.weather == "snow" else 0
        base = 0.12 + {"snow": 0.3, "rain": 0.2, "fog": 0.05}.get(scene.weather, 0) + {"mountain": 0.25, "desert": 0.2, "snowfield": 0.2, "ocean": 0.15, "beach": 0.1}.get(scene.setting, 0)
        c["wind"] = base * (0.9 + 0.1 * np.sin(t / 12 * 1.5))
        c["water"][:] = {"ocean": 0.8, "beach": 0.55}.get(scene.setting, 0)
        c["crowd"][:] = 0.45 if scene.setting == "city" and scene.time != "night" else 0.15 if scene.setting == "city" else 0
        c["birds"][:] = 0.6 if scene.setting in ("meadow", "forest") and scene.time in ("day", "dawn") and scene.weather in ("clear", "cloudy") else 0
        c["insects"][:] = 0.6 if scene.setting in ("meadow", "forest", "desert") and scene.time == "night" else 0
    c["hum"][:] = {"room": 0.3, "space": 0.4}.get(scene.setting, 0.25 if scene.subject == "robot" else 0)
    if scene.subject in VEHICLES and scene.subject != "boat":
        c["engine"][:] = 0.8 if quick or (scene.subject == "rocket" and scene.action in ("rise", "jump")) else 0.35
    if scene.subject == "boat":
        c["water"] = np.maximum(c["water"], 0.5)
    if scene.subject == "train":
        c["bell"] = pulses(n, [6, 30], 0.8)
    speed = np.abs(np.gradient(m["lift"])) * 12 + np.abs(np.gradient(m["x"])) * 3
    c["whoosh"] = np.clip(speed * 0.6 - 0.15, 0, 1) if scene.subject not in VEHICLES else np.clip(speed * 0.3 - 0.1, 0, 1)
    if scene.subject in ("cat", "dog", "horse", "bird"):
        c["call"] = pulses(n, [8, 32], 0.7)
    elif scene.subject in PEOPLE and scene.action == "jump":
        c["call"] = pulses(n, m["contacts"], 0.6, 0.7)
    c["subject_x"] = m["x"]
    c["subject_size"][:] = m["size"] / h
    return np.clip(np.stack([c[k] for k in CURVES], 1), 0, 1).astype(np.float32)


def portrait(scene, side=64):
    """A reference picture: the subject alone on a plain pale ground, uint8 [side, side, 3]."""
    img = np.full((side, side, 3), 214, np.uint8)
    half = BUILD[scene.subject][1]
    size = min(side * 0.78, side * 0.46 / half)
    for rgb, p in DRAW[scene.subject](COLOURS[scene.colour], 0.0):
        q = np.stack([side / 2 + p[:, 0] * size, side * 0.5 + size / 2 - p[:, 1] * size], 1)
        cv2.fillPoly(img, [np.round(q * 16).astype(np.int32)], rgb, cv2.LINE_AA, 4)
    return img
