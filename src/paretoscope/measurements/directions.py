"""What the name of a metric usually says about it: whether higher or lower is better.

A name is a small English phrase, so it is read as one.  Its last noun tells what is measured (``top1_err`` is an error,
``acc_time_s`` a time), unless a preposition ends the phrase before it (``time to first token``).  ``per`` and ``/``
make a ratio: work for a resource is good (``tokens_per_joule``), a resource for work is not (``ms/token``).  Where no
noun is known the unit decides.  Where the name says nothing, or two things, there is no answer: a guess would be worse.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal, NamedTuple

from paretoscope.measurements.vocabulary import (
    BAD,
    BENCHMARKS,
    CLOSING,
    CONTINUING,
    ERRORS,
    FALLS,
    GAINS,
    GOOD_HEADS,
    GOOD_MEASURES,
    HINTS,
    JUDGED,
    LIKELIHOODS,
    MULTIPLES,
    NEGATIONS,
    NEUTRAL,
    OPERATIONS,
    PARAMETERS,
    PERFORMANCE,
    PHRASES,
    SETTINGS,
    SHORT_UNITS,
    SIZES,
    SPREADS,
    UNCLEAR,
    UNITS,
    WORK,
    WORK_MANY,
)

Direction = Literal["higher", "lower"]


class _Said(NamedTuple):
    """What a part of a name says; no direction where it forbids a guess.  Of two that disagree the stronger counts."""

    direction: Direction | None
    strength: int


_HINT, _WEAK, _PLAIN, _CERTAIN = range(4)
_UNSURE: Final = _Said(None, _CERTAIN)

_SIGNS: Final = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "μ": "u", "Δ": "delta", "∆": "delta", "±": "sd"}
_LONGEST: Final = 200  # characters; what is longer is no name
_STATED: Final[dict[Direction, re.Pattern[str]]] = {
    "higher": re.compile(r"[↑⬆▲]|\b(higher|larger|bigger|greater|more)\W*(is|are)?\W*better", re.IGNORECASE),
    "lower": re.compile(r"[↓⬇▼]|\b(lower|smaller|less)\W*(is|are)?\W*better", re.IGNORECASE),
}
_CONFIGURATION: Final = re.compile(
    r"(params?|h(yper)?params?|config|args|tags?|settings?)[./](?![mbkg]\b)\w", re.IGNORECASE
)
_BRACKETS: Final = re.compile(r"[(\[{<]([^()\[\]{}<>]*)[)\]}>]")
_TURNED: Final = re.compile(r"\s*1\s*[-−–/]\s*")
_HUMPS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s$)")
_NUMBERED: Final = re.compile(r"^([a-z]+)\d")
_TOP: Final = re.compile(r"top\d+")
_STATISTIC: Final = re.compile(r"p\d+|\d+\w{0,2}")  # p99, 1k, 25, 95th


def usual_direction(name: str, unit: str = "") -> Direction | None:
    """Tell which values of a metric are usually better.

    Parameters
    ----------
    name : str
        Name of the metric, with target, unit, prefixes or without; English.
    unit : str
        Its unit, "" if unknown.  A percent sign says nothing.

    Returns
    -------
    {"higher", "lower"} or None
        None where neither name nor unit says.

    Examples
    --------
    >>> usual_direction("Top-1 error (%)"), usual_direction("tokens_per_joule"), usual_direction("acc_time_s@v100")
    ('lower', 'higher', 'lower')
    >>> usual_direction("cold_run", "ms"), usual_direction("score") is None
    ('lower', True)
    """
    if max(len(name), len(unit)) > _LONGEST:
        return None
    text = unicodedata.normalize("NFKC", name).replace("pass@", "passed@")
    stated = [direction for direction, pattern in _STATED.items() if pattern.search(text)]
    if stated:
        return stated[0] if len(stated) == 1 else None
    if _CONFIGURATION.match(text):
        return None
    inside = [part for bracket in _BRACKETS.findall(text) for part in bracket.split(",")]
    outside = _BRACKETS.sub(" ", text)
    outside = outside.partition("@")[0] if outside.partition("@")[0].strip() else outside
    turned = _TURNED.match(outside)
    if turned and _direction_of(_words(outside[turned.end() :]), 0) is None:
        turned = None  # 1-shot accuracy
    words = _words(outside[turned.end() if turned else 0 :])
    said = _read(words)
    said = _flipped(said) if said and turned else said
    for part in map(_words, inside):
        in_unit = _unit(part)
        if in_unit is not None:
            said = _weighed(said, in_unit)
        elif (more := _read(part)) is not None and more != said:
            said = more if said is None else _read([*part, *words])  # Top-1 (error), Error (top-1)
    unit_words = _words(unicodedata.normalize("NFKC", unit))
    said = _weighed(said, _unit(unit_words, certain=True) or _read(unit_words))
    return said.direction if said else None


def _words(text: str) -> list[str]:
    """Split a name into words of lower case; phrases become one word, a slash stays."""
    for sign, word in _SIGNS.items():
        text = text.replace(sign, f" {word} " if len(word) > 1 else word)
    words: list[str] = []
    for piece in re.findall(r"[^\W_]+|/", text):
        whole = piece.lower()
        words += [whole] if _is_known(whole) else _HUMPS.sub(" ", piece).lower().split()
    joined: list[str] = []
    while words:
        for length in (3, 2, 1):
            found = PHRASES.get(tuple(words[:length]))
            if found is not None or length == 1:
                joined += [words[0]] if found is None else [found] if found else []
                words = words[length:]
                break
    return _tidied(joined)


def _tidied(words: list[str]) -> list[str]:
    """Make one word of ``top 1``, and take off what a path begins with."""
    merged: list[str] = []
    for word in words:
        if merged and merged[-1] in ("top", "f") and word.isdecimal():
            merged[-1] += word
        else:
            merged.append(word)
    while len(merged) > 2 and merged[1] == "/" and _is_neutral(merged[0]) and merged[0] not in WORK:
        merged = merged[2:]  # test/acc
    return merged


def _is_known(word: str) -> bool:
    return any(word in words for words in (UNITS, WORK, UNCLEAR, BENCHMARKS)) or _plain_direction(word) is not None


def _plain_direction(word: str) -> Direction | None:
    """What a word says by itself; ``map50`` and ``acc5`` as without their numbers."""
    for stem in (word, *_NUMBERED.findall(word)):
        if stem in GOOD_MEASURES or stem in GOOD_HEADS or stem in GAINS or stem in HINTS:
            return "higher"
        if stem in BAD or stem in PARAMETERS:
            return "lower"
    return "higher" if _TOP.fullmatch(word) else None


def _direction_of(words: list[str], place: int) -> Direction | None:
    """What a word says where it stands."""
    if not words or (words[place] in PARAMETERS and not all(map(_is_neutral, words[place + 1 :]))):
        return None  # params_depth is a parameter, params_m is their number
    return _plain_direction(words[place])


def _is_neutral(word: str) -> bool:
    return word in NEUTRAL or word == "/" or _STATISTIC.fullmatch(word) is not None


def _read(words: list[str]) -> _Said | None:
    """What a phrase says, with its ratios and prepositions."""
    for place, word in enumerate(words):
        left, right = words[:place], words[place + 1 :]
        if (word == "per" and right) or (word == "/" and _divides(left, right)):
            return _read_ratio(left, right)
        if word in CLOSING and left:
            return _UNSURE if right and right[-1] in UNCLEAR else _read_part(left)
        if word in CONTINUING and left:
            said = _read_part(left)
            if said is not None:
                return _UNSURE if right and right[-1] in SPREADS else said  # ndcg_at_10_std
            if left[-1] in WORK:
                return _UNSURE  # tokens to generate
            said = _read(right)
            return _flipped(said) if said and sum(part in FALLS for part in left) % 2 else said  # drop in accuracy
    sides = [_head(side) for side in _split(words)]
    known = {side.direction for side in sides if side}
    return _read_part(words) if len(known) < 2 else _UNSURE  # accuracy/latency


def _split(words: list[str]) -> list[list[str]]:
    sides: list[list[str]] = [[]]
    for word in words:
        if word == "/":
            sides.append([])
        else:
            sides[-1].append(word)
    return sides


def _read_part(words: list[str]) -> _Said | None:
    """What a phrase without prepositions says: its noun, else its unit."""
    return _weighed(_head(words), _unit_among(words))


def _head(words: list[str]) -> _Said | None:
    """What the last noun says, and the words before it make of it."""
    words = [word for word in words if word != "/"]
    if "size" in words or "sizes" in words:
        return _size(words)
    if not UNCLEAR.isdisjoint(words):
        return _UNSURE
    content = [word for word in words if not _is_neutral(word)]
    counted = bool(content) and content[-1] in WORK_MANY  # latency_samples is a number of samples
    falls = 0
    for place in reversed(range(len(words))):
        word = words[place]
        falls += word in FALLS
        direction = _direction_of(words, place)
        if direction is not None and not (counted and word not in JUDGED):
            break
    else:
        if counted:
            return _UNSURE
        benchmark = [word for word in words if word in BENCHMARKS]
        plain = all(_is_neutral(word) or word in BENCHMARKS or len(word) == 1 for word in words)
        return _Said("higher", _HINT) if benchmark and plain else None
    before = words[:place]
    if not FALLS.isdisjoint(before):
        return _UNSURE
    if direction == "higher" and word not in GOOD_HEADS | GAINS | HINTS:
        costs = [other for other in range(place) if _direction_of(words, other) == "lower"]
        if costs and not (before[costs[-1]] in ERRORS and all(map(_is_neutral, before[costs[-1] + 1 :]))):
            return _UNSURE
        direction = "lower" if costs else direction  # loss_iou, error_top1
    said = _Said(direction, _CERTAIN if falls or word in GAINS else _HINT if word in HINTS else _PLAIN)
    if sum(other in NEGATIONS for other in before) % 2:
        likely = word in LIKELIHOODS or direction == "lower"
        if not likely or any(_direction_of(words, other) for other in range(place)):
            return _UNSURE  # of a negative accuracy, or of one measure less another, nobody says what is better
        said = _flipped(said)
    return _flipped(said) if (falls + before.count("complement")) % 2 else said


def _size(words: list[str]) -> _Said:
    """A size is a cost if it is one of a file, and a setting if it is one of a batch."""
    others = [word for word in words if word not in ("size", "sizes") and word not in UNITS and not _is_neutral(word)]
    bytes_ = any(UNITS.get(word) == "data" for word in words)
    cost = SETTINGS.isdisjoint(others) and (bytes_ or SIZES.issuperset(others))
    return _Said("lower", _PLAIN) if cost else _UNSURE


def _divides(left: list[str], right: list[str]) -> bool:
    """Whether a slash is a fraction's, as in ``img/s``, and not a path's, as in ``test/acc``."""
    below = _first(right)
    return below in UNITS or below == "min" or (below in WORK and (_head(left) is not None or _last(left) in UNITS))


def _first(words: list[str]) -> str:
    return next((word for word in words if not _STATISTIC.fullmatch(word) and word not in MULTIPLES), "")


def _last(words: list[str]) -> str:
    return next((word for word in reversed(words) if not _is_neutral(word) or word in WORK), "")


def _read_ratio(above: list[str], below: list[str]) -> _Said | None:
    """What ``above per below`` says."""
    what, by = _last(above), _first(below)
    by = "minute" if by == "min" else by  # elsewhere a minimum
    resource = by in UNITS or _plain_direction(by) == "lower"
    if what in OPERATIONS or what == "epochs" or (UNITS.get(what) == "data" and _head(above) is None):
        gained = UNITS.get(by) in ("time", "energy", "power", "money")
        return _Said("higher" if gained else "lower", _PLAIN)
    if what in PERFORMANCE and resource and UNITS.get(by) != "time":
        return _Said("higher", _PLAIN)
    if above == [what] and what in UNITS:
        return _Said("lower", _PLAIN)  # s/it
    said = _head(above)
    work = any(word in WORK for word in above)
    if work and (said is None or said == _UNSURE) and UNCLEAR.isdisjoint(above):
        return _Said("higher", _PLAIN) if resource else _UNSURE
    if said is not None and said.strength > _HINT:
        return said
    return _unit_among(above) or _read_part(below)  # mean_per_class_acc


def _unit_among(words: list[str]) -> _Said | None:
    """What a unit within a name says: firmly at its end, faintly elsewhere."""
    ends = [word for word in words if not _is_neutral(word)]
    units = [word for word in ends if word in UNITS and word not in SHORT_UNITS]
    if ends and ends[-1] in SHORT_UNITS:
        return _Said("lower", _WEAK) if len(ends) == 1 and len(words) > 1 else None  # mean_s, but not AP_s
    if not units:
        return None
    return _Said("lower", _PLAIN if ends[-1] in UNITS else _WEAK)


def _unit(words: list[str], *, certain: bool = False) -> _Said | None:
    """What a unit says that stands by itself; `certain` where it is known to be one."""
    if len(words) == 1 and (words[0] in UNITS or words[0] == "min"):
        return _Said("lower", _PLAIN if certain or not (words[0] in SHORT_UNITS or words[0] == "min") else _WEAK)
    return _read(words) if "/" in words or "per" in words else None


def _flipped(said: _Said) -> _Said:
    if said.direction is None:
        return said
    return _Said("lower" if said.direction == "higher" else "higher", _CERTAIN)


def _weighed(words: _Said | None, unit: _Said | None) -> _Said | None:
    """Of a name and its unit the stronger; unsure where they disagree and are as strong."""
    if words is None or unit is None:
        return words or unit
    if words.direction is None or words.direction == unit.direction:
        return words
    if words.strength == unit.strength or unit.direction is None:
        return _UNSURE
    return words if words.strength > unit.strength else unit
