"""The report's content: every number from the result, every name as text, one file that asks for nothing else."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html.parser
import itertools
import json
import math
import re
import shlex
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import paretoscope as ps
from helpers import whole_percent, without_advice
from paretoscope.cli import main
from paretoscope.errors import DataError, OptionError, ParetoscopeWarning
from paretoscope.reporting.decimals import efficiency_writer
from paretoscope.reporting.diagram import MOST_MODELS, collapse, draw, shorten
from paretoscope.reporting.page import report
from paretoscope.reporting.payload import rank_bands
from paretoscope.reporting.run_noise import diagnose, pooled_trend
from paretoscope.reporting.settling import MULTIPLES, _is_open, _with_more_runs, settle
from paretoscope.reporting.table import ranking_rows
from paretoscope.reporting.verdict import judge

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(2)</script>",
    "<!-- a & b &lt;",
    "'{{ 7 * 7 }}' \u2028 %{x} $x^2$",
    "2020-01-01",
]


class Page(html.parser.HTMLParser):
    """What a browser would make of the page: elements, the texts of scripts, and the cells of the ranking."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.text = ""
        self.rows: list[list[str]] = []
        self._inside: list[str] = []
        self._in_script = False
        self.bytes = path.read_bytes()
        self.feed(self.bytes.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag == "table":
            self._inside.append(found.get("class") or "")
        if tag == "script":
            self.scripts.append((found, ""))
            self._in_script = True
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._inside.pop()
        self._in_script &= tag != "script"

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif self.lasttag != "style":
            self.text += data
            if self._inside and data.strip():
                self.rows[-1][-1] += data.strip()

    def packed(self, name: str) -> bytes:
        (text,) = (text for found, text in self.scripts if found.get("id") == name)
        return gzip.decompress(base64.b64decode(text))

    def data(self, part: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.packed(f"data-{part}"))
        return found


def quietly(data: ps.Measurements, **options: Any) -> ps.EfficiencyDraws:
    return without_advice(ps.bootstrap, data, **({"n_resamples": 300, "rng": 0} | options))


def runs(names: list[str], ms: list[float], top1: list[float], *, k: int = 4, noise: float = 0.03) -> ps.Measurements:
    """Runs whose means are the given times and whose standard deviations are the given share of them."""
    away = np.resize([1.0, -1.0], k) - np.resize([1.0, -1.0], k).mean()
    away *= noise / (away.std(ddof=1) if k > 1 else 1.0)
    rows = [
        {"model": name, "run": run, "ms": time * (1.0 + away[run]), "top1": score}
        for name, time, score in zip(names, ms, top1, strict=True)
        for run in range(k)
    ]
    return ps.Measurements.from_frame(pd.DataFrame(rows), inputs="ms", outputs="top1", source="runs.csv")


@pytest.fixture(scope="module")
def sim() -> ps.EfficiencyDraws:
    return quietly(ps.load("imagenet"), noise={"top1": "binomial(50000)"})


@pytest.fixture(scope="module")
def page(sim: ps.EfficiencyDraws, tmp_path_factory: pytest.TempPathFactory) -> Page:
    path = tmp_path_factory.mktemp("report") / "report.html"
    report(sim, path)
    return Page(path)


def render(result: ps.EfficiencyDraws | ps.Comparison, folder: Path, **options: Any) -> Page:
    report(result, folder / "report.html", **options)
    return Page(folder / "report.html")


# --- one file


@pytest.mark.slow
def test_same_result_gives_the_same_bytes(sim: ps.EfficiencyDraws, page: Page, tmp_path: Path) -> None:
    sim.save(tmp_path / "sim.npz")
    report(ps.EfficiencyDraws.load(tmp_path / "sim.npz"), tmp_path / "elsewhere.html")
    assert (tmp_path / "elsewhere.html").read_bytes() == page.bytes


def test_nothing_is_asked_of_the_network_and_only_known_scripts_may_run(page: Page) -> None:
    for _, attributes in page.elements:
        for name in ("src", "href", "action", "srcset", "data"):
            assert (attributes.get(name) or "#").startswith(("#", "data:,"))
        assert not [name for name in attributes if name.startswith("on")]
    (policy,) = (a["content"] or "" for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["connect-src"] == rules["form-action"] == "'none'"
    assert "unsafe" not in rules["script-src"]
    running = [text for found, text in page.scripts if "type" not in found]
    assert len(running) == 1
    for code in (running[0].encode(), page.packed("plotly")):
        assert base64.b64encode(hashlib.sha256(code).digest()).decode() in rules["script-src"]
    style = re.search(r"<style>(.*?)</style>", page.bytes.decode(), re.DOTALL)
    assert style
    assert not re.search(r"url\(|@import", style[1])


@pytest.mark.slow
def test_hostile_names_are_text(tmp_path: Path) -> None:
    data = runs(HOSTILE, [1.0, 2, 3, 4, 5, 6], [60.0, 62, 64, 66, 68, 70])
    frame = data.to_frame().assign(metric=lambda table: table["metric"].replace({"ms": "<b>ms</b>", "top1": "</td>&x"}))
    hostile = ps.Measurements.from_frame(frame, inputs="<b>ms</b>", outputs="</td>&x", source="<img src=y>.csv")
    found = render(quietly(hostile), tmp_path)
    assert found.data()["models"] == [row.name for row in _rows(quietly(hostile))]
    assert {tag for tag, _ in found.elements}.isdisjoint({"img", "b", "iframe", "object"})
    assert sum("type" not in attributes for attributes, _ in found.scripts) == 1
    for name in [*HOSTILE, "<b>ms</b>", "</td>&x", "<img src=y>.csv"]:
        assert name in found.text
    assert "<img" not in found.bytes.decode()
    assert "alert(1)</script>" not in found.bytes.decode()


def test_file_is_written_whole_or_not_at_all(
    sim: ps.EfficiencyDraws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_text("before")
    with pytest.raises(OptionError, match=r"confidence: found 0.2; expected a number above 0.5"):
        report(sim, path, confidence=0.2)
    with pytest.raises(OptionError, match=r"level: found 1.5"):
        report(sim, path, level=1.5)
    with pytest.raises(OptionError, match=r"result: found str; expected EfficiencyDraws or a Comparison; make"):
        report("imagenet", path)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"no such folder"):
        report(sim, tmp_path / "missing" / "report.html")
    with pytest.raises(DataError, match=r"found a folder"):
        report(sim, tmp_path)
    for module, name in (("plotly", "plotly"), ("jinja2", "Jinja2")):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            with pytest.raises(OptionError, match=rf"{name}: not installed; .*pip install 'paretoscope\[report\]'"):
                report(sim, path)
    assert path.read_text() == "before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


# --- the numbers


def _rows(sim: ps.EfficiencyDraws, confidence: float = 0.95) -> list[Any]:
    return ranking_rows(sim, sim.summary(confidence=confidence), sim.dominance())


def test_ranking_holds_the_summary_with_the_digits_that_the_error_supports(sim: ps.EfficiencyDraws, page: Page) -> None:
    summary, number = sim.summary(), efficiency_writer(sim)
    dominance = sim.dominance()
    table = [row for row in page.rows if row[0] in sim.models and len(row) > 8]
    assert [row[0] for row in table] == list(summary.index)
    for row, (name, found) in zip(table, summary.iterrows(), strict=True):
        low, high = number(name, found["q05"]), number(name, found["q95"])
        interval = (
            f"{found['rank_low']:.0f}-{found['rank_high']:.0f}" if found["rank_low"] < found["rank_high"] else None
        )
        assert row[1] == f"{found['rank']:.0f}"
        assert row[2] == (interval or f"{found['rank_low']:.0f}")
        assert row[3] == f"{found['tier']:.0f}"
        assert row[4] == number(name, found["mean"])
        assert row[6] == f"{low} .. {high}"
        assert row[7:9] == [f"{found['p_efficient']:.2f}", f"{found['p_best']:.2f}"]
        for cell, metric in zip(row[9:], sim.data.metrics, strict=False):
            mean, sd = sim.data.mean.at[name, metric], sim.data.sd.at[name, metric]
            shown, _, spread = cell.partition(" ± ")
            if sd > 0:
                assert float(shown) == pytest.approx(mean, abs=0.06 * sd)
                assert float(spread) == pytest.approx(sd, rel=0.06)
            else:
                assert float(shown) == pytest.approx(mean, rel=1e-5)
        assert (row[-1] == "") == (name in dominance.admissible)


def test_figures_are_drawn_from_the_result(sim: ps.EfficiencyDraws, page: Page) -> None:
    found, order = page.data(), list(sim.summary().index)
    draws = pd.DataFrame(sim.draws, columns=list(sim.models))[order]
    assert found["models"] == order
    np.testing.assert_allclose(found["mean"], draws.mean(), atol=5.1e-5)
    np.testing.assert_allclose(found["quantiles"], draws.quantile([0.05, 0.25, 0.5, 0.75, 0.95]), atol=5.1e-5)
    n = len(order)
    pairwise = np.frombuffer(page.packed("pairwise-0"), np.uint8).reshape(n, n)
    np.testing.assert_array_equal(pairwise, whole_percent(sim.pairwise().loc[order, order]))
    ranks = np.frombuffer(page.packed("ranks-0"), np.uint8).reshape(n, n)
    np.testing.assert_array_equal(ranks, whole_percent(sim.rank_distribution().loc[order]))
    for metric in found["metrics"]:
        np.testing.assert_allclose(metric["mean"], sim.data.mean.loc[order, metric["name"]], rtol=1e-5)
        measured = sim.data.runs.query("metric == @metric['name']").groupby("model")["value"].apply(list)
        for name, values in zip(order, metric["runs"], strict=True):
            np.testing.assert_allclose(values, measured[name], rtol=1e-5)


def test_curves_are_the_frontier_with_its_band(sim: ps.EfficiencyDraws, page: Page) -> None:
    metrics = sim.data.metrics
    for key, curve in page.data()["curves"].items():
        x, y = (metrics[int(place)] for place in key.split(","))
        for kind in ("staircase", "hull"):
            expected = ps.frontier(sim.data, x, y, kind=kind, n_resamples=0).curve
            np.testing.assert_allclose(curve[kind], expected.to_numpy().T, rtol=1e-5)
        band = ps.frontier(sim, x, y, grid=curve["band"][0]).band
        assert band is not None
        np.testing.assert_allclose(curve["band"][1:], band[["low", "high"]].to_numpy().T, rtol=2e-5)


@pytest.mark.slow
def test_page_is_told_where_axes_are_logarithmic(tmp_path: Path) -> None:
    columns = {"a": [3.0, 5, 8, 9, 20, 30], "b": [3.0, 5, 8, 9, 20, np.nextafter(30.0, 0)], "top1": range(60, 66)}
    table = pd.DataFrame({"model": list("uvwxyz"), **columns})
    data = ps.Measurements.from_frame(table, inputs=["a", "b"], outputs="top1")
    found = render(quietly(data, noise="3%"), tmp_path).data()
    assert [(metric["name"], metric["wide"]) for metric in found["metrics"]] == [
        ("a", True), ("b", False), ("top1", False)
    ]  # fmt: skip
    assert found["metrics"][1]["mean"] == found["metrics"][0]["mean"]  # as rounded for the page


def test_many_ranks_are_put_into_bands() -> None:
    names = [f"m{i:03d}" for i in range(120)]
    wide = quietly(runs(names, list(np.linspace(1, 9, 120)), list(np.linspace(50, 70, 120)), noise=0.2))
    order = list(wide.summary().index)
    labels, bands = rank_bands(wide, order)
    assert (labels[0], labels[1], labels[-1]) == ("1-3", "4-6", "118-120")
    np.testing.assert_allclose(bands.sum(axis=1), 1.0)
    distribution = wide.rank_distribution().loc[order].to_numpy()
    np.testing.assert_allclose(bands[:, 1], distribution[:, 3:6].sum(axis=1))


@pytest.mark.slow
def test_advice_names_the_target_in_the_metrics_units(tmp_path: Path) -> None:
    frame = pd.DataFrame({"model": list("ABCDEF"), "top1": [60, 70, 75, 76, 66, 71], "ms@cpu": [2, 4, 9, 20, 8, 12.0]})
    found = render(quietly(ps.Measurements.from_frame(frame, outputs="top1", inputs="ms@cpu")), tmp_path).data()
    advice = dict(zip(found["models"], found["advice"], strict=True))
    assert advice["E"]["text"] == "To be efficient, E needs ms 3.2 on cpu instead of 8, at top1 66."
    assert advice["E"]["peers"] == [[found["models"].index("B"), "0.60"], [found["models"].index("A"), "0.40"]]
    assert advice["E"]["point"] == [3.2, 66.0]
    assert advice["B"]["text"] == "B is on the frontier at the means: nothing is asked of it."


@pytest.mark.slow
def test_slacks_and_missing_scores_are_said(tmp_path: Path) -> None:
    frame = pd.DataFrame({"model": list("abcdefg"), "ms": [1, 2, 1.5, 2, 3, 4, 5.0], "acc": [5, 9, 3, 0, 1, 2, 3.0]})
    data = ps.Measurements.from_frame(frame, inputs="ms", outputs="acc", bounds={"acc": None})
    found = render(quietly(data, rts="vrs"), tmp_path).data()
    advice = dict(zip(found["models"], found["advice"], strict=True))
    assert advice["c"]["text"] == "To be efficient, c needs ms 1 instead of 1.5 and acc 5 instead of 3."
    assert advice["c"]["cells"][1] == ["3", "5", "2"]
    nothing = render(quietly(data, rts="crs"), tmp_path).data()
    assert "d gives nothing" in nothing["advice"][nothing["models"].index("d")]["text"]


@pytest.mark.slow
def test_long_runs_are_cut_and_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paretoscope.reporting.payload.MOST_RUNS", 36)
    data = runs(list("abcdef"), [1, 2, 3, 4, 5, 6], [60, 61, 62, 63, 64, 65], k=8)
    found = render(quietly(data), tmp_path).data()
    assert found["runs_kept"] == 3
    assert {len(values) for values in found["metrics"][0]["runs"]} == {3}


# --- the verdict


@pytest.fixture(scope="module")
def clear() -> ps.EfficiencyDraws:
    """Two models on the frontier, one near it, three far from it."""
    return quietly(
        runs(["fast", "near", "good", "slow", "slower", "slowest"], [1, 1.05, 3, 9, 18, 36], [60, 60, 70, 60, 60, 60]),
        n_resamples=1000,
    )


def test_verdict_says_what_the_numbers_say(clear: ps.EfficiencyDraws) -> None:
    rows = _rows(clear)
    consider, tie, open_, dominated = judge(clear, rows, 0.95)
    assert consider.title == "3 of 6 models are worth considering"
    assert "Judged by ms (better small) and top1 (better large)." in consider.text
    assert f"(admissible): {' and '.join(clear.dominance().admissible)}." in consider.text
    summary = clear.summary()
    assert [row.name for row, _ in consider.models] == list(summary.index[summary["tier"] == 1])
    assert {row.name for row, _ in tie.models} == set(summary.index[summary["p_efficient"] >= 0.95])
    assert {row.name for row, _ in open_.models} == {
        *summary.index[(summary["tier"] == 1) & (summary["p_efficient"] < 0.95)]
    }
    (remark,) = (remark for row, remark in open_.models if row.name == "near")
    assert remark.startswith(f"on the frontier in {100 * summary.at['near', 'p_efficient']:.0f} % of the draws, rank")
    matrix = clear.dominance().matrix
    assert {row.name for row, _ in dominated.models} == set(matrix.columns[matrix.any(axis=0)])
    assert {row.name: remark for row, remark in dominated.models}["slowest"] == "by slower"
    assert "3 of them are beaten as well" in dominated.text


def test_verdict_of_clear_and_of_hopeless_cases() -> None:
    names = list("abcdefg")
    same = quietly(runs(names, [2.0] * 7, [60.0] * 7, noise=0.2))
    consider, tie, open_, _ = judge(same, _rows(same), 0.95)
    assert consider.title == "All 7 models are worth considering"
    assert tie.title == "No model is on the frontier in 95 % of the draws"
    assert open_.title == "Noise leaves 7 models open"
    chain = quietly(runs(names, [2.0**i for i in range(7)], [70.0 - i for i in range(7)], noise=0.001))
    consider, tie, open_, dominated = judge(chain, _rows(chain), 0.95)
    assert consider.title == "1 of 7 models is worth considering"
    assert tie.title == "One model is firmly on the frontier"
    assert open_.title == "Noise leaves no model open"
    assert dominated.title == "6 models are dominated"
    front = quietly(runs(names, [2.0**i for i in range(7)], list(np.sqrt(range(50, 57))), noise=0.0))
    free = quietly(front.data, rts="fdh")
    assert judge(free, _rows(free), 0.95)[3].title == "No model is dominated"


@pytest.mark.slow
def test_long_lists_are_cut_with_their_rest_counted(tmp_path: Path) -> None:
    names = [f"model{i:02d}" for i in range(40)]
    many = quietly(runs(names, [2.0] * 40, [60.0] * 40, noise=0.2))
    finding = judge(many, _rows(many), 0.95)[0]
    assert (len(finding.named), finding.n_unnamed) == (8, 32)
    assert "and 32 more: see the ranking" in " ".join(render(many, tmp_path).text.split())


# --- what more runs would settle


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def test_multiple_of_runs_is_that_of_two_normal_means() -> None:
    """Equal outputs: the faster one is the more efficient, and P(mean a < mean b) = Phi(d sqrt(k m / 2) / s)."""
    sd, k, difference = 0.1, 4, 0.07
    table = pd.DataFrame(
        {
            "model": list("abcdef"),
            "ms": [10.0, 10.0 + difference, 90.0, 91.0, 92.0, 93.0],
            "ms_sd": [sd, sd, 0.1, 0.1, 0.1, 0.1],
            "ms_n": k,
            "top1": 70.0,
        }
    )
    sim = quietly(ps.Measurements.from_frame(table, inputs="ms", outputs="top1"), n_resamples=2000)
    found = settle(sim, ["a", "b"], 0.95)
    (pair,) = found.pairs
    assert pair.run == pytest.approx(_normal(difference / sd / math.sqrt(2)), abs=0.04)  # 4 standard errors
    assert pair.mean == pytest.approx(_normal(difference / sd * math.sqrt(k / 2)), abs=0.04)
    needed = [m for m in MULTIPLES if _normal(difference / sd * math.sqrt(k * m / 2)) >= 0.95]
    assert pair.multiple == needed[0] == 4
    assert found.open_run == 1
    assert found.open_mean == {1: 1, 2: 1, 4: 0, 8: 0, 16: 0}
    assert "About 4 times as many runs (16 in place of 4) would settle 1 of these." in found.text
    assert pair.settled_by == "about 4 times as many runs"


def test_open_means_neither_told_apart_nor_tied() -> None:
    greater = np.array([[0.0, 0.95, 0.3, 0.02], [0.0, 0.0, 0.5, 0.5], [0.3, 0.5, 0.0, 0.0], [0.02, 0.4, 1.0, 0.0]])
    expected = np.zeros((4, 4), bool)
    for i, j in itertools.permutations(range(4), 2):
        more, less = greater[i, j], greater[j, i]
        expected[i, j] = more < 0.95 and less < 0.95 and 1 - more - less < 0.95
    result = _is_open(greater, 0.95)
    np.fill_diagonal(result, False)
    np.testing.assert_array_equal(result, expected)


def test_more_runs_change_nothing_but_their_number(sim: ps.EfficiencyDraws) -> None:
    more = _with_more_runs(sim.data, 4)
    pd.testing.assert_frame_equal(more.mean, sim.data.mean)
    pd.testing.assert_frame_equal(more.sd, sim.data.sd)
    factor = np.where(sim.data.sd > 0, 4, 1)
    pd.testing.assert_frame_equal(more.n_runs, sim.data.n_runs * factor)
    assert (more.bounds, more.units, more.models) == (sim.data.bounds, sim.data.units, sim.data.models)


def test_settled_means_are_said_to_be_settled(clear: ps.EfficiencyDraws) -> None:
    found = settle(clear, ["good", "slower"], 0.95)
    assert (found.open_run, found.pairs) == (0, [])
    assert "the runs so far settle all of them" in found.text


def test_settling_says_why_there_is_no_answer(clear: ps.EfficiencyDraws) -> None:
    both = ["fast", "near"]
    assert "holds one model" in settle(clear, ["fast"], 0.95).text
    fixed = quietly(clear.data, frontier="fixed", n_resamples=50)
    assert "under a fixed frontier" in settle(fixed, both, 0.95).text
    alone = quietly(runs(list("abcdefg"), [1, 2, 3, 4, 5, 6, 7], [60, 61, 62, 63, 64, 65, 66], k=1), noise="3%")
    assert "No spread comes from repeated runs" in settle(alone, ["a", "b"], 0.95).text
    table = pd.DataFrame({"model": list("abcdef"), "ms": range(2, 8), "ms_sd": 0.2, "top1": range(60, 66)})
    unknown = quietly(ps.Measurements.from_frame(table, inputs="ms", outputs="top1"))
    assert "No spread comes from repeated runs" in settle(unknown, ["a", "b"], 0.95).text
    mixed = table.assign(ms_n=[np.nan, 3, 3, 3, 3, 3])
    partly = quietly(ps.Measurements.from_frame(mixed, inputs="ms", outputs="top1"))
    found = settle(partly, ["a", "b"], 0.95)
    assert "cannot be said" in found.text
    assert "the number of runs behind its sd is unknown" in found.text


# --- the runs' noise


def test_trend_is_kendalls_with_the_variance_of_all_orders() -> None:
    for values in ([1.0, 2.0, 3.0, 5.0], [1.0, 1.0, 2.0, 3.0], [4.0, 4.0, 1.0, 1.0, 2.0]):

        def score(order: tuple[float, ...]) -> float:
            return sum(float(np.sign(b - a)) for a, b in itertools.combinations(order, 2))

        variance = np.mean([score(order) ** 2 for order in itertools.permutations(values)])
        total = 2 * score(tuple(values))
        expected = np.sign(total) * max(abs(total) - 1, 0) / math.sqrt(2 * variance)
        assert pooled_trend([np.array(values)] * 2) == pytest.approx(expected)
    assert pooled_trend([np.array([1.0, 2.0, 3.0]), np.full(9, 2.0), np.empty(0)]) is None


@pytest.mark.slow
def test_trend_is_about_standard_normal_without_one() -> None:
    rng = np.random.default_rng(11)
    found = [pooled_trend(list(rng.standard_normal((6, 8)))) for _ in range(600)]
    # 600 draws: the standard deviation's own standard error is 0.03, the mean's 0.04; each fails about once in 10,000.
    assert np.std(found) == pytest.approx(1.0, abs=0.13)
    assert np.mean(found) == pytest.approx(0.0, abs=0.17)


def test_noise_table_describes_each_metric(sim: ps.EfficiencyDraws, page: Page) -> None:
    data = sim.data
    for found in diagnose(data, sim.noise):
        sd, mean = data.sd[found.metric], data.mean[found.metric]
        varying = (sd / mean)[sd > 0]
        assert found.n_repeated == (data.n_runs[found.metric] > 1).sum()
        if len(varying):
            assert found.largest == varying.max()
            assert found.median == varying.median()
            assert found.noisiest == varying.idxmax()
        row = next(row for row in page.rows if row[:2] == [found.metric, sim.noise[found.metric]])
        assert row[2] == str(found.n_repeated)
        assert row[-1] == found.trend_text


def test_drift_is_found() -> None:
    rows = [
        {"model": name, "run": run, "ms": base * (1 + 0.05 * run), "top1": 60 + base}
        for base, name in enumerate("abcdef", 2)
        for run in range(5)
    ]
    data = ps.Measurements.from_frame(pd.DataFrame(rows), inputs="ms", outputs="top1")
    rising = diagnose(data, {"ms": "gaussian", "top1": "exact"})
    assert rising[0].trend_text.startswith("values rise in the order of the table")
    assert rising[1].trend_text.startswith("too few runs to tell")


# --- dominance


def test_diagram_is_the_transitive_reduction_with_dominators_below(sim: ps.EfficiencyDraws) -> None:
    rng = np.random.default_rng(3)
    names = [f"model number {i}" for i in range(MOST_MODELS)]
    crowd = quietly(
        runs(names, list(rng.lognormal(2, 0.6, MOST_MODELS)), list(rng.uniform(50, 70, MOST_MODELS)), noise=0.1)
    )
    for result in (sim, crowd):
        dominance, order = result.dominance(), list(result.summary().index)
        diagram = draw(dominance, order)
        assert sorted(name for node in diagram.nodes for name in node.names) == sorted(result.models)
        for a, b in itertools.combinations(diagram.nodes, 2):
            apart = a.x + a.width < b.x or b.x + b.width < a.x or a.y + a.height < b.y or b.y + b.height < a.y
            assert apart, (a, b)
        assert all(node.x >= 0 and node.x + node.width <= diagram.width for node in diagram.nodes)
        box = {name: node for node in diagram.nodes for name in node.names}
        drawn = {ends for ends, _ in diagram.edges}
        assert len(drawn) == len(diagram.edges)
        for a, b in dominance.graph.edges:
            assert box[a].y > box[b].y
            assert (box[a].names[0], box[b].names[0]) in drawn
        assert len(drawn) == len({(box[a].names[0], box[b].names[0]) for a, b in dominance.graph.edges})
        for (a, b), path in diagram.edges:
            numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
            assert numbers[:2] == [box[a].middle, box[a].y]
            assert numbers[-3:-1] == [box[b].middle, box[b].y + box[b].height]


@pytest.mark.slow
def test_crowds_are_collapsed_by_level(tmp_path: Path) -> None:
    n = MOST_MODELS + 1
    names = [f"m{i}" for i in range(n)]
    chain = quietly(runs(names, [2.0 + i for i in range(n)], [80.0 - i for i in range(n)], noise=0.001))
    levels = collapse(chain.dominance(), list(chain.summary().index))
    assert [level.title for level in levels[-2:]] == ["Level 2: 1 model", "Level 1, admissible: 1 model"]
    assert levels[0].title.startswith("Levels 11 to ")
    assert sorted(name for level in levels for _, name in level.models) == sorted(names)
    assert "are too many for a diagram" in render(chain, tmp_path).text


def test_long_names_lose_their_middle() -> None:
    assert shorten("short") == "short"
    assert shorten("a" * 20 + "b" * 20, 11) == "aaaaa…bbbbb"


# --- every kind of result


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"rts": "crs"},
        {"rts": "fdh", "orientation": "output"},
        {"rts": "nirs", "scope": "mean"},
        {"noise": "student"},
        {"noise": "empirical", "scope": "mean"},
        {"frontier": "fixed"},
        {"n_resamples": 1},
        {"noise": "exact"},
    ],
    ids=str,
)
def test_every_kind_of_result_makes_a_page(tmp_path: Path, options: dict[str, Any], clear: ps.EfficiencyDraws) -> None:
    spread = options.get("noise") != "exact"
    data = clear.data if spread else runs(list("abcdef"), [1, 2, 3, 4, 5, 6], [60, 61, 62, 63, 64, 65], noise=0.0)
    result = quietly(data, **options)
    found = render(result, tmp_path)
    assert found.data()["models"] == list(result.summary().index)
    if options.get("frontier") == "fixed":
        assert "read the intervals of efficiency, and not ranks, tiers or dominance" in found.text


