"""Writes prompts.jsonl from the templates beside it: choices filled in, and each harmful template disguised as well.
The disguises are written here on their own, from what people do, and never from the tables of the engine.
Run it in this folder: python expand.py. It uses no chance: the same files give the same lines."""

import itertools
import json
import re
import zlib

CHOICE = re.compile(r"\{([^{}]*)\}")
MOST_OF_A_TEMPLATE = 4
CYRILLIC = str.maketrans({"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "i": "і", "s": "ѕ", "y": "у"})
LEET = str.maketrans({"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"})
SIGNS = str.maketrans({"a": "@", "s": "$", "i": "!", "o": "0", "e": "3"})


def fullwidth(word):
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in word)


def mathematical(word):
    return "".join(chr(0x1D41A + ord(letter) - 97) if "a" <= letter <= "z" else letter for letter in word.lower())


def circled(word):
    return "".join(chr(0x24D0 + ord(letter) - 97) if "a" <= letter <= "z" else letter for letter in word.lower())


def masked(word):
    middle = len(word) // 2
    return word[:middle] + "*" + word[middle + 1 :]


def drawn_out(word):
    at = next((at for at, letter in enumerate(word) if letter in "aeiou"), 0)
    return word[:at] + word[at] * 4 + word[at + 1 :]


DISGUISES = {
    "cyrillic": lambda word: word.translate(CYRILLIC),
    "digits": lambda word: word.translate(LEET),
    "signs": lambda word: word[0] + word[1:].translate(SIGNS),
    "spaced": lambda word: " ".join(word),
    "dotted": lambda word: ".".join(word),
    "zero_width": lambda word: "\u200b".join(word),
    "fullwidth": fullwidth,
    "mathematical": mathematical,
    "circled": circled,
    "masked": masked,
    "drawn_out": drawn_out,
    "split": lambda word: word[: len(word) // 2] + "-" + word[len(word) // 2 :],
    "struck": lambda word: "".join(letter + "\u0336" for letter in word),
    "capitals": lambda word: "".join(l.upper() if at % 2 else l for at, l in enumerate(word)),
}


def filled(template):
    """Every choice, or, where there are many, those that show each alternative once."""
    parts = CHOICE.split(template)
    choices = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    every = ["".join(pick) for pick in itertools.product(*choices)]
    step = max(1, len(every) // MOST_OF_A_TEMPLATE)
    return every[::step][:MOST_OF_A_TEMPLATE]


def part_of(template):
    """Half of the templates are sealed: what was missed in them was never looked at while rules were corrected."""
    return "sealed" if zlib.crc32(template.encode()) % 2 else "seen"


def strangers(part):
    """Prompts of somebody who knew neither rules nor corpus; what tries to evade begins with ~."""
    for row in lines(f"{part}.txt", True, lambda template: part):
        heading = row["expect"]
        evades, text = row["text"].startswith("~"), row["text"].removeprefix("~")
        row["kind"] = heading if heading in ("benign", "tricky") else "evading" if evades else "plain"
        row["expect"] = None if heading in ("benign", "tricky") else heading
        yield {**row, "text": text}


def lines(path, harmful, part=part_of):
    names = list(DISGUISES)
    count = 0
    for line in open(path, encoding="utf-8").read().splitlines():
        if line.startswith("@"):
            _, heading, language = line.split()
            continue
        if not line or line.startswith("#"):
            continue
        count += 1
        base = {"template": f"{path[:-4]}-{heading}-{language}-{count}", "part": part(line), "language": language}
        base["expect"] = heading if harmful else None
        fills = filled(line)
        for fill in fills:
            yield {**base, "kind": "plain" if harmful else heading, "text": fill.replace("^", "")}
        if harmful and "^" in line:
            for turn in range(2):
                name = names[(count * 2 + turn) % len(names)]
                hide = lambda found: DISGUISES[name](found.group(1))
                text = re.sub(r"\^([\w’]+)", hide, fills[turn % len(fills)])
                yield {**base, "kind": name, "text": text.replace("^", "")}


with open("prompts.jsonl", "w", encoding="utf-8") as out:
    later = lines("benign-later.txt", False, lambda template: "seen")
    fresh = lines("fresh.txt", True, lambda template: "fresh")
    blind = itertools.chain(
        lines("blind.txt", True, lambda template: "blind"), lines("blind-benign.txt", False, lambda template: "blind")
    )
    own = itertools.chain(lines("harmful.txt", True), lines("benign.txt", False), later, fresh, blind)
    for row in itertools.chain(own, strangers("independent"), strangers("second"), strangers("third"), strangers("fourth"), strangers("fifth"), strangers("sixth")):
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
