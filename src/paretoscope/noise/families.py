"""How a metric varies: the noise families, and how a user names them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paretoscope.errors import OptionError, nearest

Noise = str | Mapping[str, str]  # one family for all metrics, or by metric; "*" is the rest

DEFAULT_NOISE: Final = "gaussian"  # the paper's
FAMILIES: Final = ("gaussian", "lognormal", "student", "empirical", "exact")
_RELATIVE = re.compile(r"\s*([0-9]+\.?[0-9]*(?:e[+-]?[0-9]+)?|\.[0-9]+)\s*%\s*", re.IGNORECASE)
_LARGEST_PERCENTAGE = 1000.0
_MOST_IMAGES = 2**53  # beyond it a float does not hold the number
_BINOMIAL = re.compile(r"\s*binomial\(\s*([0-9_]+)\s*\)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spread:
    """How one metric varies: a family, and for some a parameter (relative: percent of the mean; binomial: images)."""

    family: str
    parameter: float = 0.0

    def __str__(self) -> str:
        """Write the specification that `parse_spread` reads."""
        if self.family == "relative":
            return f"{repr(self.parameter).removesuffix('.0')}%"
        return f"binomial({self.parameter:.0f})" if self.family == "binomial" else self.family


def parse_spread(text: str, place: str = "noise") -> Spread:
    """Read one noise specification.

    Parameters
    ----------
    text : str
        ``"gaussian"``, ``"lognormal"``, ``"student"``, ``"empirical"``, ``"exact"``, ``"3%"`` (a standard deviation of
        3 % of the mean) or ``"binomial(50000)"`` (an accuracy in percent over 50,000 images).
    place : str
        What the message calls it.

    Raises
    ------
    OptionError
        If the text is none of these.

    Examples
    --------
    >>> parse_spread("3%")
    Spread(family='relative', parameter=3.0)
    """
    if isinstance(text, str):
        if text in FAMILIES:
            return Spread(text)
        if match := _RELATIVE.fullmatch(text):
            percent = float(match[1])
            if percent <= _LARGEST_PERCENTAGE:
                return Spread("relative", percent)
        if (match := _BINOMIAL.fullmatch(text)) and 0 < int(match[1]) <= _MOST_IMAGES:
            return Spread("binomial", float(int(match[1])))
    hint = nearest(text, FAMILIES) if isinstance(text, str) else ""
    raise OptionError(f"{place}: found {text!r}; expected one of {', '.join(FAMILIES)}, 'P%' or 'binomial(N)'{hint}")


def base_name(metric: str) -> str:
    """The metric's name without its target."""
    return metric.rpartition("@")[0] or metric


def resolve_noise(noise: Noise, metrics: tuple[str, ...]) -> dict[str, Spread]:
    """Give every metric its spread.

    A mapping may name some metrics, by ``m`` on all targets or by ``m@target`` on one, and by ``"*"`` the rest (else
    gaussian).
    """
    if isinstance(noise, Mapping):
        known = {*metrics, *(base_name(metric) for metric in metrics), "*"}
        for name in noise:
            if name not in known:
                raise OptionError(
                    f"noise: found {name!r}; expected one of {', '.join(metrics)}{nearest(str(name), metrics)}"
                )
        rest = noise.get("*", DEFAULT_NOISE)
        return {
            metric: parse_spread(noise.get(metric, noise.get(base_name(metric), rest)), f"noise[{metric!r}]")
            for metric in metrics
        }
    return dict.fromkeys(metrics, parse_spread(noise))
