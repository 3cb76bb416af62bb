"""Which data have an efficiency: metrics that are divided must not be negative, others count from any origin.

An efficiency is a ratio of the metrics that move: a score of 0.5 says that half the input would do.  So they have an
origin, which no shift may change.  Under vrs the weights sum to one, and then the metrics that stay (outputs in input
orientation, inputs in output orientation) may be counted from any origin, also a negative one (Ali and Seiford 1990;
Pastor 1996); under fdh these are compared only.  Under the other returns to scale every metric is scaled.

Data may have one role alone; the other one is then a constant 1 of every model (Lovell and Pastor 1999).  Where the
constant is what moves, every model scores 1, or else both orientations give the same scores.
"""

from __future__ import annotations

from paretoscope.arrays import ORIENTATIONS, resolve_choice
from paretoscope.errors import DataError, OptionError, in_words, quote
from paretoscope.flags import setting
from paretoscope.measurements import Measurements

_ORIGIN_FREE = ("vrs", "fdh")  # for the metrics that stay
_CONSTANT_MOVES = {"input": ("crs", "nirs"), "output": ("crs", "ndrs")}  # rts under which it says something


def resolve_orientation(data: Measurements, rts: str, orientation: str | None) -> str:
    """Return the orientation that is meant: of data with one role that of the metrics there are.

    Raises
    ------
    OptionError
        If the word is not known, or every model would score 1, since only the constant of a missing role moves.
    """
    if orientation is not None:
        orientation = resolve_choice("orientation", orientation, ORIENTATIONS)
    if data.inputs and data.outputs:
        return orientation or "input"
    there, missing = ("input", "outputs") if data.inputs else ("output", "inputs")
    if orientation is not None and orientation != there and rts not in _CONSTANT_MOVES[orientation]:
        remedy = f"{in_words(python='pass', flags='give')} {setting('orientation', there)}"
        raise OptionError(
            f"orientation: found {orientation!r} beside rts {rts!r} and no {missing}, where every model scores 1; "
            f"expected {there!r}; {remedy}"
        )
    return there


def stays(data: Measurements, rts: str, orientation: str) -> tuple[str, ...]:
    """The metrics whose origin plays no part."""
    if rts not in _ORIGIN_FREE:
        return ()
    return data.outputs if orientation == "input" else data.inputs


def divides_by_inputs(rts: str, orientation: str) -> bool:
    """Whether a model without any input has no score."""
    return not (rts in _ORIGIN_FREE and orientation == "output")


def check_suitable(data: Measurements, rts: str, orientation: str) -> None:
    """Refuse data that have no efficiency under these options, and say under which they have one.

    Raises
    ------
    DataError
        If a metric that is divided is negative or zero for all models, or a model's inputs are all zero.
    """
    flaw = _flaw(data, rts, orientation)
    if not flaw:
        return
    remedy = in_words(python="use pareto_front", flags="use 'paretoscope front'") + ", which needs order only"
    for other in dict.fromkeys([(rts, "input"), (rts, "output"), ("vrs", "input"), ("vrs", "output")]):
        if _says_something(data, *other) and not _flaw(data, *other):
            words = "pass rts={!r}, orientation={!r}", "give --rts {} --orientation {}"
            remedy = f"{in_words(python=words[0].format(*other), flags=words[1].format(*other))}, or {remedy}"
            break
    found, expected, reason = flaw
    raise DataError(
        f"{data.source or 'data'}: found {found}; expected {expected}, as efficiency under rts {rts!r} and orientation "
        f"{orientation!r} {reason}; {remedy}"
    )


def _says_something(data: Measurements, rts: str, orientation: str) -> bool:
    try:
        return resolve_orientation(data, rts, orientation) == orientation
    except OptionError:
        return False


def _flaw(data: Measurements, rts: str, orientation: str) -> tuple[str, str, str] | None:
    """Of the first metric, or model, that cannot be used: what was found, what was expected, and why."""
    free = stays(data, rts, orientation)
    divided = [metric for metric in data.metrics if metric not in free]
    lowest, mean = data.lowest.loc[divided], data.mean
    for metric, value, model in lowest[["value", "model"]].itertuples():
        if value < 0.0:
            found = f"{value!r} for metric {quote(metric)} of model {quote(model)}"
            return found, "zero or more", "is a ratio of it"
    for metric in divided:
        if not mean[metric].any():
            return f"only zeros for metric {quote(metric)}", "some above zero", "is a ratio of it"
    if data.inputs and divides_by_inputs(rts, orientation):
        empty = ~mean[list(data.inputs)].any(axis=1)
        if empty.any():
            names = ", ".join(map(quote, data.inputs))
            found = f"model {quote(empty.idxmax())} with zero for all inputs ({names})"
            return found, "at least one above zero", "divides by them"
    return None
