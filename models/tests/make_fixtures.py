"""Writes parity fixtures: tiny random networks with their inputs and outputs, which the Rust side must reproduce.
It exists so that parity is proved without released weights: any config and seed gives a fresh case.
    python make_fixtures.py --family draft --class denoiser --config c.json --seed 3 --out DIR
    python make_fixtures.py --family draft --all --out fixtures/draft        (the committed cases)
A new family adds one module under families/ and one line in FAMILIES. It must never download anything.
"""
import argparse
import hashlib
import importlib
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
FAMILIES = {"draft": "families.draft", "ltx": "families.ltx", "kokoro": "families.kokoro"}


def write_case(family, class_name, config, seed, out):
    """One case: builds the class, seeds it, and writes the five files of the layout in README.md."""
    builder = importlib.import_module(FAMILIES[family]).CLASSES[class_name]
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    case = builder(config, torch.Generator().manual_seed(seed))
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(case["config"], indent=1, sort_keys=True) + "\n")
    for name in ("weights", "inputs", "outputs"):
        save_file({k: v.contiguous() for k, v in case[name].items()}, str(out / f"{name}.safetensors"))
    hashes = {n: hashlib.sha256((out / n).read_bytes()).hexdigest() for n in
              ("config.json", "weights.safetensors", "inputs.safetensors", "outputs.safetensors")}
    about = dict(family=family, **{"class": class_name}, stage=case["stage"], tolerance=case["tolerance"], seed=seed,
                 torch=torch.__version__.split("+")[0], sha256=hashes)
    (out / "fixture.json").write_text(json.dumps(about, indent=1) + "\n")
    size = sum(p.stat().st_size for p in out.iterdir())
    if size > 400_000:
        raise SystemExit(f"{out}: {size} bytes; a committed case must stay under 400 kB: use a smaller config")
    return size


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--family", required=True, choices=sorted(FAMILIES))
    a.add_argument("--class", dest="class_name")
    a.add_argument("--config", help="a JSON file; missing keys take the class's own small defaults")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--out", required=True)
    a.add_argument("--all", action="store_true", help="write every committed case of the family under OUT")
    o = a.parse_args()
    if o.all:
        for name, class_name, config, seed in importlib.import_module(FAMILIES[o.family]).CASES:
            print(name, write_case(o.family, class_name, config, seed, pathlib.Path(o.out) / name))
        return
    if not o.class_name:
        a.error("--class is needed (or --all)")
    config = json.loads(pathlib.Path(o.config).read_text()) if o.config else {}
    print(write_case(o.family, o.class_name, config, o.seed, o.out))


if __name__ == "__main__":
    main()
