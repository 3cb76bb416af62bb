"""Provenance: what the report was made from, and the command that makes it again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from paretoscope.flags import flag_of, write_names, write_pair
from paretoscope.reporting.wording import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paretoscope.measurements import Measurements
    from paretoscope.resampling.draws import EfficiencyDraws


def origin(sim: EfficiencyDraws) -> list[tuple[str, str]]:
    """What the draws came from, as terms and what they are."""
    data, status = sim.data, sim.status
    seed = str(sim.seed.entropy) + (f", spawn key {sim.seed.spawn_key}" if sim.seed.spawn_key else "")
    scores = f"{status['certified']:,} certified by the solver"
    if status.get("highs"):  # of older results
        scores += f", {status['highs']:,} found by HiGHS"
    scores += f", {status.get('exact', 0):,} found in exact arithmetic"
    if status["uncertified"]:
        scores += f", {status['uncertified']:,} uncertified ({int(sim.complete.sum()):,} draws are complete)"
    return [
        ("data", data.source or "a table in memory"),
        ("fingerprint of the data (SHA-256)", data.fingerprint),
        ("models", f"{len(data.models):,}"),
        ("inputs, better small", ", ".join(data.inputs) or "none"),
        ("outputs, better large", ", ".join(data.outputs) or "none"),
        ("largest possible values", _bounds(data)),
        ("draws", f"{len(sim.draws):,}"),
        ("seed", seed),
        ("returns to scale (rts)", sim.rts),
        ("orientation", sim.orientation),
        ("noise", "; ".join(f"{metric}: {family}" for metric, family in sim.noise.items())),
        ("scope", "run: how one deployment varies" if sim.scope == "run" else "mean: how sure we are of the mean"),
        ("frontier", sim.frontier),
        ("scores", scores),
        ("simulated values drawn again", f"{count(sim.n_redrawn, 'value')} outside a metric's domain"),
        ("versions", ", ".join(f"{name} {version}" for name, version in sim.versions.items())),
    ]


def _bounds(data: Measurements) -> str:
    """The largest value of each metric that has one, and which of them are guesses."""
    guessed = data.guessed_bounds
    parts = [
        f"{name}: {bound:g}{' (guessed from its name)' * (name in guessed)}" for name, bound in data.bounds.items()
    ]
    return "; ".join(parts) or "none"


def command_to_redo(sims: Sequence[EfficiencyDraws], views: dict[str, float]) -> str:
    """Write the command line that makes the report again, or Python where no command line can say it."""
    sim = sims[0]
    sets = [list(one.data.inputs) for one in sims]
    outputs = list(sim.data.outputs)
    if len(sets) > 1 and not all(sets):
        return _in_python(sims, sets)  # no flag says that a set is empty
    if not sim.data.source or not isinstance(sim.seed.entropy, int) or sim.seed.spawn_key:
        return _in_python(sims, sets)
    noise: dict[str, str] = {}
    for one in sims:
        noise |= one.stated_noise
    roles = [("outputs", outputs), *(("inputs", group) for group in sets)]
    flags: list[tuple[str, Any]] = [(role, write_names(metrics)) for role, metrics in roles if metrics]
    flags += [("rts", sim.rts), ("orientation", sim.orientation)]
    flags += [("noise", write_pair(metric, family)) for metric, family in noise.items()]
    flags += [("scope", sim.scope), ("frontier", sim.frontier), ("resamples", len(sim.draws))]
    flags += [("seed", sim.seed.entropy), *views.items(), ("out", "report.html")]
    return command_line(sim.data.source, flags)


def command_line(source: str, flags: Sequence[tuple[str, Any]]) -> str:
    """Write a command for a shell, a flag a line."""
    words = [shlex.quote(f"{flag_of(name)}={value}") for name, value in flags]
    return " \\\n    ".join([shlex.join(["paretoscope", "report", *([source] if source else [])]), *words])


def _in_python(sims: Sequence[EfficiencyDraws], sets: list[list[str]]) -> str:
    sim = sims[0]
    noise: dict[str, str] = {}
    for one in sims:
        noise |= one.stated_noise
    sequence = f"numpy.random.SeedSequence({sim.seed.entropy}, spawn_key={sim.seed.spawn_key})"
    options = (
        f"n_resamples={len(sim.draws)}, rts={sim.rts!r}, orientation={sim.orientation!r}, noise={noise!r}, "
        f"scope={sim.scope!r}, frontier={sim.frontier!r}, rng={sequence}"
    )
    call = f"bootstrap(data, {options})" if len(sims) == 1 else f"compare(data, {sets!r}, {options})"
    return f'paretoscope.report(paretoscope.{call}, "report.html")'
