"""``paretoscope report``: one self-contained HTML file."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any

from paretoscope.commands.draws import draw
from paretoscope.commands.options import begin, destination, given
from paretoscope.commands.output import say_written
from paretoscope.commands.types import as_typed
from paretoscope.errors import OptionError, ParetoscopeWarning
from paretoscope.reporting.page import check_libraries, report
from paretoscope.reporting.redoing import command_line


def run(flags: dict[str, Any], typed: Collection[str]) -> None:
    """Carry out the command; `typed` names the flags that are not from a study file."""
    command = _command({name: value for name, value in flags.items() if name in typed})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ParetoscopeWarning)
        source, path, _ = begin(flags, partial(_destination, flags), check_libraries)
    views = given(flags, ("level", "confidence"))
    for warning in caught:
        warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    notices = [str(warning.message) for warning in caught if issubclass(warning.category, ParetoscopeWarning)]
    result = draw(source, flags)
    report(result, path, **given(flags, ["title"]), command=command, notices=notices, **views)
    say_written(path)


def _destination(flags: dict[str, Any]) -> Path:
    path = destination(flags, "out")
    if path is None:
        raise OptionError("out: found nothing; expected the name of the file to write, such as --out report.html")
    return path


def _command(flags: dict[str, Any]) -> str:
    """The command as given, but for where the report goes and the number of threads, which do not change it."""
    words = [
        (name, word)
        for name, value in flags.items()
        if name not in ("source", "out", "jobs")
        for word in as_typed(value)
    ]
    return command_line(flags.get("source", ""), [*words, ("out", "report.html")])
