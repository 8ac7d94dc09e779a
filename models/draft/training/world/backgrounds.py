"""Settings as two flat painted layers, far and near, wider than the frame so that a camera can travel over them.
Time of day gives the sky and a tint; weather greys, whitens or veils. Rain and snow are never painted as particles:
the studio draws those from the sound curves. A layer must never depend on the subject.
"""
import cv2
import numpy as np

from .concepts import SKIES, TINTS

GROUND = {"meadow": (96, 178, 72), "beach": (238, 214, 150), "desert": (232, 170, 92), "snowfield": (238, 244, 250), "city": (112, 114, 124), "ocean": (30, 110, 170),
          "forest": (62, 110, 50), "space": (128, 126, 138), "room": (160, 108, 70), "mountain": (140, 138, 110)}
FOG = {"day": (205, 212, 218), "sunset": (225, 180, 150), "night": (62, 70, 98), "dawn": (215, 198, 212)}
HORIZON = 0.62


def mix(a, b, k):
    return tuple(float(x) * (1 - k) + float(y) * k for x, y in zip(a, b))


def fill(img, colour, pts):
    cv2.fillPoly(img, [np.round(np.asarray(pts, np.float64) * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)


def disc(img, colour, x, y, rx, ry=None):
    a = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    fill(img, colour, np.stack([x + rx * np.cos(a), y + (ry or rx) * np.sin(a)], 1))


def ridge(rng, w, base, height, step, jag):
    """A skyline of hills (jag 0) or peaks (jag 1) as points from left to right."""
    xs = np.arange(-step, w + step * 2, step / (1 if jag else 6.0))
    if jag:
        ys = [base - height * (rng.uniform(0.55, 1.0) if i % 2 else rng.uniform(0.0, 0.25)) for i in range(len(xs))]
    else:
        o = rng.uniform(0, 6)
        ys = [base - height * (0.5 + 0.5 * np.sin(x / step * 2.2 + o)) for x in xs]
    return [(float(x), float(y)) for x, y in zip(xs, ys)] + [(w + 2 * step, base + 400), (-2 * step, base + 400)]


def paint(scene, rng, w, h, cw, ch):
    """far [ch, cw, 3] and near [ch, cw, 4] (colour and alpha), f32 0 ... 255, and the ground colour after light and weather.

    The frame's own area is the middle w x h of the canvas."""
    x0, y0 = (cw - w) / 2, (ch - h) / 2
    unit = min(h, w)
    hz = y0 + h * (0.5 if scene.setting == "ocean" else HORIZON)
    tint = TINTS[scene.time] if scene.timed else (1, 1, 1)
    top, low = SKIES[scene.time]
    if scene.weather == "cloudy":
        grey = np.mean(top) * 0.5 + np.mean(low) * 0.4
        top, low = mix(top, (grey,) * 3, 0.45), mix(low, (grey,) * 3, 0.3)
    elif scene.weather == "rain":
        k = np.array(tint) * 100
        top, low = mix(top, k * 0.55, 0.85), mix(low, k, 0.75)
    elif scene.weather == "snow":
        k = np.array(tint) * 205
        top, low = mix(top, k, 0.8), mix(low, k * 1.08, 0.75)
    elif scene.weather == "fog":
        top, low = mix(top, FOG[scene.time], 0.6), FOG[scene.time]

    def lit(c, k=1.0):
        c = [min(255.0, v * t * k) for v, t in zip(c, tint)]
        if scene.weather == "rain":
            c = mix(c, np.array(tint) * (70, 75, 90), 0.4)
        elif scene.weather == "snow":
            c = mix(c, np.array(tint) * 245, 0.5)
        return tuple(float(v) for v in c)

    g = np.clip((np.arange(ch) - y0 * 0.6) / max(1, hz - y0 * 0.6), 0, 1)[:, None, None]
    far = np.ascontiguousarray(np.broadcast_to(np.array(top) * (1 - g) + np.array(low) * g, (ch, cw, 3)).astype(np.float32))
    near = np.zeros((ch, cw, 4), np.float32)
    ground = lit(GROUND[scene.setting])
    sx = x0 + w * rng.uniform(0.15, 0.85)
    if scene.setting == "space":
        far[:] = np.array((14, 10, 34), np.float32)
        for _ in range(70):
            disc(far, (235, 235, 255), rng.uniform(0, cw), rng.uniform(0, hz), rng.uniform(0.5, 1.1))
        disc(far, (214, 120, 70), sx, y0 + h * rng.uniform(0.12, 0.3), unit * 0.16)
        disc(far, (90, 150, 200), x0 + (cw - 2 * x0) * rng.uniform(0.0, 1.0), y0 + h * rng.uniform(0.1, 0.4), unit * 0.07)
    elif scene.setting == "room":
        room(far, scene, lit, rng, x0, y0, w, h, cw, hz)
    else:
        heaven(far, scene, rng, sx, x0, y0, w, h, hz, cw, unit, low)
        features(far, scene, lit, rng, unit, hz, cw)
    if scene.weather == "fog":
        v = np.clip(0.35 + 0.5 * (np.arange(ch) - y0) / max(1, hz - y0), 0, 0.8)[:, None, None]
        far = far * (1 - v) + np.array(FOG[scene.time], np.float32) * v
        ground = mix(ground, FOG[scene.time], 0.4)
    fill(near, (*ground, 255), [(-9, hz), (cw + 9, hz), (cw + 9, ch + 9), (-9, ch + 9)])
    decor(near, scene, ground, rng, unit, hz, cw, ch)
    near[..., 3] /= 255
    near[..., :3] *= near[..., 3:]
    return far.astype(np.float32), near, ground


def heaven(far, scene, rng, sx, x0, y0, w, h, hz, cw, unit, low):
    if scene.weather == "clear":
        if scene.time == "day":
            disc(far, (255, 244, 170), sx, y0 + h * 0.14, unit * 0.1)
        elif scene.time == "sunset":
            disc(far, (255, 205, 110), sx, hz - unit * 0.05, unit * 0.2)
            disc(far, (255, 110, 50), sx, hz - unit * 0.05, unit * 0.15)
        elif scene.time == "dawn":
            disc(far, (255, 240, 205), sx, hz - unit * 0.12, unit * 0.1)
        else:
            for _ in range(26):
                disc(far, (225, 228, 250), rng.uniform(0, cw), rng.uniform(y0 * 0.5, hz * 0.9), 0.8)
            disc(far, (240, 240, 215), sx, y0 + h * 0.16, unit * 0.1)
            disc(far, SKIES["night"][0], sx + unit * 0.05, y0 + h * 0.14, unit * 0.085)
    elif scene.weather in ("cloudy", "rain"):
        for _ in range(7 if scene.weather == "cloudy" else 11):
            x, y, r = rng.uniform(0, cw), y0 + h * (rng.uniform(0.08, 0.3) if scene.weather == "cloudy" else rng.uniform(-0.1, 0.12)), unit * rng.uniform(0.1, 0.15)
            tone = mix(low, (255, 255, 255), 0.6 if scene.time != "night" else 0.3) if scene.weather == "cloudy" else mix(low, (20, 22, 32), 0.6)
            for dx, k in ((-1.1, 0.75), (0, 1.0), (1.1, 0.7)):
                disc(far, tone, x + dx * r, y + (1 - k) * r * 0.6, r * k * 1.15, r * k * 0.75)


def features(far, scene, lit, rng, unit, hz, cw):
    s = scene.setting
    if s == "meadow":
        fill(far, lit((128, 195, 105)), ridge(rng, cw, hz + 1, unit * 0.16, unit * 0.9, 0))
    elif s == "desert":
        fill(far, lit((210, 140, 80)), ridge(rng, cw, hz + 1, unit * 0.13, unit * 0.7, 0))
        for _ in range(3):
            x, k = rng.uniform(0, cw), unit * rng.uniform(0.2, 0.3)
            for a, b, c, d in ((-.08, 0, .08, 1), (-.35, .42, -.08, .54), (-.35, .42, -.22, .78), (.08, .32, .35, .44), (.22, .32, .35, .68)):
                fill(far, lit((60, 140, 70)), [(x + a * k, hz - b * k), (x + c * k, hz - b * k), (x + c * k, hz - d * k), (x + a * k, hz - d * k)])
    elif s == "snowfield":
        fill(far, lit((196, 214, 235)), ridge(rng, cw, hz + 1, unit * 0.12, unit * 0.8, 0))
        for _ in range(5):
            x, k = rng.uniform(0, cw), unit * rng.uniform(0.16, 0.26)
            for i in range(2):
                fill(far, lit((70, 120, 105)), [(x - k * (0.42 - 0.1 * i), hz - k * 0.45 * i), (x + k * (0.42 - 0.1 * i), hz - k * 0.45 * i), (x, hz - k * (0.7 + 0.45 * i))])
    elif s == "city":
        x = -5.0
        while x < cw:
            bw, bh = unit * rng.uniform(0.16, 0.28), unit * rng.uniform(0.25, 0.58)
            fill(far, lit(rng.choice([(120, 130, 155), (150, 120, 115), (95, 105, 130)])), [(x, hz + 2), (x + bw, hz + 2), (x + bw, hz - bh), (x, hz - bh)])
            on = (255, 226, 130) if scene.time in ("night", "sunset") else lit((190, 210, 228))
            for r in range(int(bh / (unit * 0.12))):
                for q in (0.25, 0.65):
                    y, xx = hz - bh + unit * (0.05 + 0.12 * r), x + bw * q - unit * 0.015
                    fill(far, on, [(xx, y), (xx + unit * 0.04, y), (xx + unit * 0.04, y + unit * 0.05), (xx, y + unit * 0.05)])
            x += bw + unit * rng.uniform(0.0, 0.05)
    elif s == "forest":
        fill(far, lit((45, 88, 50)), ridge(rng, cw, hz - unit * 0.28, unit * 0.14, unit * 0.12, 1))
        x = 0.0
        while x < cw:
            k = unit * rng.uniform(0.04, 0.07)
            fill(far, lit((78, 56, 40)), [(x, hz + 2), (x + k, hz + 2), (x + k, hz - unit * 0.32), (x, hz - unit * 0.32)])
            x += unit * rng.uniform(0.14, 0.24)
    elif s == "mountain":
        pts = ridge(rng, cw, hz + 1, unit * 0.55, unit * 0.34, 1)
        fill(far, lit((105, 112, 135)), pts)
        for i in range(1, len(pts) - 3):
            (xa, ya), (x, y), (xb, yb) = pts[i - 1], pts[i], pts[i + 1]
            if y < ya and y < yb:
                fill(far, lit((240, 245, 250)), [(x, y), (x + (xa - x) * 0.35, y + (ya - y) * 0.35), (x, y + unit * 0.1), (x + (xb - x) * 0.35, y + (yb - y) * 0.35)])
    elif s == "beach":
        fill(far, lit((50, 150, 195)), [(-9, hz - unit * 0.17), (cw + 9, hz - unit * 0.17), (cw + 9, hz + 2), (-9, hz + 2)])
        fill(far, lit((225, 240, 245)), [(-9, hz - unit * 0.02), (cw + 9, hz - unit * 0.02), (cw + 9, hz + 2), (-9, hz + 2)])
        for _ in range(2):
            x, k = rng.uniform(0, cw), unit * rng.uniform(0.42, 0.55)
            fill(far, lit((120, 84, 50)), [(x, hz + 2), (x + k * 0.09, hz + 2), (x + k * 0.2, hz - k), (x + k * 0.13, hz - k)])
            for dx, dy in ((-.45, .08), (-.3, -.2), (.1, -.3), (.42, -.12), (.45, .14)):
                px, py = x + k * 0.16, hz - k
                fill(far, lit((50, 140, 70)), [(px, py), (px + dx * k * 0.5, py + dy * k * 0.5 - k * 0.1), (px + dx * k, py + dy * k), (px + dx * k * 0.5, py + dy * k * 0.5 + k * 0.02)])


def room(far, scene, lit, rng, x0, y0, w, h, cw, hz):
    far[:] = np.array(lit((205, 188, 150)), np.float32)
    u = min(w, h)
    for k in (-1, 0, 1, 2):
        wx = x0 + w * (0.12 + 0.75 * k) + rng.uniform(-2, 2)
        x1, ya, yb = wx + u * 0.42, y0 + h * 0.5 - u * 0.38, y0 + h * 0.5 - u * 0.02
        fill(far, lit((120, 85, 60)), [(wx - 2, ya - 2), (x1 + 2, ya - 2), (x1 + 2, yb + 2), (wx - 2, yb + 2)])
        top, low = SKIES[scene.time]
        mid = (ya + yb) / 2
        fill(far, top, [(wx, ya), (x1, ya), (x1, mid), (wx, mid)])
        fill(far, low, [(wx, mid), (x1, mid), (x1, yb), (wx, yb)])
        fill(far, lit((120, 85, 60)), [((wx + x1) / 2 - 1, ya), ((wx + x1) / 2 + 1, ya), ((wx + x1) / 2 + 1, yb), ((wx + x1) / 2 - 1, yb)])
    fill(far, lit((235, 225, 200)), [(-9, hz - u * 0.05), (cw + 9, hz - u * 0.05), (cw + 9, hz + 2), (-9, hz + 2)])


def decor(near, scene, ground, rng, unit, hz, cw, ch):
    """Large, sparse marks on the ground: enough for the eye to follow a moving camera."""
    s = scene.setting
    dark = tuple(v * 0.86 for v in ground)
    pale = tuple(min(255, v * 1.12 + 6) for v in ground)
    rows = {"city": 1, "room": 4}.get(s, 9)
    if s == "city":
        fill(near, (*tuple(v * 0.75 for v in ground), 255), [(-9, hz + unit * 0.1), (cw + 9, hz + unit * 0.1), (cw + 9, ch + 9), (-9, ch + 9)])
        for i in range(-1, 12):
            x = i * unit * 0.42
            fill(near, (*mix(ground, (250, 250, 240), 0.6), 255), [(x, hz + unit * 0.22), (x + unit * 0.2, hz + unit * 0.22), (x + unit * 0.2, hz + unit * 0.25), (x, hz + unit * 0.25)])
    elif s == "room":
        for i in range(rows):
            y = hz + (ch - hz) * (i + 0.7) / rows
            fill(near, (*dark, 255), [(-9, y), (cw + 9, y), (cw + 9, y + 1), (-9, y + 1)])
    else:
        for _ in range(int(rows * 1.6)):
            x, y = rng.uniform(0, cw), hz + rng.uniform(unit * 0.05, (ch - hz) * 0.9)
            k = unit * rng.uniform(0.03, 0.06)
            tone = (*(dark if rng.random() < 0.6 else pale), 255)
            if s in ("meadow", "forest"):
                fill(near, tone, [(x - k, y), (x - k * 0.5, y - k * 1.6), (x, y), (x + k * 0.5, y - k * 1.9), (x + k, y)])
            else:
                disc(near, tone, x, y, k * (2.6 if s in ("ocean", "desert", "snowfield") else 1.3), k * 0.45)
