"""Everything that can be in a draft scene, and how a scene is drawn by lot.
Few, bold, well-separated concepts: a small model learns those and no others.
Held-out combinations of subject, setting and colour are never drawn for training; this file must never let one through.
"""
import random
import zlib
from dataclasses import dataclass, replace

SETTINGS = ["meadow", "beach", "desert", "snowfield", "city", "ocean", "forest", "space", "room", "mountain"]
TIMES = ["day", "sunset", "night", "dawn"]
WEATHERS = ["clear", "cloudy", "rain", "snow", "fog"]
COLOURS = {"red": (218, 38, 40), "orange": (248, 135, 25), "yellow": (252, 218, 45), "green": (45, 165, 70), "blue": (40, 95, 222),
           "purple": (130, 55, 175), "pink": (248, 125, 180), "white": (243, 243, 243), "black": (34, 34, 40), "brown": (125, 74, 38)}
SUBJECTS = ["ball", "box", "star", "balloon", "car", "boat", "train", "rocket", "bird", "fish", "cat", "dog", "horse", "woman", "man",
            "child", "robot", "house", "tree", "lizard"]
ACTIONS = ["right", "left", "bounce", "rise", "fall", "jump", "spin", "stand"]
CAMERAS = ["static", "pan left", "pan right", "tilt up", "tilt down", "zoom in", "zoom out"]
SHOTS = ["wide", "medium", "close"]
SHAPES = {"ball", "box", "star", "balloon"}
LEGGED = {"cat", "dog", "horse", "woman", "man", "child", "robot", "lizard"}
PEOPLE = {"woman", "man", "child", "robot"}
VEHICLES = {"car", "boat", "train", "rocket"}
FLYERS = {"bird": 0.22, "fish": 0.16, "balloon": 0.10, "rocket": 0.05}     # lift above ground, in frame heights
FIXED = {"house", "tree"}
SIZES = {"16:9": (128, 72), "9:16": (72, 128), "1:1": (96, 96)}
FRAMES, FPS = 49, 12

TINTS = {"day": (1.0, 1.0, 1.0), "sunset": (1.0, 0.76, 0.62), "night": (0.46, 0.52, 0.78), "dawn": (0.95, 0.84, 0.93)}
SKIES = {"day": ((70, 150, 235), (185, 225, 250)), "sunset": ((105, 55, 130), (255, 160, 70)),
         "night": ((8, 12, 42), (38, 50, 105)), "dawn": ((150, 150, 220), (255, 205, 205))}


@dataclass(frozen=True)
class Scene:
    setting: str = "meadow"
    time: str = "day"
    weather: str = "clear"
    subject: str = "ball"
    colour: str = "red"
    action: str = "stand"
    camera: str = "static"
    shot: str = "medium"
    form: str = "16:9"
    second: str = ""            # a second subject, standing, or empty
    second_colour: str = ""
    seed: int = 0

    @property
    def timed(self):
        return self.setting != "space"

    @property
    def weathered(self):
        return self.setting not in ("space", "room")

    def attributes(self):
        """What a probe may be asked about; attributes that the setting does not show are left out."""
        a = dict(setting=self.setting, subject=self.subject, colour=self.colour, action=self.action, camera=self.camera)
        if self.timed:
            a["time"] = self.time
        if self.weathered:
            a["weather"] = self.weather
        return a


CLASSES = dict(setting=SETTINGS, time=TIMES, weather=WEATHERS, subject=SUBJECTS, colour=list(COLOURS), action=ACTIONS, camera=CAMERAS)


def held_out(subject, setting, colour):
    """One combination in ten is kept away from training, for ever."""
    return zlib.crc32(f"{subject}/{setting}/{colour}".encode()) % 10 == 0


def draw_scene(rng: random.Random, held=False, form=None):
    while True:
        subject, setting, colour = rng.choice(SUBJECTS), rng.choice(SETTINGS), rng.choice(list(COLOURS))
        if held_out(subject, setting, colour) == held:
            break
    action = rng.choice(ACTIONS)
    if subject in FIXED:
        action = "stand" if rng.random() < 0.7 else rng.choice(["rise", "fall", "jump", "bounce", "spin"])
    weather = rng.choice(WEATHERS) if setting not in ("space", "room") else "clear"
    time = rng.choice(TIMES) if setting != "space" else "night"
    camera = "static" if rng.random() < 0.3 else rng.choice(CAMERAS[1:])
    if form is None:
        form = rng.choices(list(SIZES), [0.8, 0.1, 0.1])[0]
    scene = Scene(setting, time, weather, subject, colour, action, camera, rng.choices(SHOTS, [0.25, 0.45, 0.3])[0], form, seed=rng.getrandbits(31))
    if rng.random() < 0.07 and action in ("stand", "bounce", "jump", "spin", "fall", "rise"):
        second, second_colour = rng.choice(SUBJECTS), rng.choice(list(COLOURS))
        if second != subject and not held_out(second, setting, second_colour):
            scene = replace(scene, second=second, second_colour=second_colour)
    return scene
