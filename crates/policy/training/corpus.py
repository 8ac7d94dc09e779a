"""Writes corpus.tsv, what the classifier is fitted on: a label, a language and a sentence on each line.
The sentences are made of the phrases below, all written for this; none is taken from a person or from the evaluation set.
Run it in this folder: python corpus.py. It uses no chance: the same phrases give the same lines, in the same order."""

import itertools
import re

from phrases_benign import BENIGN
from phrases_harmful import HARMFUL

CHOICE = re.compile(r"\{([^{}]*)\}")
# Enough of each template to learn its words, few enough that no template drowns the others.
MOST_HARMFUL = 10
MOST_BENIGN = 8


def filled(template, most):
    parts = CHOICE.split(template)
    choices = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    every = ["".join(pick) for pick in itertools.product(*choices)]
    # An odd stride walks through all slots at once, where the first lines would vary the last slot only.
    stride = next(step for step in itertools.count(max(1, len(every) * 5 // 8) | 1) if gcd(step, len(every)) == 1)
    return [every[at * stride % len(every)] for at in range(min(most, len(every)))]


def gcd(one, other):
    return one if other == 0 else gcd(other, one % other)


def rows():
    for label, languages in HARMFUL.items():
        for language, templates in languages.items():
            for template in templates.strip().splitlines():
                for text in filled(template.strip(), MOST_HARMFUL):
                    yield label, language, text
    for language, templates in BENIGN.items():
        for template in templates.strip().splitlines():
            for text in filled(template.strip(), MOST_BENIGN):
                yield "benign", language, text


with open("corpus.tsv", "w", encoding="utf-8") as out:
    for row in dict.fromkeys(rows()):
        out.write("\t".join(row) + "\n")