@pytest.mark.slow
def test_two_models_published_means_and_failed_scores_make_a_page(tmp_path: Path) -> None:
    table = pd.DataFrame({"model": ["a", "b"], "ms": [2.0, 3.0], "ms_sd": [0.2, 0.3], "top1": [60.0, 62.0]})
    two = quietly(ps.Measurements.from_frame(table, inputs="ms", outputs="top1"))
    assert set(render(two, tmp_path).data()["models"]) == {"a", "b"}
    from dataclasses import replace

    draws = two.draws.copy()
    draws[0, 0] = np.nan
    failed = replace(two, draws=draws, status=two.status | {"uncertified": 1})
    text = render(failed, tmp_path).text
    assert "1 uncertified (draws with one are left out)" in text


@pytest.mark.slow
def test_comparison_has_a_part_for_every_set(tmp_path: Path) -> None:
    data = ps.load("imagenet")
    sets = [[data.inputs[0]], list(data.inputs)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ParetoscopeWarning)
        comparison = ps.compare(data, sets, n_resamples=200, rng=0)
    found = render(comparison, tmp_path)
    for number, (label, one) in enumerate(comparison.sims.items()):
        assert found.data(number)["models"] == list(one.summary().index)
        assert [metric["name"] for metric in found.data(number)["metrics"]] == [*sets[number], *data.outputs]
        assert f"Set of inputs: {label}" in found.text
    table = comparison.table()
    for name in data.models:
        row = next(row for row in found.rows if row[0] == name and len(row) == 1 + len(sets) and "tier" in row[1])
        for cell, label in zip(row[1:], comparison.sims, strict=True):
            assert cell.endswith(f"tier {table.at[name, (label, 'tier')]}, rank {table.at[name, (label, 'rank')]}")


