#!/usr/bin/env python3
"""Draws held-out scenes of the draft model's world as pictures, for what the check of pictures wrongly has against them.

`PYTHONPATH=models/draft/training python crates/engine/examples/world_frames.py FOLDER [SCENES]`, with the Python that trains; two pictures a
scene. The same scenes each time. It reads no weights."""

import random
import sys
from pathlib import Path

from PIL import Image
from world.concepts import draw_scene
from world.film import render

SEED = 2026
FRAMES = [0, 24]


def main():
    folder, scenes = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 250
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(SEED)
    for scene in range(scenes):
        pictures, _ = render(draw_scene(chance, held=True), frames=FRAMES)
        for number, picture in zip(FRAMES, pictures):
            Image.fromarray(picture).save(folder / f"{scene:03}-{number:02}.png")


if __name__ == "__main__":
    main()
