"""Promises of the world and the words: python -m unittest test_world
They are cheap and exact; what must be measured lives in probes.py. No test here may need weights or a GPU.
"""
import random
import unittest

import numpy as np

import export
from feed import mirrored
from world import captions
from world.concepts import draw_scene, held_out
from world.film import CURVES, render


class Promises(unittest.TestCase):
    def test_held_out_combinations_are_never_drawn_for_training(self):
        rng = random.Random(1)
        for _ in range(4000):
            scene = draw_scene(rng)
            self.assertFalse(held_out(scene.subject, scene.setting, scene.colour))
            self.assertFalse(scene.second and held_out(scene.second, scene.setting, scene.second_colour))

    def test_every_word_of_a_caption_is_in_the_vocabulary_and_fits(self):
        rng, words = random.Random(2), set(captions.vocabulary())
        index = {w: i for i, w in enumerate(captions.vocabulary())}
        for _ in range(4000):
            text = captions.caption(draw_scene(rng), rng)
            self.assertLessEqual(set(captions.split(text)), words, text)
            self.assertLess(len(captions.tokens(text, index, 99)), 32, text)

    def test_a_mirrored_clip_is_told_of_with_left_and_right_exchanged(self):
        rng, moved = random.Random(6), 0
        while moved < 10:
            scene = draw_scene(rng, form="16:9")
            other, frames = mirrored(scene), []
            self.assertEqual(mirrored(other), scene)
            render(scene, boxes=frames)
            if scene.action in ("left", "right") and scene.camera == "static":
                moved += 1
                forward = frames[-1][0] > frames[0][0]
                self.assertEqual((scene.action, other.action), ("right", "left") if forward else ("left", "right"))
            self.assertEqual(scene.camera.startswith("pan"), other.camera != scene.camera)

    def test_the_same_scene_gives_the_same_clip(self):
        scene = draw_scene(random.Random(3))
        (a, x), (b, y) = render(scene), render(scene)
        self.assertTrue(np.array_equal(a, b) and np.array_equal(x, y))

    def test_impact_is_heard_in_the_frame_of_contact(self):
        rng, seen = random.Random(4), 0
        while seen < 20:
            scene = draw_scene(rng)
            if scene.action not in ("bounce", "fall", "jump"):
                continue
            _, curves = render(scene, [0])
            impact = curves[:, CURVES.index("impact")]
            self.assertEqual(impact.max(), 1.0, scene)
            self.assertTrue(((curves >= 0) & (curves <= 1)).all())
            seen += 1

    def test_the_lexicon_is_long_and_leads_only_to_known_words(self):
        words, table = set(captions.vocabulary()), export.lexicon()
        self.assertGreaterEqual(len(table["nearest"]), 1500)
        for word, known in table["nearest"].items():
            self.assertNotIn(word, words)
            self.assertLessEqual(set(known.split()), words)
        self.assertEqual(table["nearest"]["dragon"], "lizard")
        self.assertFalse(set(table["ignore"]) & words)


if __name__ == "__main__":
    unittest.main()
