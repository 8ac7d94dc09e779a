"""Cut-out subjects as flat polygons, drawn by our own code from a few numbers each.
Unit space: feet at y = 0, head at y = 1, x = 0 in the middle, facing right. Each returns [(rgb, points)] from back to front.
`p` is the phase of a walk, a flap or a wheel, in turns. Nothing here may depend on a scene beyond colour and phase.
"""
import math

import numpy as np

INK, PALE, SKIN, GLASS, STEEL = (30, 30, 38), (245, 245, 240), (236, 188, 150), (190, 225, 245), (150, 155, 165)
TAU = 2 * math.pi


def shade(c, k):
    return tuple(min(255, max(0, int(v * k + (30 if k > 1 else 0)))) for v in c)


def oval(cx, cy, rx, ry, turn=0.0, n=18):
    a = np.linspace(0, TAU, n, endpoint=False)
    x, y = rx * np.cos(a), ry * np.sin(a)
    c, s = math.cos(turn), math.sin(turn)
    return np.stack([cx + x * c - y * s, cy + x * s + y * c], 1)


def rect(x0, y0, x1, y1):
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float)


def poly(*pts):
    return np.array(pts, float)


def limb(x0, y0, x1, y1, w):
    dx, dy = x1 - x0, y1 - y0
    k = w / 2 / max(1e-6, math.hypot(dx, dy))
    nx, ny = -dy * k, dx * k
    return np.array([(x0 + nx, y0 + ny), (x1 + nx, y1 + ny), (x1 - nx, y1 - ny), (x0 - nx, y0 - ny)])


def wheel(cx, r, p):
    parts = [(INK, oval(cx, r, r, r)), (STEEL, oval(cx, r, r * 0.5, r * 0.5, n=12))]
    a = -p * TAU
    return parts + [(INK, limb(cx - r * 0.5 * math.cos(a), r - r * 0.5 * math.sin(a), cx + r * 0.5 * math.cos(a), r + r * 0.5 * math.sin(a), 0.03))]


def legs(c, xs, top, w, p, swing):
    return [(c, limb(x, top, x + swing * math.sin(TAU * (p + i * 0.5 + (0.25 if i > 1 else 0))), max(0.0, 0.05 * math.cos(TAU * (p + i * 0.5))), w))
            for i, x in enumerate(xs)]


def ball(c, p):
    return [(c, oval(0, 0.5, 0.5, 0.5, n=28)), (PALE if c[1] < 200 else shade(c, 0.6), rect(-0.49, 0.43, 0.49, 0.57)), (shade(c, 1.25), oval(-0.17, 0.74, 0.12, 0.08, 0.5))]


def box(c, p):
    d = shade(c, 0.62)
    return [(d, rect(-0.5, 0, 0.5, 1)), (c, rect(-0.4, 0.1, 0.4, 0.9)), (d, limb(-0.42, 0.1, 0.42, 0.9, 0.12)), (d, limb(-0.42, 0.9, 0.42, 0.1, 0.12))]


def star(c, p):
    a = [math.pi / 2 + i * TAU / 10 for i in range(10)]
    outer = np.array([((0.55 if i % 2 == 0 else 0.24) * math.cos(t), 0.48 + (0.55 if i % 2 == 0 else 0.24) * math.sin(t)) for i, t in enumerate(a)])
    return [(c, outer), (shade(c, 1.2), (outer - [0, 0.48]) * 0.55 + [0, 0.48])]


def balloon(c, p):
    return [(INK, limb(0, 0, 0.02, 0.34, 0.025)), (shade(c, 0.7), poly((-0.06, 0.28), (0.06, 0.28), (0, 0.38))), (c, oval(0, 0.66, 0.31, 0.35, n=26)),
            (shade(c, 1.25), oval(-0.11, 0.8, 0.07, 0.1, -0.4))]


def car(c, p):
    return [(shade(c, 0.8), poly((-0.42, 0.5), (-0.28, 0.86), (0.2, 0.86), (0.42, 0.5))), (GLASS, poly((-0.32, 0.52), (-0.23, 0.78), (-0.05, 0.78), (-0.05, 0.52))),
            (GLASS, poly((0.02, 0.52), (0.02, 0.78), (0.16, 0.78), (0.32, 0.52))), (c, poly((-0.8, 0.2), (-0.8, 0.48), (-0.7, 0.55), (0.6, 0.55), (0.8, 0.44), (0.82, 0.2))),
            ((255, 240, 170), oval(0.76, 0.38, 0.06, 0.07, n=10)), *wheel(-0.45, 0.2, p), *wheel(0.47, 0.2, p)]


