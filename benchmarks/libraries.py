"""Other libraries, each in an environment of its own, on one data set."""

from __future__ import annotations

import subprocess
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from measure import by_turns, run_script
from report import Section
from rivals import RIVALS, environment
from settings import EQUAL, Settings, check_bootstrap
from workloads import Workload, random_models, timm

# Beyond rounding to six digits: the answer is another one.
_WRONG = 1e-5


def bench_rivals(settings: Settings) -> Section | None:
    """Run all of them on 200 models, the fast ones on more."""
    if not settings.rivals:
        print("rivals: skipped, since --rivals was not given")
        return None
    section = Section(
        "Other libraries",
        notes=[
            "Each in an environment of its own, on one data set scaled to geometric means of 1; imports and "
            f"compilation not counted; medians of {settings.size(3, 1)}. Slower than one programme of paretoscope's "
            "bootstrap of the same models, since it is the bootstrap that needs many.",
            "Unequal: how many scores are further than 1e-8 from paretoscope's, or missing. Unequal in other units: "
            "further than 1e-6, once the first input is in millionths and the outputs are in millions, which should "
            "change no score.",
        ],
    )
    small = random_models(settings.size(200, 40), 3)
    large = timm(settings.data) if settings.data else random_models(1000, 3)
    for workload, names in (
        (small, list(RIVALS)),
        (large, [] if settings.quick else [name for name, rival in RIVALS.items() if rival.fast]),
    ):
        for rts in ("vrs", "crs") if names else ():
            check_bootstrap(workload, rts, 1)
            n_draws = settings.size(2_000, 500)
            took = by_turns({"bootstrap": partial(workload.bootstrap, n_draws, rts)}, settings.repeats)["bootstrap"]
            for name in names:
                try:
                    compare(settings, section, workload, rts, name, took / (n_draws * workload.n_models))
                except (RuntimeError, subprocess.SubprocessError, OSError) as problem:
                    print(f"rivals: {name}, {rts}: skipped, {problem}")
                    section.notes.append(f"{name}, {workload.name}, {rts}: could not be run ({problem}).")
    return section


def own_scores(inputs: np.ndarray, outputs: np.ndarray, rts: str) -> np.ndarray:
    """Paretoscope's scores of one data set."""
    from paretoscope.dea.envelope import Envelope
    from paretoscope.kernels.technology import describe_technology

    values = np.hstack([inputs, outputs]).T
    kind = describe_technology(inputs.shape[1], outputs.shape[1], rts, output_oriented=False)
    scores: np.ndarray = Envelope(kind, values).score().scores
    return scores


def ask(name: str, python: str, inputs: np.ndarray, outputs: np.ndarray, rts: str, repeats: int) -> dict[str, Any]:
    """Let the rival score the models in its own environment."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.npz"
        np.savez(file, inputs=inputs, outputs=outputs)
        found: dict[str, Any] = run_script("rivals.py", name, file, rts, repeats, python=python)
    found["scores"] = np.array([np.nan if score is None else score for score in found["scores"]])
    return found


def compare(settings: Settings, section: Section, workload: Workload, rts: str, name: str, ours: float) -> None:
    """Install, score, compare, time, and add a row; `ours` is paretoscope's time for a programme."""
    rival = RIVALS[name]
    python = environment(name, settings.cache)
    inputs, outputs = workload.roles(workload.data.mean)
    expected = own_scores(inputs, outputs, rts)
    found = ask(name, python, inputs, outputs, rts, settings.size(3, 1))
    off = np.abs(found["scores"] - expected)

    units = np.ones(inputs.shape[1])
    units[0] = 1e6
    in_other_units: object
    try:
        again = ask(name, python, inputs * units, outputs * 1e-6, rts, 0)
        in_other_units = int(np.count_nonzero(~(np.abs(again["scores"] - expected) <= 1e-6)))
    except RuntimeError:
        in_other_units = "fails"

    slower = found["seconds"] / workload.n_models / ours
    section.rows.append(
        {
            "models": workload.name,
            "rts": rts,
            "library": f"{rival.package} {found['version']}",
            "how": rival.note,
            "µs a programme": 1e6 * found["seconds"] / workload.n_models,
            "slower by": slower,
            "largest difference": float(np.nanmax(off)),
            "unequal": int(np.count_nonzero(~(off <= EQUAL))),
            "unequal in other units": in_other_units,
        }
    )
    label = f"{name}, means: {workload.name}, {rts}"
    if not (off <= _WRONG).all():
        section.notes.append(f"**{label}: wrong answers**, so its time says little.")
        label += " (wrong)"
    section.speed_ups.append((label, slower))