# --- provenance and the command


def test_provenance_is_complete(sim: ps.EfficiencyDraws, page: Page) -> None:
    facts = [sim.data.fingerprint, f"{len(sim.draws):,}", *sim.noise.values(), *sim.versions.values()]
    facts += [sim.rts, sim.orientation, sim.data.source, f"{sim.status['certified']:,} certified by the solver"]
    for fact in [*facts, json.dumps(ps.provenance("imagenet"), indent=1, ensure_ascii=False)]:
        assert fact in page.text


@pytest.mark.slow
def test_printed_command_makes_the_same_page(sim: ps.EfficiencyDraws, page: Page, tmp_path: Path) -> None:
    (command,) = re.findall(r"paretoscope report imagenet(?: \\\n    \S+)+", page.text)
    words = shlex.split(command.replace("\\\n", " "))
    assert words[-1] == "--out=report.html"
    out = tmp_path / "report.html"
    assert main([*words[1:-1], f"--out={out}"]) == 0
    again = Page(out)
    assert again.packed("data-0") == page.packed("data-0")
    assert out.read_bytes() == page.bytes


@pytest.mark.slow
def test_command_for_tables_in_memory_is_python(tmp_path: Path, clear: ps.EfficiencyDraws) -> None:
    data = ps.Measurements.from_frame(clear.data.to_frame(), inputs="ms", outputs="top1")
    unnamed = quietly(data, rng=np.random.default_rng(4))
    text = render(unnamed, tmp_path).text
    assert "paretoscope.report(paretoscope.bootstrap(data, n_resamples=300" in text
    (sequence,) = re.findall(r"SeedSequence\((\d+), spawn_key=\((\d+),\)\)", text)
    again = quietly(data, rng=np.random.SeedSequence(int(sequence[0]), spawn_key=(int(sequence[1]),)))
    np.testing.assert_array_equal(again.draws, unnamed.draws)


