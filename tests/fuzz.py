"""Hostile files and flags for the command line: each ends well, or with one line and exit code 2.

    python tests/fuzz.py --minutes 10
    python tests/fuzz.py --seed 3 --case 1234    # one case again; --folder keeps its files

A case depends on the seed and its number alone.  The exit code is 1 if any case ended otherwise.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import os
import shlex
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

from matplotlib import pyplot

import mutations
from paretoscope.cli import app, main

SECONDS = 60  # that a case may take
MAKERS = {
    ".csv": mutations.delimited,
    ".tsv": lambda random: mutations.delimited(random, "\t"),
    ".jsonl": mutations.json_lines,
    ".parquet": mutations.parquet,
    ".npz": lambda random: mutations.saved(random, SAVED),
}
SAVED = mutations.saved_parts()
COMMANDS = {
    "rank": ["rank"],
    "front": ["front"],
    "report": ["report", "--out", "report.html"],
    **{
        f"plot {figure}": ["plot", figure, "--out", "figure.svg"]
        for figure in ("efficiency", "dominance", "frontier", "ranks", "noise")
    },
    "plot compare": ["plot", "compare", "--out", "figure.svg", "--inputs", "ms,run"],
    "plot frontier3d": ["plot", "frontier3d", "--out", "figure.svg", "--x", "ms", "--y", "top1", "--z", "run"],
}
USUAL = {
    "--inputs": ["ms", "ms,top1", "ms_sd", "run"],
    "--outputs": ["top1", "ms"],
    "--noise": ["gaussian", "lognormal", "student", "empirical", "exact", "3%", "top1=binomial(50000)", "ms=3%"],
    "--rts": ["vrs", "crs", "nirs", "ndrs", "fdh"],
    "--orientation": ["input", "output"],
    "--scope": ["run", "mean"],
    "--frontier": ["random", "fixed"],
    "--model": ["model", "run", "ms"],
    "--run": ["run", "model"],
    "--fold": ["median", "mean", "p99"],
    "--bound": ["top1=100", "top1=none", "ms=5"],
    "--level": ["0.9", "1"],
    "--confidence": ["0.95", "0.5"],
    "--seed": ["0", "7"],
    "--format": ["table", "json", "csv"],
    "--title": ["a"],
    "--x": ["ms"],
    "--y": ["top1"],
    "--kind": ["hull", "staircase"],
    "--names": ["auto", "a,b"],
    "--top": ["3"],
    "--size": ["6x4"],
    "--dpi": ["100"],
    "--out": ["out.csv", "out.svg"],
    "--save": ["saved.npz"],
}


class TooSlowError(BaseException):
    """A case took too long; no Exception, so that nothing takes it for one of its own."""


def command_line(random: Random) -> list[str]:
    """Write a case's files to the present folder; the arguments."""
    ending = random.choice(list(MAKERS))
    Path(f"file{ending}").write_bytes(MAKERS[ending](random))
    view = random.choice(list(COMMANDS))
    arguments = [*COMMANDS[view], f"file{ending}"]
    if ending != ".npz":
        arguments += [] if view in ("plot noise", "plot frontier3d") else ["--resamples", "20"]
        arguments += ["--inputs", "ms", "--outputs", "top1"] if random.random() < 0.95 else []
    known = {flag for option in app.commands[arguments[0]].params for flag in option.opts}
    if random.random() < 0.1:
        Path("study.toml").write_bytes(mutations.study(random))
        arguments += ["--study", "study.toml"]
    for _ in range(random.choice((0, 0, 1, 1, 2, 4))):
        flag = random.choice([flag for flag in USUAL if flag in known or random.random() < 0.05])
        value = random.choice(USUAL[flag]) if random.random() < 0.7 else str(random.choice(mutations.TEXTS))
        value = str(random.choice(mutations.NUMBERS)) if random.random() < 0.1 else value
        arguments += [flag, value.replace("\0", "")]
    return arguments


def outcome(arguments: list[str]) -> tuple[str, str]:
    """Run a command line; what kind of end it took, and what it said."""
    said = io.StringIO()
    signal.alarm(SECONDS)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
            code = main(arguments)
    except TooSlowError:
        return f"longer than {SECONDS} seconds", ""
    except BaseException as error:  # whatever ends the process
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
        return kind, "".join(traceback.format_exception(error)[-12:])
    finally:
        signal.alarm(0)
        pyplot.close("all")
    lines = [line for line in said.getvalue().split("\n") if line]
    errors = [line for line in lines if not line.startswith("warning: ")]
    if code == 0 and not errors:
        return "success", ""
    if code == 2 and len(errors) == 1 and errors[0].startswith("error: ") and errors == lines[-1:]:
        return "one line and exit code 2", errors[0]
    return f"exit code {code} with {len(errors)} lines", said.getvalue()


def run(seed: int, case: int) -> tuple[list[str], str, str]:
    """Make and run one case in the present folder."""
    arguments = command_line(Random(f"{seed}:{case}"))
    return arguments, *outcome(arguments)


def parse() -> argparse.Namespace:
    """The script's own flags."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int)
    parser.add_argument("--folder", type=Path, help="where files are written; by default one that is removed")
    return parser.parse_args()


def fuzz(options: argparse.Namespace) -> int:
    """Run cases until the time is over; the exit code."""
    end = time.monotonic() + 60 * options.minutes
    counts: Counter[str] = Counter()
    first: dict[str, tuple[int, list[str], str]] = {}
    for case in itertools.count() if options.case is None else [options.case]:
        arguments, kind, said = run(options.seed, case)
        counts[kind] += 1
        first.setdefault(kind, (case, arguments, said))
        if options.case is not None or time.monotonic() > end:
            break
    for kind, number in counts.most_common():
        print(f"{number:7} {kind}")
    others = {kind: found for kind, found in first.items() if kind not in ("success", "one line and exit code 2")}
    for kind, (case, arguments, said) in (others if options.case is None else first).items():
        print(f"\n{kind}: python tests/fuzz.py --seed {options.seed} --case {case}")
        print(f"    paretoscope {ascii(shlex.join(arguments))[1:-1]}")
        print("".join(f"    {line}\n" for line in said.splitlines()), end="")
    return 1 if others else 0


def raise_too_slow(*_: object) -> None:
    """Handle the alarm."""
    raise TooSlowError


if __name__ == "__main__":
    chosen = parse()
    signal.signal(signal.SIGALRM, raise_too_slow)
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
        sys.exit(fuzz(chosen))
