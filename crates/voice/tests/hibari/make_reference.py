#!/usr/bin/env python3
"""Writes reference.json: what hibari-tts 0.2.1 itself makes of a few sentences, for the tests beside it.

It exists so that the Rust inference is held against the package and not against itself. It must only be run by hand, with
`pip install hibari-tts==0.2.1`; no test starts Python.
"""

import json
import pathlib

import numpy as np
from hibari import Hibari, dsp
from hibari.g2p.oov import OOV
from hibari.tts import ASSETS

SPOKEN = ["Nobody knows where the lamp has gone.", "Is it winter yet?", "Ask the sky, and wait until it answers you."]
READ = (pathlib.Path(__file__).parent / "read.txt").read_text(encoding="utf-8").splitlines()
UNKNOWN = ["Kinora", "Zubrowska", "fleeble", "Quillonby", "Tharn", "snorkelate", "Wexcombe", "glimmerbot"]
# Every so many frames and bins a value is kept: enough to see a wrong axis or scale, small enough to commit.
FRAMES, BINS, SAMPLES = 23, 41, 97
PARTS = ["harmonic", "phase", "noise", "free", "free_phase"]


class Silence:
    """In place of the noise generator: a wave without its random part can be compared sample by sample."""

    def standard_normal(self, shape, dtype):
        return np.zeros(shape, dtype)


def rounded(values, digits=4):
    return [round(float(value), digits) for value in np.asarray(values).ravel()]


def spoken(tts, text):
    phonemes = tts.phonemize(text)[0]
    ids = np.asarray([tts.ids(phonemes)], np.int64)
    made = {"text": text, "phonemes": phonemes}
    outputs = [out[0] for out in tts.sess.run(None, {"ids": ids, "speed": np.ones(1, np.float32)})]
    wave = dsp.synth(*[out.copy() for out in outputs], Silence())
    made["pitch"] = rounded(outputs[5][::5], 3)
    made["frames"] = len(outputs[5])
    for name, part in zip(PARTS, outputs):
        made[name] = {"mean": round(float(part.mean()), 5), "some": rounded(part[::BINS, ::FRAMES])}
    made["wave"] = {"level": round(float(np.sqrt((wave**2).mean())), 6), "some": rounded(wave[::SAMPLES], 5)}
    return made


def main():
    tts = Hibari()
    oov = OOV(str(pathlib.Path(ASSETS) / "oov.onnx"))
    reference = {
        "spoken": [spoken(tts, text) for text in SPOKEN],
        "read": [[text, " ".join(tts.phonemize(text))] for text in READ if text],
        "unknown": [[word, oov(word)] for word in UNKNOWN],
    }
    path = pathlib.Path(__file__).parent / "reference.json"
    path.write_text(json.dumps(reference, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