@pytest.mark.slow
def test_report_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "runs.csv"
    rows = ["name,run,iteration,ms,usd,top1"]
    rows += [f"m{i},1,{k},{2 + i + 0.1 * k},{9 - i},{60 + i}" for i in range(6) for k in range(3)]
    table.write_text("\n".join(rows) + "\n")
    out = tmp_path / "page.html"
    given = ["--model", "name", "--outputs", "top1", "--inputs", "ms", "--inputs", "ms,usd", "--resamples", "100"]
    given += ["--noise", "student", "--noise", "ms=3%", "--bound", "top1=90", "--bound", "usd=none"]
    assert main(["report", str(table), *given, "--title", "Which <one>?", "--jobs", "2", "--out", str(out)]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"wrote {out} ({out.stat().st_size / 1e6:.1f} MB)\n"
    assert "warning: metric 'ms': found several iterations of one run" in captured.err
    page = Page(out)
    assert "Which <one>?" in page.text
    assert "found several iterations of one run" in page.text
    (command,) = re.findall(r"paretoscope report \S+(?: \\\n    .*[^\\\s])+", page.text)
    words = shlex.split(command.replace("\\\n", " "))[3:]
    flags = [f"{flag}={value}" for flag, value in zip(given[::2], given[1::2], strict=True)]
    assert sorted(words) == sorted([*flags, "--title=Which <one>?", "--out=report.html"])
    assert "--jobs" not in page.text
    assert page.text.count("--inputs=") == 2
    study = tmp_path / "study.toml"
    study.write_text('source = "runs.csv"\nmodel = "name"\noutputs = ["top1"]\ninputs = ["ms"]\nresamples = 100\n')
    assert main(["report", "--study", str(study), "--out", str(out)]) == 0
    assert f"--study={study}" in Page(out).text


@pytest.mark.slow
def test_report_command_reads_saved_results(
    sim: ps.EfficiencyDraws, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sim.save(tmp_path / "sim.npz")
    assert main(["report", str(tmp_path / "sim.npz"), "--out", str(tmp_path / "page.html")]) == 0
    assert Page(tmp_path / "page.html").data()["models"] == list(sim.summary().index)
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["imagenet"], "out: found nothing; expected the name of the file to write, such as --out report.html"),
        (["imagenet", "--out", "missing/r.html"], "no such folder"),
        (["imagenet", "--rts", "vsr", "--out", "r.html"], "did you mean 'vrs'"),
        (["imagenet", "--confidence", "0.1", "--out", "r.html"], "confidence: found 0.1"),
        (["nothing.csv", "--outputs", "a", "--inputs", "b", "--out", "r.html"], "found no such file"),
        (["sim.npz", "--out", "sim.npz"], "which is the source too"),
    ],
)
def test_report_command_refuses(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert all(line.startswith("error: ") for line in error.splitlines())
    assert list(tmp_path.iterdir()) == []
