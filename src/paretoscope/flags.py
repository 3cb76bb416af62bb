"""The command line's words for the library's options, and how names are written and read there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Final

from paretoscope.errors import OptionError, in_words, quote

# What goes by another name than in the library, by the library's.
RENAMED: Final = {
    "source": "SOURCE",
    "figure": "FIGURE",
    "models": "MODELS",
    "input_sets": "--inputs",
    "bounds": "--bound",
    "n_resamples": "--resamples",
    "n_jobs": "--jobs",
    "rng": "--seed",
    "dims": "--dim",
    "training": "--train",
    "compiled": "--compile",
    "compile_": "--compile",
}
_QUOTED: Final = r'\s*"((?:[^"]|"")*)"\s*'
_NAME: Final = re.compile(rf'(?:{_QUOTED}|(?!\s*")([^,]*))(,|\Z)', re.DOTALL)
_METRIC: Final = re.compile(rf"{_QUOTED}=(.*)", re.DOTALL)


def flag_of(option: str) -> str:
    """The command line's word for an option of the library.

    Examples
    --------
    >>> flag_of("n_resamples"), flag_of("until_resolved")
    ('--resamples', '--until-resolved')
    """
    return RENAMED.get(option, f"--{option.replace('_', '-')}")


def option_name(option: str) -> str:
    """An option as the caller calls it.

    Examples
    --------
    >>> option_name("n_resamples")
    'n_resamples'
    """
    return in_words(python=option, flags=flag_of(option))


def setting(option: str, value: str | Mapping[str, str | None] | None) -> str:
    """An option with its value, or with those of some metrics, as the caller would write it.

    Examples
    --------
    >>> setting("bounds", {"wer": None})
    "bounds={'wer': None}"
    """
    if isinstance(value, Mapping):
        words = [write_pair(metric, "none" if what is None else what) for metric, what in value.items()]
    else:
        words = ["none" if value is None else value]
    flags = " ".join(f"{flag_of(option)} {shlex.quote(word)}" for word in words)
    return in_words(python=f"{option}={value!r}", flags=flags)


def with_flags(message: str, options: Iterable[str]) -> str:
    """A message that begins with options, in the command line's words for them.

    Examples
    --------
    >>> with_flags("x, y: found one of them", ["x", "y"])
    '--x, --y: found one of them'
    """
    head, colon, rest = message.partition(":")
    names = head.split(", ")
    known = {*options, *RENAMED}
    return ", ".join(map(flag_of, names)) + colon + rest if colon and known.issuperset(names) else message


def write_names(names: Iterable[str]) -> str:
    """Join names by commas, as a flag takes them; those that could be misread stand in quotation marks.

    Examples
    --------
    >>> write_names(["acc,none", "top1"])
    '"acc,none",top1'
    """
    return ",".join(map(_written, names))


def read_names(option: str, text: str) -> list[str]:
    """Split what `write_names` joined.

    Raises
    ------
    OptionError
        If a quotation mark is not closed.

    Examples
    --------
    >>> read_names("outputs", '"acc,none", top1,"a ""b"" c"')
    ['acc,none', 'top1', 'a "b" c']
    """
    names: list[str] = []
    position, more = 0, True
    while more:
        match = _NAME.match(text, position)
        if match is None:
            raise OptionError(
                f"{option}: found {quote(text)}, with a quotation mark that does not enclose a name; "
                'expected names such as a,"b,c"; write the marks of a name twice, within two more'
            )
        names.append(match[2].strip() if match[1] is None else match[1].replace('""', '"'))
        position, more = match.end(), bool(match[3])
    return names


def write_pair(metric: str, what: str) -> str:
    """Join a metric and what is said of it, as a flag takes them.

    Examples
    --------
    >>> write_pair("acc,none", "binomial(100)")
    '"acc,none"=binomial(100)'
    """
    return f"{_written(metric)}={what}"


def read_pair(text: str) -> tuple[str | None, str]:
    """Split what `write_pair` joined: at the last equals sign, unless the metric is quoted; None where none is named.

    Examples
    --------
    >>> read_pair('"a=b"=3%'), read_pair("a=b=3%"), read_pair("3%")
    (('a=b', '3%'), ('a=b', '3%'), (None, '3%'))
    """
    if match := _METRIC.fullmatch(text):
        return match[1].replace('""', '"'), match[2]
    metric, equals, what = text.rpartition("=")
    return (metric if equals else None), what


def _written(name: str) -> str:
    plain = name == name.strip() and name and not any(mark in name for mark in ',"\n\r')
    return name if plain else '"' + name.replace('"', '""') + '"'
