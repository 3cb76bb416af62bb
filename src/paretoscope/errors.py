"""Exceptions and warnings; each message is one line: the place, what was found, what was expected, the remedy."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath
from typing import Final

_QUOTED: Final = 80  # characters of a name or a cell in a message
_MESSAGE: Final = 2000  # of a message, whatever it was given
_SHOWN: Final = 16  # names in one message
_LISTED: Final = 300  # their characters, about
# Letters and marks without a shape, which Python calls printable: fillers and joiners.
_SHAPELESS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_typed: ContextVar[tuple[str, ...] | None] = ContextVar("typed", default=None)  # the command line, if there is one


class ParetoscopeError(Exception):
    """Base of all errors that paretoscope raises on purpose; its message is one line that any terminal can show."""

    def __init__(self, *message: object) -> None:
        super().__init__(*(escaped(str(part), _MESSAGE) for part in message))


class DataError(ParetoscopeError, ValueError):
    """The measurements cannot be used as they are."""


class OptionError(ParetoscopeError, ValueError):
    """An option has a value that it cannot have."""


class SolverError(ParetoscopeError, ArithmeticError):
    """A linear programme could not be solved."""


class ParetoscopeWarning(UserWarning):
    """Base of all warnings that paretoscope gives; its message is one line that any terminal can show."""

    def __init__(self, *message: object) -> None:
        super().__init__(*(escaped(str(part), _MESSAGE) for part in message))


class FewRunsWarning(ParetoscopeWarning):
    """Too few runs to know the spread."""


class DirectionWarning(ParetoscopeWarning):
    """A metric has the role of those that are better high, and its name says that low is better, or the reverse."""


class NoiseFitWarning(ParetoscopeWarning):
    """Runs stand apart or fall into groups, so that the noise fitted to them does not describe them."""


class IterationsWarning(ParetoscopeWarning):
    """Iterations of one run stand in for runs, so the spread is understated."""


class DroppedWarning(ParetoscopeWarning):
    """Models or metrics that lacked a value were left out, as was asked for."""


class NamesWarning(ParetoscopeWarning):
    """Names look alike but differ, so that they are kept apart."""


class SpreadWarning(ParetoscopeWarning):
    """A column looks like the spread of a metric, and is not used."""


class FewModelsWarning(ParetoscopeWarning):
    """Too few models for the number of metrics: most of them will be efficient."""


class SmallnessWarning(ParetoscopeWarning):
    """Constant returns to scale with nearly equal outputs reward the smallest models."""


class ShiftWarning(ParetoscopeWarning):
    """A metric with negative values was counted from another origin, which changes no score."""


class TruncationWarning(ParetoscopeWarning):
    """Many draws fell outside a metric's domain and were drawn again."""


class FigureWarning(ParetoscopeWarning):
    """A figure cannot show all that it should: it is too small, or its font lacks letters."""


class UncertifiedWarning(ParetoscopeWarning):
    """Some efficiency scores lack a certificate of optimality."""


class RepairWarning(ParetoscopeWarning):
    """A file of runs ended in a half-written line, which was removed."""


class RunFailedWarning(ParetoscopeWarning):
    """A model could not be measured and is left out of what remains."""


class StrayProcessWarning(ParetoscopeWarning):
    """A process that a run started goes on after the run."""


class UnrecordedWarning(ParetoscopeWarning):
    """A training was measured, but its run could not be written."""


class MixedMachinesWarning(ParetoscopeWarning):
    """Runs of one target come from different machines, software or settings."""


class DriftWarning(ParetoscopeWarning):
    """Times rose or fell while they were measured."""


class LoadWarning(ParetoscopeWarning):
    """Other programs kept the machine busy."""


class IterationShapeWarning(ParetoscopeWarning):
    """Iterations of a run have a heavy tail or two modes."""