def boat(c, p):
    return [(shade(INK, 1.6), rect(-0.03, 0.3, 0.03, 1.0)), (PALE, poly((0.06, 0.36), (0.06, 0.98), (0.58, 0.36))), (PALE, poly((-0.06, 0.36), (-0.06, 0.86), (-0.42, 0.36))),
            (c, poly((-0.72, 0.3), (0.78, 0.3), (0.52, 0.0), (-0.5, 0.0))), (shade(c, 0.65), poly((-0.72, 0.3), (0.78, 0.3), (0.75, 0.24), (-0.7, 0.24)))]


def train(c, p):
    d = shade(c, 0.65)
    return [(d, rect(-0.86, 0.2, -0.24, 0.95)), (d, rect(-0.9, 0.9, -0.2, 1.0)), (GLASS, rect(-0.7, 0.58, -0.4, 0.84)), (c, rect(-0.26, 0.24, 0.7, 0.68)),
            (c, oval(0.7, 0.46, 0.14, 0.22)), (INK, poly((0.36, 0.66), (0.56, 0.66), (0.62, 0.98), (0.3, 0.98))), ((250, 215, 90), oval(0.02, 0.7, 0.11, 0.1, n=12)),
            (INK, rect(-0.9, 0.16, 0.8, 0.26)), (INK, poly((0.8, 0.3), (1.0, 0.02), (0.74, 0.02))), *wheel(-0.62, 0.17, p), *wheel(-0.1, 0.17, p), *wheel(0.36, 0.17, p)]


def rocket(c, p):
    flame = 0.12 + 0.05 * math.sin(TAU * p)
    return [((255, 170, 40), poly((-0.12, 0.14), (0.12, 0.14), (0, 0.12 - flame * 1.6))), (shade(c, 0.7), poly((-0.18, 0.48), (-0.38, 0.06), (-0.14, 0.16))),
            (shade(c, 0.7), poly((0.18, 0.48), (0.38, 0.06), (0.14, 0.16))), (PALE, poly((-0.2, 0.14), (-0.2, 0.66), (0.2, 0.66), (0.2, 0.14))), (c, rect(-0.2, 0.14, 0.2, 0.38)),
            (c, poly((-0.2, 0.66), (-0.13, 0.84), (0, 1.0), (0.13, 0.84), (0.2, 0.66))), ((60, 90, 140), oval(0, 0.54, 0.09, 0.09))]


def bird(c, p):
    w = math.sin(TAU * p)
    return [(shade(c, 0.75), poly((-0.38, 0.5), (-0.72, 0.64), (-0.7, 0.38))), (c, oval(0, 0.48, 0.44, 0.26)), (c, oval(0.38, 0.66, 0.2, 0.2)),
            ((250, 170, 40), poly((0.55, 0.72), (0.8, 0.62), (0.55, 0.56))), (shade(c, 0.6), poly((-0.22, 0.54), (0.2, 0.54), (-0.12, 0.54 + 0.48 * w), (-0.32, 0.54 + 0.4 * w))),
            (PALE, oval(0.43, 0.7, 0.065, 0.065, n=10)), (INK, oval(0.45, 0.7, 0.035, 0.035, n=8))]


def fish(c, p):
    w = 0.12 * math.sin(TAU * p)
    return [(shade(c, 0.7), poly((-0.35, 0.45), (-0.75, 0.78 + w), (-0.66, 0.45 + w), (-0.75, 0.12 + w))), (shade(c, 0.7), poly((-0.2, 0.68), (0.05, 0.98), (0.22, 0.68))),
            (c, oval(0.05, 0.45, 0.55, 0.32, n=24)), (shade(c, 1.2), poly((-0.02, 0.45), (-0.24, 0.58), (-0.24, 0.32))), (PALE, oval(0.36, 0.54, 0.09, 0.09, n=12)), (INK, oval(0.38, 0.54, 0.045, 0.045, n=8))]


def cat(c, p):
    d = shade(c, 0.7)
    t = 0.08 * math.sin(TAU * p * 0.5)
    return [(d, poly((-0.44, 0.42), (-0.62 + t, 0.92), (-0.5 + t, 0.95), (-0.34, 0.5))), *legs(d, (-0.34, 0.22, -0.24, 0.32), 0.34, 0.12, p, 0.14), (c, oval(-0.06, 0.4, 0.42, 0.2)),
            (c, poly((0.2, 0.78), (0.22, 1.02), (0.38, 0.86))), (c, poly((0.42, 0.86), (0.6, 1.02), (0.62, 0.76))), (c, oval(0.41, 0.68, 0.23, 0.2)),
            ((120, 220, 90), oval(0.34, 0.72, 0.05, 0.05, n=8)), ((120, 220, 90), oval(0.51, 0.72, 0.05, 0.05, n=8)), ((245, 150, 160), oval(0.43, 0.62, 0.045, 0.03, n=8))]


