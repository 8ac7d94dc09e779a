"""Writes corpus.tsv, what the classifier is fitted on: a label, a language, a template's number and a sentence on each line.
The sentences are made of the phrases beside it, all written for this; none is taken from a person or from the evaluation set.
Run it in this folder: python corpus.py. It uses no chance: the same phrases give the same lines, in the same order."""

import itertools
import re

import phrases_wide
from phrases_benign import BENIGN
from phrases_harmful import HARMFUL

CHOICE = re.compile(r"\{([^{}]*)\}")
FAMILY = re.compile(r"<(\w+)>")
# Enough of each template to learn its words, few enough that no template drowns the others. Wide ones have whole families in their slots.
MOST_HARMFUL = 10
MOST_BENIGN = 8
MOST_WIDE = 36
MOST_WIDE_BENIGN = 40


def filled(template, most, families):
    template = FAMILY.sub(lambda family: "{" + families[family[1]] + "}", template)
    parts = CHOICE.split(template)
    choices = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count <= 50_000:
        every = ["".join(pick) for pick in itertools.product(*choices)]
        # An odd stride walks through all slots at once, where the first lines would vary the last slot only.
        stride = next(step for step in itertools.count(max(1, count * 5 // 8) | 1) if gcd(step, count) == 1)
        return [every[at * stride % count] for at in range(min(most, count))]
    # Too many to list: each slot walks through its family at a pace of its own.
    return ["".join(c[(n * (2 * at + 1) + at) % len(c)] for at, c in enumerate(choices)) for n in range(most)]


def gcd(one, other):
    return one if other == 0 else gcd(other, one % other)


def all_templates():
    for source, most in ((HARMFUL, MOST_HARMFUL), (phrases_wide.HARMFUL, MOST_WIDE)):
        for label, languages in source.items():
            for language, templates in languages.items():
                for template in templates.strip().splitlines():
                    yield label, language, template.strip(), most
    for source, most in ((BENIGN, MOST_BENIGN), (phrases_wide.BENIGN, MOST_WIDE_BENIGN)):
        for language, templates in source.items():
            for template in templates.strip().splitlines():
                yield "benign", language, template.strip(), most


def rows():
    for number, (label, language, template, most) in enumerate(all_templates()):
        for text in filled(template, most, phrases_wide.FAMILIES[language]):
            text = text[:1].upper() + text[1:]
            yield label, language, str(number), text


seen = set()
with open("corpus.tsv", "w", encoding="utf-8") as out:
    for row in rows():
        if row[0] + row[3] not in seen:
            seen.add(row[0] + row[3])
            out.write("\t".join(row) + "\n")