class RunSpreadWarning(ParetoscopeWarning):
    """Runs differ by far more than their iterations explain."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the known name that is spelt most like `name`, as the end of a message, or say nothing.

    Upper and lower case, and spaces around a name, make no difference to how it is spelt.

    Examples
    --------
    >>> nearest("Latncy_MS", ["latency_ms", "top1"])
    "; did you mean 'latency_ms'?"
    """
    if len(name) > _QUOTED:  # a comparison takes the square of the time
        return ""
    spelt: dict[str, str] = {}
    for other in known:
        if len(other) <= 2 * _QUOTED:
            spelt.setdefault(other.strip().casefold(), other)
    match = difflib.get_close_matches(name.strip().casefold(), spelt, n=1, cutoff=0.6)
    return f"; did you mean {quote(spelt[match[0]])}?" if match else ""


def escaped(text: str, longest: int) -> str:
    r"""Write a text on one line: what has no shape of its own as escapes; what is too long loses its middle.

    Control characters, ends of lines, marks that turn the direction of writing, invisible and lone characters would
    move the cursor of a terminal, or hide or turn what stands beside them.

    Examples
    --------
    >>> escaped("a\x1b[31m\n", 80), escaped("0123456789", 8)
    ('a\\x1b[31m\\n', '012...89')
    """
    if len(text) > longest:  # first, since an escape may have ten characters
        text = _without_middle(text, longest)
    if not text.isprintable() or not _SHAPELESS.isdisjoint(text):
        shown = (one if one.isprintable() and one not in _SHAPELESS else ascii(one)[1:-1] for one in text)
        text = _without_middle("".join(shown), longest)
    return text


def _without_middle(text: str, longest: int) -> str:
    n_end = (longest - 3) // 2
    return text if len(text) <= longest else f"{text[: longest - 3 - n_end]}...{text[len(text) - n_end :]}"


def quote(content: object) -> str:
    r"""Show a name, a cell or an option's value in a message: on one line, text in quotes, cut if long.

    Examples
    --------
    >>> quote("a\x1b[31m"), quote(PurePath("runs.csv")), quote(0.5)
    ("'a\\x1b[31m'", "'runs.csv'", '0.5')
    """
    if not isinstance(content, str | PurePath):
        return escaped(repr(content), _QUOTED)
    quoted = escaped(repr(str(content)[: _QUOTED + 1]), 10 * _QUOTED)
    return quoted if len(quoted) <= _QUOTED else f"{quoted[: _QUOTED - 4]}...{quoted[0]}"


def unquoted(content: object) -> str:
    """Show a name that needs no quotes where it stands, such as at the start of a message."""
    return escaped(str(content), _QUOTED)


def listing(names: Iterable[object], show: Callable[[object], str] = quote) -> str:
    """Show names in a message, and count them where they are too many to be shown.

    Examples
    --------
    >>> listing(["a", "b"]), listing(["a", "b"], unquoted), listing([])
    ("'a', 'b'", 'a, b', 'none')
    """
    names = list(names)
    shown: list[str] = []
    for one in names[:_SHOWN]:
        if sum(map(len, shown)) >= _LISTED:
            break
        shown.append(show(one))
    rest = f", ... ({len(names)} in all)" if len(shown) < len(names) else ""
    return ", ".join(shown) + rest if shown else "none"


@contextmanager
def speaking_flags(*typed: str) -> Iterator[None]:
    """Within this context, whoever reads messages typed a command line, and did not write Python."""
    token = _typed.set(typed)
    try:
        yield
    finally:
        _typed.reset(token)


def in_words(*, python: str, flags: str) -> str:
    """A remedy in the words of the caller.

    Examples
    --------
    >>> in_words(python="pass bounds={'wer': None}", flags="give --bound wer=none")
    "pass bounds={'wer': None}"
    >>> with speaking_flags():
    ...     in_words(python="pass bounds={'wer': None}", flags="give --bound wer=none")
    'give --bound wer=none'
    """
    return python if _typed.get() is None else flags


def typed_again(*flags: str) -> str:
    """The command as it was typed, with more flags, for a shell.

    Examples
    --------
    >>> with speaking_flags("paretoscope", "rank", "my runs.csv"):
    ...     typed_again("--inputs", "ms")
    "paretoscope rank 'my runs.csv' --inputs ms"
    """
    typed = list(_typed.get() or ())
    end = typed.index("--") if "--" in typed else len(typed)  # what follows are no flags
    return shlex.join([*typed[:end], *flags, *typed[end:]])