def dog(c, p):
    d = shade(c, 0.62)
    t = 0.12 * math.sin(TAU * p * 2)
    return [(c, limb(-0.42, 0.56, -0.66, 0.76 + t, 0.09)), *legs(d, (-0.36, 0.24, -0.24, 0.34), 0.38, 0.14, p, 0.16), (c, rect(-0.46, 0.34, 0.4, 0.66)), (c, oval(-0.44, 0.5, 0.1, 0.16)),
            (c, oval(0.44, 0.78, 0.2, 0.2)), (c, rect(0.5, 0.64, 0.82, 0.8)), (INK, oval(0.81, 0.78, 0.06, 0.06, n=10)), (d, poly((0.24, 0.94), (0.4, 0.94), (0.36, 0.52), (0.2, 0.56))),
            (INK, oval(0.52, 0.86, 0.04, 0.04, n=8)), ((200, 40, 40), rect(0.26, 0.56, 0.46, 0.63))]


def horse(c, p):
    d = shade(c, 0.62)
    m = shade(c, 0.4) if sum(c) > 160 else (95, 90, 90)
    return [(m, poly((-0.42, 0.66), (-0.64, 0.58), (-0.6, 0.24), (-0.5, 0.3))), *legs(d, (-0.36, 0.24, -0.28, 0.32), 0.46, 0.1, p, 0.18), (c, oval(-0.04, 0.54, 0.43, 0.17)),
            (c, poly((0.16, 0.56), (0.38, 0.98), (0.56, 0.92), (0.4, 0.46))), (m, poly((0.1, 0.62), (0.32, 1.0), (0.42, 0.98), (0.22, 0.6))), (c, poly((0.36, 0.98), (0.52, 1.0), (0.78, 0.78), (0.68, 0.7), (0.46, 0.82))),
            (INK, oval(0.54, 0.9, 0.03, 0.03, n=8))]


def person(c, p, top, dress, hair, build):
    s = 0.14 * math.sin(TAU * p)
    parts = []
    hip = 0.44
    leg = (60, 62, 84) if not dress else SKIN
    parts += [(leg, limb(-0.06, hip, -0.07 - s, 0.02, 0.11)), (leg, limb(0.06, hip, 0.07 + s, 0.02, 0.11)), (INK, rect(-0.14 - s, 0, 0.0 - s, 0.05)), (INK, rect(0.0 + s, 0, 0.16 + s, 0.05))]
    parts += [(shade(c, 0.75), limb(-0.12 * build, 0.72, -0.22 * build + s, 0.42, 0.09))]
    if dress:
        parts += [(hair, poly((-0.17, 0.62), (-0.16, 0.92), (0.16, 0.92), (0.15, 0.62))), (c, poly((-0.11, 0.76), (0.11, 0.76), (0.3, 0.24), (-0.3, 0.24)))]
    else:
        parts += [(c, poly((-0.2 * build, 0.76), (0.2 * build, 0.76), (0.15 * build, 0.4), (-0.15 * build, 0.4)))]
    parts += [(shade(c, 0.75), limb(0.12 * build, 0.72, 0.22 * build - s, 0.42, 0.09)), (SKIN, oval(0, 0.87, 0.115, 0.125))]
    parts += [(hair, poly((-0.125, 0.86), (-0.12, 0.98), (0, 1.03), (0.12, 0.98), (0.125, 0.92), (-0.03, 0.93)))]
    return parts + [(INK, oval(0.06, 0.87, 0.02, 0.025, n=6))]


def woman(c, p):
    return person(c, p, 0.76, True, (110, 55, 25), 0.8)


def man(c, p):
    parts = person(c, p, 0.76, False, (45, 35, 30), 1.25)
    return parts + [(INK, rect(-0.2, 0.95, 0.2, 0.985)), (INK, rect(-0.11, 0.97, 0.11, 1.1))]


