"""Roles for a table of which none were stated: what the names of its metrics suggest, and why the rest is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from paretoscope.errors import DataError, OptionError, in_words, listing, quote, typed_again
from paretoscope.flags import write_names
from paretoscope.measurements.directions import usual_direction
from paretoscope.measurements.layouts import Observations, observe
from paretoscope.measurements.roles import Roles
from paretoscope.measurements.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paretoscope.measurements.columns import Columns

MOST = 12  # metrics of one role; with more, few models would be inefficient
_SPREAD: Final = re.compile(
    r"(.+?)[_ .-](sd|std|stddev|stdev|sd_?dev|se|sem|stderr|std_?err|var|ci|ci95|iqr|n|count|runs|samples)([,@].*)?",
    re.I,
)
_IDENTIFIER: Final = re.compile(
    r"(.*[_ .-])?(id|idx|index|seed|number|no|uuid|hash|rank|row|rep|repeat|replicate)", re.I
)

_NUMBERING = "names of targets and numbers of runs"
_SPREADS = "spreads and numbers of runs"
_TEXT = "not numbers"
_IDENTIFIERS = "identifiers"
_UNCLEAR = "names that do not say which way is better"
_CONSTANT = "the same for all models"
_SETTINGS = "settings"
_REPEATED = "what says the same as another"
_INCOMPLETE = "without a usable value for every model, or with several"
_TOO_MANY = f"beyond {MOST} of one role"
_UNWRITABLE = "names that a command cannot hold"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be taken.

    Parameters
    ----------
    roles : tuple of tuples of str
        Inputs and outputs, of which one or both may be empty.
    left_out : dict of str to list of str
        Names of metrics and columns, by the reason.
    """

    roles: Roles
    left_out: dict[str, list[str]]

    def error(self, source: str) -> OptionError:
        """Return the error that proposes the roles; its notes list them and what is left out."""
        inputs, outputs = self.roles
        given = {name: names for name, names in (("inputs", inputs), ("outputs", outputs)) if names}
        if given:
            arguments = ", ".join(f"{name}={list(names)!r}" for name, names in given.items())
            flags = [word for name, names in given.items() for word in (f"--{name}", write_names(names))]
            remedy = "their names suggest " + in_words(python=arguments, flags=typed_again(*flags))
        else:
            name = in_words(python="inputs=['NAME', ...], outputs=['NAME', ...]", flags="--inputs NAME --outputs NAME")
            remedy = f"no name says which way is better; give {name}"
        error = OptionError(
            f"{source or 'table'}: found neither inputs nor outputs; expected the metrics to rank by; {remedy}"
        )
        for role, names in (("inputs, lower is better", inputs), ("outputs, higher is better", outputs)):
            error.add_note(f"{role}: {listing(names)}")
        for reason, left in self.left_out.items():
            error.add_note(f"left out, {reason}: {listing(left)}")
        return error


def propose_roles(table: Table, columns: Columns) -> Proposal:
    """Find the metrics of a table whose names or units say which way is better.

    Parameters
    ----------
    table : Table
        Any of the layouts.
    columns : Columns
        Which column holds what.

    Returns
    -------
    Proposal

    Raises
    ------
    DataError
        If the table lacks its models, or rows.
    """
    left_out: dict[str, list[str]] = {}
    taken: list[Observations] = []
    roles: dict[str, list[str]] = {"lower": [], "higher": []}
    for name, reason in _candidates(table, columns):
        if reason is not None:
            left_out.setdefault(reason, []).append(name)
            continue
        found = list(_observed(table, columns, name))
        if not found:
            left_out.setdefault(_INCOMPLETE, []).append(name)
        for observed in found:
            direction = usual_direction(observed.metric, observed.unit)
            if direction is None:
                reason = _UNCLEAR
            else:
                reason = _against(observed, taken) or (_TOO_MANY if len(roles[direction]) == MOST else None)
            if reason is not None or direction is None:
                left_out.setdefault(reason or _UNCLEAR, []).append(observed.metric)
            else:
                taken.append(observed)
                roles[direction].append(observed.metric)
    return Proposal((tuple(roles["lower"]), tuple(roles["higher"])), left_out)


def _candidates(table: Table, columns: Columns) -> Iterator[tuple[str, str | None]]:
    """Yield what may be a metric, with the reason to leave it out if its name or type is one.

    Raises
    ------
    DataError
        If the table lacks its models, or rows.
    """
    observe(table, columns, ())
    labels, value = columns.find(table, "metric"), columns.find(table, "value")
    if labels is not None and value is not None:
        for name in dict.fromkeys(table.labels(labels).tolist()):
            yield name, None if _is_writable(name) else _UNWRITABLE
        return
    numbering = {columns.find(table, job) for job in ("target", "run", "iteration")}
    for name in table.columns:
        if name not in columns.model:
            yield name, _NUMBERING if name in numbering else _reason_of_column(table, name)


def _reason_of_column(table: Table, name: str) -> str | None:
    if not _is_writable(name):
        return _UNWRITABLE
    spread = _SPREAD.fullmatch(name)
    if spread and spread[1] + (spread[3] or "") in table.columns:
        return _SPREADS
    try:
        table.numbers(name, np.arange(len(table.frame)), blanks=True)
    except DataError:
        return _TEXT
    return _IDENTIFIERS if _IDENTIFIER.fullmatch(name) else None


def _is_writable(name: str) -> bool:
    """Whether a command can hold a name as a reader sees it: nothing that has no shape, and not too long."""
    return bool(name.strip()) and quote(name)[1:-1] in (name, repr(name)[1:-1]) and name.isprintable()


def _observed(table: Table, columns: Columns, name: str) -> Iterator[Observations]:
    """Yield the measurements of a metric: those of all its targets if they agree, else of each by itself."""
    column = columns.find(table, "target")
    targets = () if column is None else tuple(dict.fromkeys(table.labels(column).tolist()))
    for metrics in ((name,), tuple(f"{name}@{target}" for target in targets if target)):
        found = []
        for metric in metrics:
            try:
                found += observe(table, columns, (metric,))[1]
            except (DataError, OptionError):
                continue
        if found:
            yield from found
            return


def _against(observed: Observations, taken: list[Observations]) -> str | None:
    """What speaks against a metric whose direction is known."""
    values = observed.values
    if np.ptp(values) == 0.0:
        return _CONSTANT
    if observed.metric.lower().startswith("precision") and set(values) <= {2.0, 4.0, 8.0, 16.0, 32.0, 64.0}:
        return _SETTINGS  # bits
    for other in taken:
        if np.array_equal(other.models, observed.models):
            total = other.values + values
            if np.array_equal(other.values, values) or np.allclose(total, 100.0) or np.allclose(total, 1.0):
                return _REPEATED  # top1_err says the same as top1
    return None
