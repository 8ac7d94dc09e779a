"""Shows signed films to the standard's own library, built by others, and flips bytes of them: what does it say, and what does it miss?
Needs `pip install c2pa-python`. Run it as `python independent.py FILM.mp4 …`; with KINORA set to the binary, `kinora verify` is asked
about the very same flips. It must never change the films that it is given: flips are made in copies."""

import io
import json
import os
import random
import subprocess
import sys
import tempfile

import c2pa

FLIPS = 50
SEED = 20261126
CHANGED = 4


def look(data):
    """The library's verdict, what it found wrong, and how the film says that it was made."""
    try:
        store = json.loads(c2pa.Reader("video/mp4", io.BytesIO(data)).json())
    except Exception as error:  # the library has one error for everything that it refuses
        return "Refused", [str(error)[:60]], []
    manifest = store["manifests"][store["active_manifest"]]
    actions = [one for one in manifest["assertions"] if one["label"].startswith("c2pa.actions")]
    created = [a for one in actions for a in one["data"]["actions"] if a["action"] == "c2pa.created"]
    sources = [action.get("digitalSourceType", "").rsplit("/", 1)[-1] for action in created]
    return store["validation_state"], [one["code"] for one in store.get("validation_status", [])], sources


def kinora_notices(binary, data):
    with tempfile.NamedTemporaryFile(suffix=".mp4") as copy:
        copy.write(data)
        copy.flush()
        return subprocess.run([binary, "verify", copy.name], capture_output=True).returncode == CHANGED


def main():
    print(f"library {c2pa.sdk_version()}, {FLIPS} flips a film, seed {SEED}")
    chance, binary = random.Random(SEED), os.environ.get("KINORA")
    for name in sys.argv[1:]:
        with open(name, "rb") as file:
            film = file.read()
        print(name, len(film), "bytes:", *look(film))
        missed, missed_here = [], []
        for _ in range(FLIPS):
            at = chance.randrange(len(film))
            flipped = bytearray(film)
            flipped[at] ^= 1 << chance.randrange(8)
            if look(bytes(flipped))[0] in ("Valid", "Trusted"):
                missed.append(at)
            if binary and not kinora_notices(binary, bytes(flipped)):
                missed_here.append(at)
        print("  not noticed by the library:", missed, "; by kinora verify:", missed_here if binary else "not asked")


main()
