"""Draws Kinora's mark and every file made from it: a reel of picture leaves, one of them lit.

A Kinora was a home viewer of the 1900s: a wheel of photographs, thumbed past a lens. The mark is that wheel
from the side, with the leaf under the lens bright. This script uses only Python's own library, so the
icons can be drawn again on any machine: `python3 icons/draw.py`. It never reads anything but itself.
"""

import math
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).parent
LEAVES = 20
INK, PANE, LEAF, QUIET, ACCENT = (0x0E, 0x10, 0x14), (0x22, 0x28, 0x33), (0x9B, 0xA4, 0xB4), (0x4A, 0x54, 0x66), (0x6A, 0xA3, 0xFF)

# Everything is drawn in a square of 512 units, as a list of shapes: (kind, numbers, colour, opacity).
CENTRE, HUB, INNER, OUTER = (256.0, 292.0), 34.0, 58.0, 150.0


def shapes():
    yield "box", (256, 256, 232, 232, 104, 0.0), PANE, INK
    for leaf in range(1, LEAVES):
        angle = 2 * math.pi * leaf / LEAVES
        middle = (INNER + OUTER) / 2
        x, y = CENTRE[0] + middle * math.sin(angle), CENTRE[1] - middle * math.cos(angle)
        # Leaves far from the lens fade into the dark.
        nearness = (1 + math.cos(angle)) / 2
        colour = tuple(round(q + (b - q) * nearness ** 1.5) for q, b in zip(QUIET, LEAF))
        yield "box", (x, y, 7, (OUTER - INNER) / 2, 7, angle), colour, colour
    yield "box", (CENTRE[0], CENTRE[1], HUB, HUB, HUB, 0.0), LEAF, LEAF
    yield "box", (CENTRE[0], CENTRE[1], 13, 13, 13, 0.0), INK, INK
    # The leaf under the lens: a lit picture, 16:9.
    yield "box", (256, 150, 120, 67.5, 20, 0.0), INK, INK
    yield "box", (256, 150, 106, 57, 14, 0.0), ACCENT, (0x4C, 0x86, 0xE6)


def coverage(x, y, box):
    """How far inside the rounded box a point lies, in units; negative is outside."""
    cx, cy, half_width, half_height, radius, angle = box
    dx, dy = x - cx, y - cy
    sine, cosine = math.sin(angle), math.cos(angle)
    dx, dy = dx * cosine + dy * sine, -dx * sine + dy * cosine
    radius = min(radius, half_width, half_height)
    qx, qy = abs(dx) - (half_width - radius), abs(dy) - (half_height - radius)
    return radius - math.hypot(max(qx, 0), max(qy, 0)) - min(max(qx, qy), 0)


def draw(size):
    """The mark as rows of RGBA bytes."""
    unit, rows = 512 / size, []
    drawn = list(shapes())
    for row in range(size):
        line = bytearray([0])
        y = (row + 0.5) * unit
        for column in range(size):
            x = (column + 0.5) * unit
            red = green = blue = alpha = 0.0
            for _, box, top, bottom in drawn:
                # The edge is one pixel wide: that is all the smoothing a mark of straight shapes needs.
                cover = min(max(coverage(x, y, box) / unit + 0.5, 0.0), 1.0)
                if cover == 0.0:
                    continue
                down = min(max((y - box[1] + box[3]) / (2 * box[3]), 0.0), 1.0)
                colour = [t + (b - t) * down for t, b in zip(top, bottom)]
                out = cover + alpha * (1 - cover)
                red, green, blue = ((c * cover + o * alpha * (1 - cover)) / out for c, o in zip(colour, (red, green, blue)))
                alpha = out
            line += bytes((round(red), round(green), round(blue), round(alpha * 255)))
        rows.append(bytes(line))
    return rows


def png(size):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(draw(size)), 9)) + chunk(b"IEND", b"")


def ico(pictures):
    place, directory, bodies = 6 + 16 * len(pictures), b"", b""
    for size, body in pictures.items():
        directory += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(body), place + len(bodies))
        bodies += body
    return struct.pack("<HHH", 0, 1, len(pictures)) + directory + bodies


def icns(pictures):
    kinds = {32: b"ic11", 128: b"ic07", 256: b"ic08", 512: b"ic09"}
    body = b"".join(kind + struct.pack(">I", 8 + len(pictures[size])) + pictures[size] for size, kind in kinds.items())
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def svg():
    hex_of = lambda colour: "#%02X%02X%02X" % colour
    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">', "  <title>Kinora</title>"]
    for number, (_, (cx, cy, half_width, half_height, radius, angle), top, bottom) in enumerate(shapes()):
        paint = hex_of(top)
        if top != bottom:
            paint = f"url(#g{number})"
            lines.append(
                f'  <linearGradient id="g{number}" x1="0" y1="0" x2="0" y2="1"><stop stop-color="{hex_of(top)}"/>'
                f'<stop offset="1" stop-color="{hex_of(bottom)}"/></linearGradient>'
            )
        turn = f' transform="rotate({math.degrees(angle):.1f} {cx:.1f} {cy:.1f})"' if angle else ""
        lines.append(
            f'  <rect x="{cx - half_width:.1f}" y="{cy - half_height:.1f}" width="{2 * half_width:g}" '
            f'height="{2 * half_height:g}" rx="{min(radius, half_width, half_height):g}" fill="{paint}"{turn}/>'
        )
    return "\n".join(lines + ["</svg>", ""])


def main():
    pictures = {size: png(size) for size in (16, 32, 48, 128, 256, 512)}
    (HERE / "icon.svg").write_text(svg())
    (HERE / "32x32.png").write_bytes(pictures[32])
    (HERE / "128x128.png").write_bytes(pictures[128])
    (HERE / "128x128@2x.png").write_bytes(pictures[256])
    (HERE / "icon.png").write_bytes(pictures[512])
    (HERE / "icon.ico").write_bytes(ico({size: pictures[size] for size in (16, 32, 48, 256)}))
    (HERE / "icon.icns").write_bytes(icns(pictures))


if __name__ == "__main__":
    main()
