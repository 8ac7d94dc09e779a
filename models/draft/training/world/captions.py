"""Captions with paraphrases: sentences like a screenplay's action lines, and the form the studio composes from headings.
Every word that can be drawn here, and no other, makes the vocabulary (words.json).
A caption may leave out plain facts (day, clear, static) but must never state a false one.
"""
import itertools
import random
import re

SUBJECT_WORDS = {"ball": ["ball"], "box": ["box", "cube"], "star": ["star"], "balloon": ["balloon"], "car": ["car"], "boat": ["boat", "sailboat"], "train": ["train"], "rocket": ["rocket"],
                 "bird": ["bird"], "fish": ["fish"], "cat": ["cat"], "dog": ["dog"], "horse": ["horse"], "woman": ["woman"], "man": ["man"], "child": ["child", "kid"], "robot": ["robot"],
                 "house": ["house"], "tree": ["tree"], "lizard": ["lizard"]}
WEARS = {"woman": "dress", "man": "coat", "child": "shirt"}
PLACES = {"meadow": ["in a meadow", "in a green meadow", "on a grassy field", "in the meadow"], "beach": ["on a beach", "on the beach", "on a sandy beach"],
          "desert": ["in a desert", "in the desert", "among the dunes of a desert"], "snowfield": ["in a snowfield", "on a snowy field", "in the snowfield"],
          "city": ["in a city", "on a city street", "in the city"], "ocean": ["on the ocean", "on the sea", "at sea on the ocean"],
          "forest": ["in a forest", "in the forest", "in the woods"], "space": ["in space", "in outer space", "on the moon in space"],
          "room": ["in a room", "inside a room", "in the room indoors"], "mountain": ["in the mountains", "below a mountain", "by the mountain"]}
TIMES = {"day": ["by day", "during the day", "in daylight", ""], "sunset": ["at sunset", "at dusk", "in the evening"], "night": ["at night", "by night", "in the dark night"],
         "dawn": ["at dawn", "at sunrise", "in the early morning"]}
WEATHERS = {"clear": ["under a clear sky", "in clear weather", "", ""], "cloudy": ["under a cloudy sky", "under clouds", "in cloudy weather"], "rain": ["in the rain", "in rainy weather", "as rain falls"],
            "snow": ["in falling snow", "as snow falls", "in snowy weather"], "fog": ["in fog", "in the mist", "in foggy weather"]}
HEADS = {"setting": {"room": ["room", "living room"], "ocean": ["ocean", "sea"], "city": ["city", "street"], "mountain": ["mountain", "mountains"], "forest": ["forest", "woods"], "space": ["space"]},
         "time": {"sunset": ["sunset", "dusk", "evening"], "dawn": ["dawn", "sunrise", "morning"]},
         "weather": {"clear": ["sunny", "clear"], "cloudy": ["cloudy", "overcast"], "rain": ["rain", "rainy"], "snow": ["snow", "snowfall"], "fog": ["fog", "foggy", "mist"]}}
WAYS = {"right": ["{go} to the right", "{go} from left to right", "{cross} the frame from left to right", "{go} right", "{cross} from left to right"],
        "left": ["{go} to the left", "{go} from right to left", "{cross} the frame from right to left", "{go} left", "{cross} from right to left"],
        "bounce": ["bounces up and down", "bounces", "bounces on the ground"], "rise": ["rises", "rises into the air", "goes up", "floats up"],
        "fall": ["falls", "falls to the ground", "drops from above", "falls down"], "jump": ["jumps", "jumps up", "leaps", "hops"], "spin": ["spins", "turns around", "spins around", "rotates"],
        "stand": ["stands still", "stands", "waits", "is still", "rests"]}
GO = {"car": ["drives", "races"], "train": ["drives", "rolls"], "boat": ["sails"], "rocket": ["flies"], "bird": ["flies"], "fish": ["swims"], "balloon": ["floats", "drifts"], "ball": ["rolls"],
      "box": ["slides"], "star": ["slides", "floats"], "house": ["slides"], "tree": ["slides"]}
