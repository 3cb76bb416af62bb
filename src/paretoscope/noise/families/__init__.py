"""How a metric varies: the noise families, a file each, and how a user names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from paretoscope.errors import OptionError, nearest
from paretoscope.measurements.bounds import base_name
from paretoscope.noise.families.base import Family
from paretoscope.noise.families.binomial import Binomial
from paretoscope.noise.families.empirical import Empirical
from paretoscope.noise.families.exact import Exact
from paretoscope.noise.families.gaussian import Gaussian
from paretoscope.noise.families.lognormal import Lognormal
from paretoscope.noise.families.moderated import Moderated
from paretoscope.noise.families.relative import Relative
from paretoscope.noise.families.student import Student

Noise = str | Mapping[str, str]  # one family for all metrics, or by metric; "*" is the rest

DEFAULT_NOISE: Final = "gaussian"  # the paper's
FAMILIES: Final[tuple[type[Family], ...]] = (
    Moderated,
    Gaussian,
    Lognormal,
    Student,
    Empirical,
    Exact,
    Relative,
    Binomial,
)


def parse_family(text: str, place: str = "noise") -> Family:
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
    >>> parse_family("3%")
    Relative(percent=3.0)
    >>> str(parse_family("binomial( 50_000 )"))
    'binomial(50000)'
    """
    known = isinstance(text, str)
    for family in FAMILIES if known else ():
        if found := family.parse(text):
            return found
    words = [family.form for family in FAMILIES if family.form.isidentifier()]
    *others, last = words + [repr(family.form) for family in FAMILIES if family.form not in words]
    hint = nearest(text, words) if known else ""
    raise OptionError(f"{place}: found {text!r}; expected one of {', '.join(others)} or {last}{hint}")


def resolve_noise(noise: Noise, metrics: tuple[str, ...]) -> dict[str, Family]:
    """Give every metric its family.

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
            metric: parse_family(noise.get(metric, noise.get(base_name(metric), rest)), f"noise[{metric!r}]")
            for metric in metrics
        }
    return dict.fromkeys(metrics, parse_family(noise))
