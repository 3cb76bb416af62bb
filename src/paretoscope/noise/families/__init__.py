"""How a metric varies: the noise families, a file each, and how a user names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from paretoscope.arrays import canonical_word, folded, likeliest
from paretoscope.errors import OptionError, in_words, listing, nearest, quote, unquoted
from paretoscope.measurements.scales import base_name
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
    Gaussian,
    Lognormal,
    Student,
    Moderated,
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
        ``"gaussian"``, ``"lognormal"``, ``"student"``, ``"moderated"``, ``"empirical"``, ``"exact"``, ``"3%"`` (a
        standard deviation of 3 % of the mean) or ``"binomial(50000)"`` (an accuracy over 50,000 images).
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
    words = [family.form for family in FAMILIES if family.form.isidentifier()]
    written = canonical_word("noise", text, words) or text
    for family in FAMILIES if isinstance(written, str) else ():
        if found := family.parse(written):
            return found
    *others, last = words + [repr(family.form) for family in FAMILIES if family.form not in words]
    if isinstance(text, str) and "=" in text:
        hint = in_words(python="; pass a mapping by metric", flags="; give --noise once for each metric")
    elif isinstance(text, str) and folded(text).startswith("binomial"):
        hint = f"; write {Binomial(50000)} for an accuracy over 50,000 images"
    elif isinstance(text, str) and text.strip().replace(".", "", 1).isdecimal():
        hint = f"; write {Relative(3)} for a standard deviation of 3 percent of the mean"
    else:
        hint = likeliest("noise", text, words)
    raise OptionError(f"{place}: found {quote(text)}; expected one of {', '.join(others)} or {last}{hint}")


def noise_of(metric: str) -> str:
    """What messages call the family that was given for a metric."""
    name = quote(metric)
    return in_words(python=f"noise[{name}]", flags="--noise" if metric == "*" else f"--noise for {name}")


def resolve_noise(noise: Noise, metrics: tuple[str, ...]) -> dict[str, Family]:
    """Give every metric its family.

    A mapping may name some metrics, by ``m`` on all targets or by ``m@target`` on one, and by ``"*"`` the rest (else
    gaussian).
    """
    if isinstance(noise, Mapping):
        known = {*metrics, *(base_name(metric) for metric in metrics), "*"}
        for name in noise:
            if name not in known:
                several = in_words(python="", flags="; give --noise once for each metric") if "=" in str(name) else ""
                hint = several or nearest(str(name), metrics)
                raise OptionError(f"noise: found {quote(name)}; expected one of {listing(metrics, unquoted)}{hint}")
        rest = noise.get("*", DEFAULT_NOISE)
        return {
            metric: parse_family(noise.get(metric, noise.get(base_name(metric), rest)), noise_of(metric))
            for metric in metrics
        }
    return dict.fromkeys(metrics, parse_family(noise))