WALKS = ["walks", "runs"]
CAMERAS = {"static": ["the camera is static", "static camera", "the camera holds still", "", ""], "pan left": ["the camera pans left", "pan left"], "pan right": ["the camera pans right", "pan right"],
           "tilt up": ["the camera tilts up", "tilt up"], "tilt down": ["the camera tilts down", "tilt down"], "zoom in": ["the camera zooms in", "zoom in", "the camera pushes in"],
           "zoom out": ["the camera zooms out", "zoom out", "the camera pulls back"]}
SHOTS = {"wide": ["wide shot", "long shot"], "medium": ["medium shot", "mid shot"], "close": ["close shot", "close up", "closeup"]}


def name(rng, subject, colour, article=True):
    word = rng.choice(SUBJECT_WORDS[subject])
    if subject in WEARS and rng.random() < 0.5:
        text = f"{word} in a {colour} {WEARS[subject]}"
        return f"a {text}" if article else text
    text = f"{colour} {word}"
    return text if not article else f"{'an' if colour == 'orange' else rng.choice(['a', 'a', 'the'])} {text}"


def verb(rng, scene):
    way = rng.choice(WAYS[scene.action])
    go = rng.choice(GO.get(scene.subject, WALKS) + (["moves"] if rng.random() < 0.4 else []))
    return way.format(go=go, cross=rng.choice(["crosses", "crosses", go]) if "the frame" not in way else "crosses")


def head(rng, kind, value):
    return rng.choice(HEADS[kind].get(value, [value]))


def caption(scene, rng: random.Random):
    who, does, also = name(rng, scene.subject, scene.colour), verb(rng, scene), ""
    if scene.second:
        also = " " + rng.choice(["next to", "beside", "near"]) + " " + name(rng, scene.second, scene.second_colour)
    where, when = rng.choice(PLACES[scene.setting]), rng.choice(TIMES[scene.time]) if scene.timed else ""
    sky = rng.choice(WEATHERS[scene.weather]) if scene.weathered else ""
    cam, shot = rng.choice(CAMERAS[scene.camera]), rng.choice(SHOTS[scene.shot])
    style = rng.random()
    if style < 0.42:
        parts = [shot, head(rng, "setting", scene.setting)]
        if scene.timed:
            parts.append(head(rng, "time", scene.time))
        if scene.weathered and not (scene.weather == "clear" and rng.random() < 0.3):
            parts.append(head(rng, "weather", scene.weather))
        if rng.random() < 0.35:
            parts.pop(0)
        text = ", ".join(parts) + f". {who} {does}{also}. {cam}."
    elif style < 0.8:
        bits = [b for b in (where, when, sky) if b]
        text = f"{who} {does}{also} {' '.join(bits)}"
        text += f"; {cam}." if cam else "."
        if rng.random() < 0.45:
            text = f"{shot}. {text}" if rng.random() < 0.5 else f"{text} {shot}."
    elif style < 0.92:
        text = f"{' '.join(b for b in (where, when, sky) if b)}, {who} {does}{also}. {cam}."
    else:
        text = ", ".join(b for b in (f"{who} {does}{also}", head(rng, "setting", scene.setting), when, sky, cam, shot) if b)
    return re.sub(r"\s+", " ", text).strip()


def split(text):
    """Lower-case words; everything that is not a letter or digit parts them."""
    return re.findall(r"[a-z0-9]+", text.lower())


def vocabulary():
    words = set()
    tables = [SUBJECT_WORDS, PLACES, TIMES, WEATHERS, WAYS, GO, CAMERAS, SHOTS, *HEADS.values()]
    for text in itertools.chain(*(t for table in tables for t in table.values()), WEARS.values(), WALKS, ["moves crosses next to beside near an a the in is"]):
        words.update(w for w in split(text) if w not in ("go", "cross") or text in ("go",))
    from .concepts import CLASSES
    for values in CLASSES.values():
        words.update(w for v in values for w in split(v))
    words |= {"goes", "cross", "go"}
    return ["<pad>", "<unk>", "<end>"] + sorted(words)


IGNORED = {"the", "a", "an", "is", "of", "as", "it", "with"}


def tokens(text, index, length=32):
    """Ids of the words of a caption, `<end>` last; words outside the vocabulary are dropped. Articles never reach the network."""
    ids = [index[w] for w in split(text) if w in index and w not in IGNORED][: length - 1]
    return ids + [2]
