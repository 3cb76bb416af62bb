"""``paretoscope report``: one self-contained HTML file."""

from __future__ import annotations

import warnings
from typing import Any

from paretoscope.commands.options import Options, open_source
from paretoscope.errors import OptionError, ParetoscopeWarning
from paretoscope.orders.ranking import check_views
from paretoscope.reporting.page import check_libraries, report
from paretoscope.reporting.redoing import command_line
from paretoscope.resampling.algorithm import bootstrap
from paretoscope.resampling.draws import EfficiencyDraws
from paretoscope.resampling.input_sets import Comparison, compare

_DRAW_OPTIONS = {"rts": str, "orientation": str, "scope": str, "frontier": str}


def run(flags: dict[str, Any]) -> None:
    """Carry out the command."""
    command = _command(flags)
    options = Options(flags)
    path = options.destination("out")
    if path is None:
        raise OptionError("out: found nothing; expected the name of the file to write, such as --out report.html")
    views = {name: options.get(name, (int, float), default) for name, default in (("level", 0.9), ("confidence", 0.95))}
    check_views(**views)
    check_libraries()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ParetoscopeWarning)
        source = open_source(options)
    for warning in caught:
        warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    notices = [str(warning.message) for warning in caught if issubclass(warning.category, ParetoscopeWarning)]
    sets = options.groups("inputs")
    if isinstance(source, EfficiencyDraws):
        result: EfficiencyDraws | Comparison = source
    else:
        settings = options.given(**_DRAW_OPTIONS) | {
            "noise": options.noise(),
            "n_resamples": options.get("resamples", int, 10_000),
            "rng": options.get("seed", int, 0),
            "n_jobs": options.get("jobs", int, 1),
        }
        result = compare(source, sets, **settings) if len(sets) > 1 else bootstrap(source, **settings)
    report(result, path, title=options.get("title", str, ""), command=command, notices=notices, **views)


def _command(flags: dict[str, Any]) -> str:
    """The command as given, but for where the report goes and the number of threads, which do not change it."""
    given = [
        (name, value) for name, value in flags.items() if name not in ("source", "out", "jobs") and value is not None
    ]
    words = [(name, one) for name, value in given for one in (value if isinstance(value, tuple | list) else (value,))]
    return command_line(str(flags.get("source") or ""), [*words, ("out", "report.html")])
