"""Exceptions and warnings; each message is one line: the place, what was found, what was expected, the remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_QUOTED: Final = 80  # characters of a name or a cell in a message
_speaks_flags: ContextVar[bool] = ContextVar("speaks_flags", default=False)


class ParetoscopeError(Exception):
    """Base of all errors that paretoscope raises on purpose."""


class DataError(ParetoscopeError, ValueError):
    """The measurements cannot be used as they are."""


class OptionError(ParetoscopeError, ValueError):
    """An option has a value that it cannot have."""


class SolverError(ParetoscopeError, ArithmeticError):
    """A linear programme could not be solved."""


class ParetoscopeWarning(UserWarning):
    """Base of all warnings that paretoscope gives."""


class FewRunsWarning(ParetoscopeWarning):
    """Too few runs to know the spread."""


class IterationsWarning(ParetoscopeWarning):
    """Iterations of one run stand in for runs, so the spread is understated."""


class SpreadWarning(ParetoscopeWarning):
    """A column looks like the spread of a metric, and is not used."""


class FewModelsWarning(ParetoscopeWarning):
    """Too few models for the number of metrics: most of them will be efficient."""


class SmallnessWarning(ParetoscopeWarning):
    """Constant returns to scale with nearly equal outputs reward the smallest models."""


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

    Examples
    --------
    >>> nearest("latncy_ms", ["latency_ms", "top1"])
    "; did you mean 'latency_ms'?"
    """
    match = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {match[0]!r}?" if match else ""


def quote(content: object) -> str:
    r"""Show a name or a cell in a message: on one line, in quotes, what cannot be printed as escapes, cut if long.

    Examples
    --------
    >>> quote("a\x1b[31m")
    "'a\\x1b[31m'"
    """
    text = content if isinstance(content, str) else str(content)
    quoted = repr(text[: _QUOTED + 1])
    return quoted if len(quoted) <= _QUOTED else f"{quoted[: _QUOTED - 4]}...{quoted[0]}"


@contextmanager
def speaking_flags() -> Iterator[None]:
    """Within this context, whoever reads messages typed flags, and did not write Python."""
    token = _speaks_flags.set(True)
    try:
        yield
    finally:
        _speaks_flags.reset(token)


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
    return flags if _speaks_flags.get() else python
