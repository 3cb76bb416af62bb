"""What flags hold besides text and numbers: names, noise, bounds; from the command line or a study file.

Each converts one use of its flag, ``A,B``.  A study file holds what several uses say at once, as TOML's lists and
tables; `uses` takes these apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from paretoscope.errors import OptionError, quote
from paretoscope.flags import read_names, read_pair, write_names, write_pair

if TYPE_CHECKING:
    from collections.abc import Iterable


# In newer versions of click alone ParamType is generic.
class Names(click.ParamType):  # type: ignore[type-arg]
    """``A,B`` as a list of names."""

    name = "names"
    kinds = (str, list)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        """Split at commas, but not at those within quotation marks; names of a list may hold some."""
        if isinstance(value, str):
            return read_names((param and param.name) or self.name, value)
        return [str(name) for name in value]

    def uses(self, value: str | list[Any]) -> list[Any]:
        """A list of names is one use, a list that holds lists is one use for each of its parts."""
        return value if isinstance(value, list) and any(isinstance(part, list) for part in value) else [value]


class ByMetric(click.ParamType):  # type: ignore[type-arg]
    """``METRIC=WHAT`` as a pair; the metric is ``"*"`` where none is named."""

    name = "by metric"
    kinds = (str, list, dict)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Any]:
        """Split at the last ``=``, since metrics may have one in their names, or where the quoted metric ends."""
        if isinstance(value, tuple):
            return value[0], value[1]
        metric, what = read_pair(str(value))
        return "*" if metric is None else metric, what

    def uses(self, value: str | list[Any] | dict[str, Any]) -> list[Any]:
        """A table is one use for each of its lines."""
        if isinstance(value, dict):
            return list(value.items())
        return value if isinstance(value, list) else [value]


NAMES, BY_METRIC = Names(), ByMetric()


def is_given(value: object) -> bool:
    """Whether a flag was given, or stands in the study file; 0 was given."""
    return not (value is None or value is False or value == ())


def together(groups: Iterable[list[str]]) -> list[str]:
    """All names, whether the flag was given once or several times."""
    return [name for group in groups for name in group]


def as_noise(
    ctx: click.Context, param: click.Parameter, pairs: tuple[tuple[str, Any], ...]
) -> str | dict[str, str] | None:
    """``--noise gaussian --noise top1=3%`` as what `bootstrap` takes."""
    found = {metric: str(family) for metric, family in _once("noise", pairs)}
    return found.get("*") if set(found) <= {"*"} else found


def as_bounds(
    ctx: click.Context, param: click.Parameter, pairs: tuple[tuple[str, Any], ...]
) -> dict[str, float | None] | None:
    """``--bound top1=100 --bound score=none`` as what `read` takes."""
    found: dict[str, float | None] = {}
    for metric, bound in _once("bound", pairs):
        try:
            if metric == "*" or isinstance(bound, bool):
                raise ValueError
            found[metric] = None if str(bound).lower() == "none" else float(bound)
        except (TypeError, ValueError, OverflowError):
            place = "" if metric == "*" else f" for {quote(metric)}"
            raise OptionError(f"bound: found {quote(bound)}{place}; expected METRIC=NUMBER or METRIC=none") from None
    return found or None


def _once(flag: str, pairs: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
    """Raise OptionError if a metric is named twice; else the pairs as they are."""
    found: dict[str, Any] = {}
    for metric, what in pairs:
        if metric in found:
            raise OptionError(
                f"{flag}: found {quote(found[metric])} and {quote(what)} for {quote(metric)}; expected one of them"
            )
        found[metric] = what
    return pairs


def as_typed(value: Any) -> list[str]:
    """What was parsed, as words that mean the same, one for each use of the flag."""
    if isinstance(value, dict):
        found = {metric: "none" if what is None else str(what).removesuffix(".0") for metric, what in value.items()}
        return [what if metric == "*" else write_pair(metric, what) for metric, what in found.items()]
    return [write_names(names) for names in value] if isinstance(value, tuple) else [str(value)]