def child(c, p):
    s = 0.1 * math.sin(TAU * p)
    return [((60, 62, 84), limb(-0.08, 0.28, -0.09 - s, 0.02, 0.13)), ((60, 62, 84), limb(0.08, 0.28, 0.09 + s, 0.02, 0.13)), (shade(c, 0.75), limb(-0.14, 0.5, -0.34, 0.6 + s, 0.1)),
            (shade(c, 0.75), limb(0.14, 0.5, 0.34, 0.6 - s, 0.1)), (c, poly((-0.2, 0.54), (0.2, 0.54), (0.18, 0.22), (-0.18, 0.22))), (SKIN, oval(0, 0.74, 0.25, 0.24)),
            (c, poly((-0.26, 0.8), (-0.18, 0.96), (0, 1.02), (0.18, 0.96), (0.26, 0.8))), (c, rect(0.1, 0.78, 0.42, 0.84)), (INK, oval(0.08, 0.72, 0.035, 0.04, n=8)), (INK, oval(-0.1, 0.72, 0.035, 0.04, n=8))]


def robot(c, p):
    s = 0.08 * math.sin(TAU * p)
    d = shade(c, 0.6)
    return [(STEEL, rect(-0.2 - s, 0, -0.06 - s, 0.3)), (STEEL, rect(0.06 + s, 0, 0.2 + s, 0.3)), (STEEL, limb(-0.3, 0.6, -0.42, 0.26 + s, 0.1)), (STEEL, limb(0.3, 0.6, 0.42, 0.26 - s, 0.1)),
            (c, rect(-0.3, 0.26, 0.3, 0.66)), (d, rect(-0.18, 0.36, 0.18, 0.56)), (c, rect(-0.22, 0.68, 0.22, 0.95)), ((110, 250, 250), rect(-0.15, 0.78, -0.03, 0.88)), ((110, 250, 250), rect(0.05, 0.78, 0.17, 0.88)),
            (INK, rect(-0.02, 0.95, 0.02, 1.06)), ((255, 80, 60), oval(0, 1.07, 0.05, 0.05, n=10))]


def house(c, p):
    return [(c, rect(-0.5, 0, 0.5, 0.58)), (shade(c, 0.5), rect(0.2, 0.7, 0.34, 1.0)), ((140, 62, 48) if c[0] < 200 or c[1] > 100 else (80, 80, 95), poly((-0.62, 0.56), (0, 1.0), (0.62, 0.56))),
            ((90, 55, 35), rect(-0.1, 0, 0.12, 0.36)), (GLASS, rect(-0.4, 0.24, -0.2, 0.44)), (GLASS, rect(0.22, 0.24, 0.42, 0.44))]


def tree(c, p):
    return [((100, 65, 38), poly((-0.1, 0), (0.1, 0), (0.06, 0.5), (-0.06, 0.5))), (shade(c, 0.75), oval(-0.2, 0.58, 0.25, 0.22)), (shade(c, 0.75), oval(0.22, 0.56, 0.24, 0.21)), (c, oval(0, 0.74, 0.3, 0.28, n=22)),
            (shade(c, 1.15), oval(-0.08, 0.82, 0.12, 0.1))]


def lizard(c, p):
    w = 0.08 * math.sin(TAU * p)
    return [(c, poly((-0.34, 0.5), (-0.34, 0.2), (-1.0, 0.08 + w), (-0.95, 0.16 + w))), *legs(shade(c, 0.7), (-0.28, 0.26, -0.16, 0.38), 0.22, 0.1, p, 0.12), (c, oval(0, 0.34, 0.44, 0.19)),
            *[(shade(c, 0.6), poly((x - 0.09, 0.48), (x, 0.7), (x + 0.09, 0.48))) for x in (-0.26, -0.06, 0.14)], (c, poly((0.3, 0.28), (0.34, 0.58), (0.6, 0.64), (0.88, 0.44), (0.84, 0.32))),
            (PALE, oval(0.58, 0.54, 0.06, 0.06, n=10)), (INK, oval(0.6, 0.54, 0.03, 0.03, n=8))]


DRAW = {f.__name__: f for f in (ball, box, star, balloon, car, boat, train, rocket, bird, fish, cat, dog, horse, woman, man, child, robot, house, tree, lizard)}
# Height of each subject against the shot's subject height, and its half width in own heights.
BUILD = {"ball": (0.72, 0.5), "box": (0.72, 0.5), "star": (0.85, 0.5), "balloon": (1.1, 0.32), "car": (0.68, 0.82), "boat": (0.95, 0.75), "train": (0.7, 0.95), "rocket": (1.15, 0.38), "bird": (0.72, 0.75),
         "fish": (0.68, 0.72), "cat": (0.85, 0.62), "dog": (0.82, 0.75), "horse": (1.0, 0.72), "woman": (1.12, 0.3), "man": (1.12, 0.3), "child": (0.92, 0.36), "robot": (1.05, 0.42), "house": (1.1, 0.6), "tree": (1.2, 0.46), "lizard": (0.7, 0.95)}
