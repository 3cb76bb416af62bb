"""Put the report together and write it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paretoscope.datasets import DATASETS, provenance
from paretoscope.errors import OptionError
from paretoscope.files import check_destination, write_whole
from paretoscope.orders.ranking import check_views
from paretoscope.reporting.diagram import MOST_MODELS, Diagram, Level, collapse, draw
from paretoscope.reporting.packing import pack, pack_json, pack_shares, script_source
from paretoscope.reporting.payload import figure_data, rank_bands
from paretoscope.reporting.redoing import command_to_redo, origin
from paretoscope.reporting.run_noise import MetricNoise, diagnose
from paretoscope.reporting.settling import Settling, settle
from paretoscope.reporting.table import Row, ranking_rows, set_rows
from paretoscope.reporting.verdict import Finding, judge
from paretoscope.reporting.wording import in_shape
from paretoscope.resampling.draws import EfficiencyDraws
from paretoscope.resampling.input_sets import Comparison

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEMPLATES = resources.files(__name__.rpartition(".")[0]) / "templates"
# In the order in which the page runs them, as one script.
_SCRIPTS = ("state.js", "ranking.js", "drawing.js", "explorer.js", "efficiencies.js", "noise.js", "start.js")


@dataclass(frozen=True, slots=True)
class Part:
    """What the page says about one result; a comparison has several."""

    label: str
    sim: EfficiencyDraws
    findings: list[Finding]
    settling: Settling
    rows: list[Row]
    n_tiers: int
    diagram: Diagram | None
    levels: list[Level]
    noise: list[MetricNoise]
    origin: list[tuple[str, str]]
    place: dict[str, int]
    data: str
    pairwise: str
    ranks: str


def report(
    result: EfficiencyDraws | Comparison,
    path: str | Path,
    *,
    title: str = "",
    level: float = 0.90,
    confidence: float = 0.95,
    command: str = "",
    notices: Sequence[str] = (),
) -> None:
    """Write a result as one HTML file that needs no network: verdict, ranking, figures, provenance.

    The same result gives the same bytes.

    Parameters
    ----------
    result : EfficiencyDraws or Comparison
        What `bootstrap` or `compare` returned.
    path : str or Path
        The file to write, whole or not at all.
    title : str
        Of the page; by default it names the data.
    level : float
        Probability that a rank interval covers.
    confidence : float
        For one model to beat another, which makes tiers.
    command : str
        The command line to print for making the report again; by default it is worked out from the result.
    notices : sequence of str
        Further warnings to print beside the result's own.

    Raises
    ------
    OptionError
        If `result` is none, a probability is out of range, or plotly or Jinja2 is not installed.
    DataError
        If the file cannot be written.

    Examples
    --------
    >>> import paretoscope as ps
    >>> sim = ps.bootstrap(ps.load("imagenet"), n_resamples=200, rng=0)
    >>> ps.report(sim, "report.html")  # doctest: +SKIP
    """
    if not isinstance(result, EfficiencyDraws | Comparison):
        raise OptionError(
            f"result: found {type(result).__name__}; expected EfficiencyDraws or a Comparison; "
            "make one with paretoscope.bootstrap or paretoscope.compare"
        )
    check_destination(Path(path))
    views = {"level": level, "confidence": confidence}
    check_views(**views)
    text = render(result, views=views, title=title, command=command, notices=notices)
    with write_whole(path) as stream:
        stream.write(text.encode("utf-8", "replace"))


def check_libraries() -> None:
    """Raise OptionError unless what reports are made with is installed."""
    for module, name in (("plotly", "plotly"), ("jinja2", "Jinja2")):
        try:
            __import__(module)
        except ImportError:
            raise OptionError(
                f"{name}: not installed; expected for reports; pip install 'paretoscope[report]'"
            ) from None


def render(
    result: EfficiencyDraws | Comparison, *, views: dict[str, float], title: str, command: str, notices: Sequence[str]
) -> str:
    """Make the page's text."""
    check_libraries()
    from jinja2 import Environment, StrictUndefined
    from plotly.offline import get_plotlyjs, get_plotlyjs_version  # type: ignore[import-untyped]

    sims = result.sims if isinstance(result, Comparison) else {"": result}
    parts = [_part(label, sim, views) for label, sim in sims.items()]
    source = parts[0].sim.data.source
    plotly, script = get_plotlyjs(), _script()
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_printed
    )
    warned = dict.fromkeys([*notices, *(notice for sim in sims.values() for notice in sim.notices)])
    return environment.from_string(_read("report.html.jinja")).render(
        title=title or f"{source or 'Models'}: which one to ship?",
        parts=parts,
        set_rows=set_rows({part.label: part.rows for part in parts}) if len(parts) > 1 else [],
        views=views,
        notices=list(warned),
        command=command or command_to_redo(list(sims.values()), views),
        machine=json.dumps(provenance(source), indent=1, ensure_ascii=False) if source in DATASETS else "",
        plotly=pack(plotly.encode()),
        plotly_version=get_plotlyjs_version(),
        script=script,
        style=_read("report.css"),
        script_source=script_source([script, plotly]),
    )


def _printed(content: Any) -> Any:
    """What a template prints: text in shape, numbers and markup as they are."""
    return content if not isinstance(content, str) or hasattr(content, "__html__") else in_shape(content)


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _script() -> str:
    return "(() => {\n'use strict';\n" + "\n".join(_read(name) for name in _SCRIPTS) + "})();\n"


def _part(label: str, sim: EfficiencyDraws, views: dict[str, Any]) -> Part:
    summary = sim.summary(**views)
    dominance = sim.dominance()
    confidence = float(views["confidence"])
    small = len(summary) <= MOST_MODELS
    rows = ranking_rows(sim, summary, dominance)
    names = [row.name for row in rows]
    rank_labels, ranks = rank_bands(sim, names)
    return Part(
        label=label,
        sim=sim,
        findings=judge(sim, rows, confidence),
        settling=settle(sim, [row.name for row in rows if row.tier == 1], confidence),
        rows=rows,
        n_tiers=max(row.tier for row in rows),
        diagram=draw(dominance, names) if small else None,
        levels=[] if small else collapse(dominance, names),
        noise=diagnose(sim.data, sim.noise),
        origin=origin(sim),
        place={row.name: row.place for row in rows},
        data=pack_json(figure_data(sim, rows) | {"rank_labels": rank_labels}),
        pairwise=pack_shares(sim.pairwise().loc[names, names].to_numpy()),
        ranks=pack_shares(ranks),
    )
