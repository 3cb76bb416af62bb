"""Numbers and lists as a reader wants them: as many digits as are known, as many names as fit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paretoscope.errors import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence


def in_shape(text: str) -> str:
    r"""Show what has no shape of its own as escapes, as on a terminal, but keep ends of lines.

    Examples
    --------
    >>> print(in_shape("a\x1b[31m"))
    a\x1b[31m
    """
    return "\n".join(escaped(line, 10 * len(line)) for line in text.split("\n"))


def with_spread(mean: float, sd: float) -> str:
    """Write a mean with its standard deviation, both to the second digit of the latter."""
    return f"{like(mean, sd)} ± {like(sd, sd)}" if sd > 0 else f"{mean:.6g}"


def like(value: float, sd: float) -> str:
    """Write a value to the second digit of a standard deviation; to four digits where there is none.

    Examples
    --------
    >>> like(12.3456, 0.12), like(12.3456, 0.0)
    ('12.35', '12.35')
    """
    if not math.isfinite(value):
        return "none"
    if not sd > 0:
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    return f"{value:.{max(0, 1 - math.floor(math.log10(sd)))}f}"


def share(probability: float) -> str:
    """Write a share of the draws in whole percent, and never call certain what is not.

    Examples
    --------
    >>> share(1.0), share(0.999), share(0.234), share(0.001), share(0.0)
    ('every draw', 'more than 99 % of the draws', '23 % of the draws', 'less than 1 % of the draws', 'no draw')
    """
    if probability in (0.0, 1.0):
        return "every draw" if probability else "no draw"
    if probability > 0.99:
        return "more than 99 % of the draws"
    return "less than 1 % of the draws" if probability < 0.01 else f"{100 * probability:.0f} % of the draws"


def listing(names: Sequence[str], most: int = 6) -> str:
    """Join names by commas and an "and"; beyond `most` of them say how many more.

    Examples
    --------
    >>> listing(["a", "b", "c"]), listing(["a", "b", "c", "d"], most=2)
    ('a, b and c', 'a, b and 2 more')
    """
    shown = list(names) if len(names) <= most else [*names[:most], f"{len(names) - most} more"]
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part) if shown else "none"


def count(number: int, noun: str) -> str:
    """Write a number and its noun.

    Examples
    --------
    >>> count(1, "pair"), count(1000, "model")
    ('1 pair', '1,000 models')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def metric_phrase(metric: str, value: str, unit: str) -> str:
    """Say a metric's value, with the target that it was measured on.

    Examples
    --------
    >>> metric_phrase("latency_ms@cpu", "8.1", "ms")
    'latency_ms 8.1 ms on cpu'
    """
    name, _, target = metric.rpartition("@") if "@" in metric else (metric, "", "")
    return f"{name} {value}{f' {unit}' if unit else ''}{f' on {target}' if target else ''}"
