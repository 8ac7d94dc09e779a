"""Shows signed films to a reader that is not ours, and flips bytes of them: what does it say, and what does it miss?
The reader is the command-line tool of the standard's own people where C2PATOOL names it (`cargo install c2patool`), and otherwise their
library (`pip install c2pa-python`). Run it as `python independent.py FILM.mp4 …`; with KINORA set to the binary, `kinora verify` is
asked about the very same flips. It must never change the films that it is given: flips are made in copies."""

import io
import json
import os
import random
import subprocess
import sys
import tempfile

FLIPS = 50
SEED = 20261126
CHANGED = 4


TOOL = os.environ.get("C2PATOOL")
if not TOOL:
    import c2pa


def who():
    if TOOL:
        return subprocess.run([TOOL, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"library {c2pa.sdk_version()}"


def read(data):
    """What the reader tells of a film, as JSON; an error where it tells nothing."""
    if not TOOL:
        return c2pa.Reader("video/mp4", io.BytesIO(data)).json()
    with tempfile.NamedTemporaryFile(suffix=".mp4") as copy:
        copy.write(data)
        copy.flush()
        told = subprocess.run([TOOL, copy.name], capture_output=True, text=True)
    if told.returncode != 0:
        raise ValueError(told.stderr.strip())
    return told.stdout


def look(data):
    """The reader's verdict, what it found wrong, and how the film says that it was made."""
    try:
        store = json.loads(read(data))
    except Exception as error:  # both readers have one error for everything that they refuse
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
    print(f"{who()}, {FLIPS} flips a film, seed {SEED}")
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
        print("  not noticed by the reader:", missed, "; by kinora verify:", missed_here if binary else "not asked")


main()
