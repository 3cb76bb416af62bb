"""Figures: what they show is what was computed, names lie over nothing, the same figure gives the same bytes."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import re
import subprocess
import sys
import warnings
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

mpl = pytest.importorskip("matplotlib")
mpl.use("agg")

from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.colors import to_rgb  # noqa: E402
from matplotlib.patches import FancyBboxPatch, PathPatch  # noqa: E402
from mpl_toolkits.mplot3d import proj3d  # noqa: E402

import instances  # noqa: E402
import paretoscope as ps  # noqa: E402
from paretoscope import plot  # noqa: E402
from paretoscope.cli import main  # noqa: E402
from paretoscope.errors import FewModelsWarning, FigureWarning  # noqa: E402
from paretoscope.fronts.curves import Roles, frontier_band  # noqa: E402
from paretoscope.orders.dominance import dominance  # noqa: E402
from paretoscope.plot.axis_labels import directed_label, metric_label  # noqa: E402
from paretoscope.plot.hull import frontier_facets  # noqa: E402
from paretoscope.plot.layers import lay_out  # noqa: E402
from paretoscope.plot.placement import place_names  # noqa: E402
from paretoscope.plot.point_names import PointNames  # noqa: E402
from paretoscope.plot.short_names import shorten, text_width, wrap  # noqa: E402
from paretoscope.plot.style import BLUE  # noqa: E402

DOCS = Path(__file__).parents[1] / "docs"
ODD = ["a$b$", "x_1^2", "{net}", "<b>&amp;", "Ж-сеть θ", r"\frac{1}", "50%", "#1 ~net"]
KINDS = ("efficiency", "dominance", "frontier", "frontier3d", "compare", "ranks", "noise")


@pytest.fixture(autouse=True)
def _clean_up():
    before = dict(mpl.rcParams)
    yield
    plt.close("all")
    assert dict(mpl.rcParams) == before


def measure(n_models=9, *, n_runs=5, names=None, seed=0):
    """Models with two costs and an accuracy, more or less of it for its cost."""
    rng = np.random.default_rng(seed)
    words = ("swift", "deep", "wide", "dense", "squeeze", "mobile")
    rows = []
    for i in range(n_models):
        cost, name = rng.lognormal(2, 1), f"{words[i % 6]}net_{i}" if names is None else names[i]
        accuracy = 82 - 25 / (1 + cost / 4) - rng.exponential(3)
        usd = 3 * cost * rng.lognormal(0, 0.3)
        rows += [(name, run, accuracy, cost * np.exp(0.06 * rng.normal()), usd) for run in range(n_runs)]
    frame = pd.DataFrame(rows, columns=["model", "run", "top1", "latency_ms@gpu", "train_usd"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewModelsWarning)
        return ps.Measurements.from_frame(frame, outputs="top1", inputs=["latency_ms@gpu", "train_usd"])


def draw(data, n_resamples=200, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewModelsWarning)
        return ps.bootstrap(data, n_resamples=n_resamples, rng=0, **options)


def figure_of(kind, data, **options):
    """Any kind of figure of some data."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewModelsWarning)
        if kind == "compare":
            return plot.compare(ps.compare(data, [data.inputs[:1], data.inputs], n_resamples=100, rng=0), **options)
        if kind in ("frontier", "frontier3d", "noise"):
            extra = {"n_resamples": 50} if kind == "frontier" else {}
            return getattr(plot, kind)(data, **extra, **options)
        sim = draw(data, 100)
        return (
            plot.dominance(sim.dominance(), **options) if kind == "dominance" else getattr(plot, kind)(sim, **options)
        )


@pytest.fixture(scope="module")
def data():
    return measure()


@pytest.fixture(scope="module")
def sim(data):
    return draw(data)


def names_of(ax):
    """The placed names of a drawn figure."""
    placed = next(artist for artist in ax.get_children() if isinstance(artist, PointNames))
    return [text for text in placed.texts if text.get_visible()]


def row_names(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


def texts_drawn(ax):
    """Every text that is seen, but for the numbers along solid axes, which matplotlib lays out by itself."""
    texts = [*ax.texts, *names_of_or_none(ax)]
    if ax.name != "3d" and ax.axison:
        texts += [ax.xaxis.label, ax.yaxis.label]
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            labels = zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=True)
            texts += [label for at, label in labels if low <= at <= high]
    if ax.get_legend():
        texts += ax.get_legend().get_texts()
    return list({id(text): text for text in texts if text.get_visible() and text.get_text().strip()}.values())


def names_of_or_none(ax):
    return names_of(ax) if any(isinstance(artist, PointNames) for artist in ax.get_children()) else []


def check_clear(texts):
    """No text lies over another one."""
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    for (one, box), (other, other_box) in combinations(boxes, 2):
        wide = min(box.x1, other_box.x1) - max(box.x0, other_box.x0)
        high = min(box.y1, other_box.y1) - max(box.y0, other_box.y0)
        # Extents hold the font's whole height, of which letters leave some free.
        assert not (wide > 0.5 and high > 0.25 * min(box.height, other_box.height)), (one, other)


def check_inside(ax):
    """Nothing is cut off by the edge of the figure."""
    figure, slack = ax.figure.bbox, 1.0
    for artist in (ax, *texts_drawn(ax)):
        extent = artist.get_tightbbox() if artist is ax else artist.get_window_extent()
        assert extent.x0 >= figure.x0 - slack, artist
        assert extent.y0 >= figure.y0 - slack, artist
        assert extent.x1 <= figure.x1 + slack, artist
        assert extent.y1 <= figure.y1 + slack, artist


# All kinds


@pytest.mark.slow
@pytest.mark.parametrize("n_models", [2, 9, 17, 30, 45])
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_covers_another_or_leaves_the_figure(kind, n_models):
    ax = figure_of(kind, measure(n_models, seed=n_models))
    ax.figure.draw_without_rendering()
    check_clear(texts_drawn(ax))
    check_inside(ax)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_axes_given_are_used_and_returned(kind, data, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("shown"))
    figure = mpl.figure.Figure(layout="constrained")
    ax = figure.add_subplot(projection="3d" if kind == "frontier3d" else None)
    assert figure_of(kind, data, ax=ax) is ax
    assert plt.get_fignums() == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_figure_only_without_axes(kind, data):
    plt.figure().add_subplot()
    ax = figure_of(kind, data)
    assert len(plt.get_fignums()) == 2
    assert ax.figure is plt.figure(plt.get_fignums()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_wrong_axes_are_refused(kind, data):
    with pytest.raises(ps.OptionError, match=r"ax: found Figure; expected matplotlib's Axes; pass figure.add_subplot"):
        figure_of(kind, data, ax=plt.figure())
    wrong = "rectilinear" if kind == "frontier3d" else "3d"
    with pytest.raises(ps.OptionError, match=rf"ax: found Axes with projection '{wrong}'; expected"):
        figure_of(kind, data, ax=plt.figure().add_subplot(projection=wrong))


@pytest.mark.parametrize("kind", ["efficiency", "dominance", "ranks", "compare", "frontier", "frontier3d", "noise"])
def test_other_things_than_results_are_refused(kind):
    with pytest.raises(ps.OptionError, match=r"^\w+: found str; expected \w+.*; (make|pass) "):
        getattr(plot, kind)("runs.csv")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["efficiency", "dominance", "ranks", "compare", "noise"])
@pytest.mark.parametrize("top", [0, 2.5, True, "3"])
def test_top_is_a_number_of_models(kind, top, data):
    with pytest.raises(ps.OptionError, match=r"top: found .*; expected a whole number of at least 1"):
        figure_of(kind, data, top=top)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
@pytest.mark.parametrize("kind", KINDS)
def test_odd_names_are_drawn_as_they_are(kind, form, tmp_path):
    data = measure(len(ODD), names=ODD)
    ax = figure_of(kind, data)
    plot.save(ax, tmp_path / f"odd.{form}")
    shown = "\n".join(text.get_text() for text in texts_drawn(ax))
    for name in ODD:
        assert name in shown
    assert all(
        not text.get_parse_math() and not text.get_usetex()
        for text in texts_drawn(ax)
        if set(text.get_text()) & {*"$_^"}
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_long_names_lose_their_middle_and_stay_distinct(kind):
    names = [
        f"a_very_long_name_that_someone_gave_to_number_{i}_of_many_models_with_all_of_its_settings" for i in range(6)
    ]
    ax = figure_of(kind, measure(6, names=names))
    ax.figure.draw_without_rendering()
    shown = [text.get_text() for text in texts_drawn(ax) if "…" in text.get_text()]
    assert shown
    assert len(set(shown)) == len(shown)
    check_clear(texts_drawn(ax))
    check_inside(ax)


@pytest.mark.slow
def test_many_models_are_cut_with_a_word_about_the_rest():
    data = measure(1_000, n_runs=3)
    sim = draw(data, 20)
    for kind, found in (("efficiency", sim), ("ranks", sim), ("noise", data)):
        ax = getattr(plot, kind)(found)
        assert len(row_names(ax)) == 31
        assert row_names(ax)[-1] == "… and 970 more"
        ax.figure.draw_without_rendering()
        check_inside(ax)
    ax = plot.dominance(sim.dominance())
    ax.figure.draw_without_rendering()
    check_inside(ax)


# Efficiency


def test_efficiency_draws_quantiles_in_ranked_order(sim):
    ax = plot.efficiency(sim)
    summary = sim.summary()
    assert row_names(ax) == list(summary.index)
    low, high = ax.get_ylim()
    assert low > high  # the best on top
    draws = pd.DataFrame(sim.draws, columns=sim.models)[list(summary.index)]
    first, median, third = (draws.quantile(share).to_numpy() for share in (0.25, 0.5, 0.75))
    boxes = ax.patches[: len(summary)]
    np.testing.assert_allclose([box.get_x() for box in boxes], first)
    np.testing.assert_allclose([box.get_x() + box.get_width() for box in boxes], third)
    np.testing.assert_allclose([box.get_y() + box.get_height() / 2 for box in boxes], np.arange(len(summary)))
    whiskers, medians = (np.array(lines.get_segments()) for lines in ax.collections[:2])
    np.testing.assert_allclose(whiskers[:, 0, 0], summary["q05"])
    np.testing.assert_allclose(whiskers[:, 1, 0], summary["q95"])
    np.testing.assert_allclose(medians[:, 0, 0], median)
    diamonds = next(line for line in ax.lines if line.get_marker() == "D")
    np.testing.assert_array_equal(diamonds.get_xdata(), summary["efficiency"])


@pytest.mark.slow
def test_efficiency_marks_each_run_of_a_tier(sim):
    tiers = sim.summary()["tier"].tolist()
    runs = [tier for tier, before in zip(tiers, [None, *tiers], strict=False) if tier != before]
    assert [text.get_text() for text in plot.efficiency(sim).texts] == [f"tier {tier}" for tier in runs]
    alone = plot.efficiency(sim, confidence=1.0)
    assert len(alone.texts) <= len(runs)


def test_efficiency_shows_the_first_ones(sim):
    ax = plot.efficiency(sim, top=4)
    assert row_names(ax) == [*sim.summary().index[:4], f"… and {len(sim.models) - 4} more"]


@pytest.mark.slow
def test_infinite_draws_are_an_arrow_at_the_edge(sim):
    draws = sim.draws.copy()
    draws[:, 2] = np.inf
    endless = dataclasses.replace(
        sim, draws=draws, efficiency=sim.efficiency.mask(sim.efficiency.index == sim.models[2], np.inf)
    )
    ax = plot.efficiency(endless)
    assert row_names(ax)[0] == sim.models[2]
    arrows = next(line for line in ax.lines if line.get_marker() == ">")
    assert arrows.get_ydata().tolist() == [0]
    assert np.isfinite(ax.get_xlim()).all()
    assert "infinite" in [text.get_text() for text in ax.get_legend().get_texts()]
    assert "infinite" not in [text.get_text() for text in plot.efficiency(sim).get_legend().get_texts()]
    plot.ranks(endless)
    plot.dominance(endless.dominance())
    ax = plot.compare(ps.Comparison({"all": endless}))
    assert any(text.get_text().startswith("inf") for text in ax.texts)


@pytest.mark.slow
def test_incomplete_draws_are_left_out(sim):
    draws = sim.draws.copy()
    draws[::3, 1] = np.nan
    holes = dataclasses.replace(sim, draws=draws, status=sim.status | {"uncertified": 1})
    whole = dataclasses.replace(sim, draws=np.delete(sim.draws, np.s_[::3], axis=0))
    for kind in ("efficiency", "ranks"):
        one, other = getattr(plot, kind)(holes), getattr(plot, kind)(whole)
        assert row_names(one) == row_names(other)
    np.testing.assert_array_equal(
        plot.efficiency(holes).collections[0].get_segments(), plot.efficiency(whole).collections[0].get_segments()
    )


@pytest.mark.slow
def test_models_that_are_all_efficient_are_drawn():
    frame = pd.DataFrame({"model": list("abcd"), "ms": [1.0, 2, 3, 4], "top1": [60.0, 70, 75, 77]})
    data = ps.Measurements.from_frame(frame, inputs="ms", outputs="top1")
    sim = draw(data, noise="1%")
    for kind in ("efficiency", "ranks"):
        ax = getattr(plot, kind)(sim)
        ax.figure.draw_without_rendering()
        check_inside(ax)
    assert len(plot.frontier(data, kind="hull", noise="1%").collections) > 0


# Dominance


def frames_of(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]


def label_of(ax, frame):
    box = frame.get_bbox()
    return next(t.get_text() for t in ax.texts if box.contains(*t.get_position()) and t.get_ha() == "center")


def joined(ax):
    """Pairs of frames' texts that lines join, from below to above."""
    frames = {label_of(ax, frame): frame.get_bbox() for frame in frames_of(ax)}
    pairs = set()
    for line in (patch for patch in ax.patches if isinstance(patch, PathPatch)):
        (x0, y0), (x1, y1) = line.get_path().vertices[[0, -1]]
        lower = next(name for name, box in frames.items() if abs(box.y1 - y0) < 1e-6 and box.x0 < x0 < box.x1)
        upper = next(name for name, box in frames.items() if abs(box.y0 - y1) < 1e-6 and box.x0 < x1 < box.x1)
        assert y1 > y0
        pairs.add((lower, upper))
    return pairs


@pytest.mark.parametrize("n_models", [9, 17, 30])
def test_dominance_draws_the_transitive_reduction_with_dominators_below(n_models):
    found = draw(measure(n_models, seed=n_models)).dominance()
    ax = plot.dominance(found)
    together = {name: "\n= ".join(group) for group in found.groups for name in group}
    expected = {(together.get(a, a), together.get(b, b)) for a, b in found.graph.edges}
    assert joined(ax) == expected
    assert len(frames_of(ax)) == n_models - sum(len(group) - 1 for group in found.groups)
    blue = {label_of(ax, frame) for frame in frames_of(ax) if frame.get_edgecolor()[:3] == to_rgb(BLUE)}
    assert blue == {together.get(name, name) for name in found.admissible}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_lines_of_dominance_pass_beside_frames(seed):
    ax = plot.dominance(draw(measure(25, seed=seed)).dominance())
    frames = [frame.get_bbox() for frame in frames_of(ax)]
    for line in (patch for patch in ax.patches if isinstance(patch, PathPatch)):
        points = line.get_path().interpolated(1).to_polygons(closed_only=False)[0]
        ends = line.get_path().vertices[[0, -1]]
        steps = np.concatenate([a + np.linspace(0, 1, 20)[:, np.newaxis] * (b - a) for a, b in pairwise(points)])
        for box in frames:
            inside = ((steps > box.min + 0.1) & (steps < box.max - 0.1)).all(axis=1)
            assert not inside.any(), (ends, box)


def test_dominance_collapses_by_level():
    found = draw(measure(45, seed=3)).dominance()
    ax = plot.dominance(found)
    levels = found.levels.value_counts().sort_index()
    shown = min(len(levels), 12)
    assert len(frames_of(ax)) == shown
    said = {text.get_text() for text in ax.texts}
    assert f"level 1,\n{levels[1]} admissible" in said
    assert any(text.endswith(f"\n{levels[12:].sum() + levels[12]} models") for text in said) or len(levels) <= 12
    assert len(joined(ax)) == shown - 1
    for name in found.levels.index[found.levels == 1][:1]:
        assert any(name in label_of(ax, frame) for frame in frames_of(ax))
    assert len(frames_of(plot.dominance(found, top=45))) > shown


@pytest.mark.slow
@pytest.mark.parametrize("n_models", [3, 12, 45])
def test_names_stay_in_their_frames(n_models):
    alike = dominance(np.ones((5, n_models)), [f"network_number_{i}" for i in range(n_models)])
    for found in (alike, draw(measure(n_models)).dominance()):
        ax = plot.dominance(found)
        ax.figure.draw_without_rendering()
        for frame in frames_of(ax):
            text = next(t for t in ax.texts if t.get_text() == label_of(ax, frame)).get_window_extent()
            box = frame.get_window_extent()
            assert (text.min >= box.min).all()
            assert (text.max <= box.max).all()


def test_dominance_of_one_model_and_of_equal_ones():
    ax = plot.dominance(dominance(np.ones((5, 1)), ["only"]))
    assert [label_of(ax, frame) for frame in frames_of(ax)] == ["only"]
    ax = plot.dominance(dominance(np.ones((5, 3)), list("abc")))
    assert [label_of(ax, frame) for frame in frames_of(ax)] == ["a\n= b\n= c"]


def test_dominance_fits_small_axes():
    figure = mpl.figure.Figure((3.0, 2.0))
    ax = plot.dominance(draw(measure(17)).dominance(), ax=figure.add_subplot())
    figure.draw_without_rendering()
    check_clear(ax.texts)
    check_inside(ax)


# Frontier


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["staircase", "hull"])
@pytest.mark.parametrize(
    ("x", "y"), [("latency_ms@gpu", "top1"), ("top1", "train_usd"), ("latency_ms@gpu", "train_usd")]
)
def test_frontier_draws_the_curve_and_its_band(kind, x, y, sim):
    data = sim.data
    ax = plot.frontier(sim, x=x, y=y, kind=kind)
    curve = ps.frontier(data, x, y, kind=kind, n_resamples=0).curve
    marks, line = ax.lines[1], ax.lines[2]
    assert set(zip(*marks.get_data(), strict=True)) >= set(zip(curve[x], curve[y], strict=True))
    assert set(zip(curve[x], curve[y], strict=True)) <= set(zip(*line.get_data(), strict=True))
    band = ax.collections[-1].get_paths()[0].vertices
    grid = np.unique(band[:, 0])
    samples = np.stack([sim.sample(b)[[x, y]].to_numpy().T for b in range(len(sim.draws))])
    known = [data.inputs.count(metric) == 1 for metric in (x, y)]
    expected = frontier_band([samples], grid, roles=Roles(*known), kind=kind)
    for at, low, _, high in zip(grid, *expected.T, strict=True):
        if np.isfinite([low, high]).all():
            drawn = band[band[:, 0] == at, 1]
            np.testing.assert_allclose([drawn.min(), drawn.max()], [low, high])


@pytest.mark.slow
def test_frontier_without_draws_has_no_band(data):
    ax = plot.frontier(data, n_resamples=0)
    assert len(ax.collections) == 0
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["frontier (staircase)", "other models"]


@pytest.mark.slow
def test_frontier_bars_hold_the_middle_of_the_draws(sim):
    ax = plot.frontier(sim)
    samples = np.stack([sim.sample(b)["latency_ms@gpu"] for b in range(len(sim.draws))])
    segments = np.array(ax.collections[0].get_segments())
    np.testing.assert_allclose(segments[:, :, 0], np.quantile(samples, [0.05, 0.95], axis=0).T)


@pytest.mark.slow
def test_frontier_scales_and_labels(data):
    ax = plot.frontier(data, n_resamples=0)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    assert ax.get_xlabel() == "latency [ms], gpu (← better)"
    assert ax.get_ylabel() == "top1 [%] (better →)"
    ax.figure.draw_without_rendering()
    assert all(re.fullmatch(r"[\d.]*", text.get_text()) for text in ax.get_xticklabels())  # no 10^1


@pytest.mark.slow
@pytest.mark.parametrize("n_models", [9, 17, 30])
def test_frontier_names_all_of_few_models(n_models):
    data = measure(n_models, seed=n_models)
    ax = plot.frontier(data, n_resamples=100)
    ax.figure.draw_without_rendering()
    assert {text.get_text() for text in names_of(ax)} == set(data.models)
    frame = ax.bbox.padded(1.0)
    assert all(frame.contains(*corner) for text in names_of(ax) for corner in text.get_window_extent().corners())


@pytest.mark.slow
def test_frontier_names_whom_it_is_told(data):
    front = ps.frontier(data, "latency_ms@gpu", "top1", n_resamples=0).models
    for names, expected in (("front", front), ("none", []), ("all", data.models), (data.models[3:5], data.models[3:5])):
        ax = plot.frontier(data, names=names, n_resamples=0)
        ax.figure.draw_without_rendering()
        assert {text.get_text() for text in names_of(ax)} == set(expected)
    many = measure(40)
    ax = plot.frontier(many, n_resamples=0)
    ax.figure.draw_without_rendering()
    assert {text.get_text() for text in names_of(ax)} <= set(
        ps.frontier(many, "latency_ms@gpu", "top1", n_resamples=0).models
    )


@pytest.mark.slow
def test_frontier_refuses_unknown_options(data):
    with pytest.raises(ps.OptionError, match=r"x: found 'latency'; expected one of .*; did you mean 'latency_ms@gpu'"):
        plot.frontier(data, x="latency")
    with pytest.raises(ps.OptionError, match=r"y: found 'top1' for x and y; expected two metrics"):
        plot.frontier(data, x="top1", y="top1")
    with pytest.raises(ps.OptionError, match=r"kind: found 'hul'; expected .*did you mean 'hull'"):
        plot.frontier(data, kind="hul")
    with pytest.raises(ps.OptionError, match=r"names: found 'every'; expected auto, all, front, none"):
        plot.frontier(data, names="every")
    with pytest.raises(ps.OptionError, match=r"names: found 'swiftnet'; expected one of"):
        plot.frontier(data, names=["swiftnet"])


@pytest.mark.slow
def test_names_without_room_are_counted(data):
    figure = mpl.figure.Figure((2.0, 1.5))
    ax = figure.add_subplot()
    plot.frontier(measure(30), n_resamples=0, ax=ax)
    figure.draw_without_rendering()
    n_hidden = 30 - len(names_of(ax))
    assert n_hidden > 0
    assert f"{n_hidden} names left out" in [text.get_text() for text in ax.texts]
    ax.figure.set_size_inches(12, 9)
    figure.draw_without_rendering()
    assert len(names_of(ax)) == 30  # there is room now


# The surface


def score_with(data, values, metrics, orientation):
    """Efficiency of points beside the models, for some metrics."""
    means = data.mean[metrics]
    points = pd.DataFrame(values, columns=metrics, index=[f"point {i}" for i in range(len(values))])
    frame = pd.concat([means, points]).rename_axis("model").reset_index()
    inputs = [metric for metric in metrics if metric in data.inputs]
    outputs = [metric for metric in metrics if metric in data.outputs]
    everything = ps.Measurements.from_frame(frame, inputs=inputs, outputs=outputs, bounds=dict.fromkeys(metrics))
    return ps.efficiency(everything, orientation=orientation).scores.iloc[len(means) :].to_numpy()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_points_on_the_surface_are_efficient(seed, n_outputs):
    rng = np.random.default_rng(seed)
    values = rng.lognormal(size=(14, 3)) + 1.0
    metrics = ["a", "b", "c"]
    inputs, outputs = metrics[: 3 - n_outputs], metrics[3 - n_outputs :]
    frame = pd.DataFrame(values, columns=metrics).assign(model=[f"m{i}" for i in range(14)])
    data = ps.Measurements.from_frame(frame, inputs=inputs, outputs=outputs)
    signs = np.where(np.isin(metrics, inputs), 1.0, -1.0)
    facets = frontier_facets(signs * values, (signs * values).max(axis=0) + 0.05)
    for facet in facets:
        shares = rng.dirichlet(np.ones(len(facet.corners)), size=2)
        points = signs * (shares @ facet.corners)
        # Moving all inputs, or all outputs, leaves the facet, unless free disposal of all of them makes it.
        for orientation, moved in (("input", signs > 0), ("output", signs < 0)):
            if facet.normal[moved].any():
                np.testing.assert_allclose(score_with(data, points, metrics, orientation), 1.0, atol=1e-7)
        if facet.is_efficient:
            assert len(facet.models) == len(facet.corners)
    on_surface = {model for facet in facets for model in facet.models}
    efficient = {i for i, score in enumerate(ps.efficiency(data).scores) if score == 1.0}
    strict = on_surface & efficient
    assert efficient == strict


@pytest.mark.parametrize("make", [instances.lognormal, instances.integers, instances.duplicates, instances.sphere])
@pytest.mark.parametrize("seed", range(4))
def test_no_model_lies_beyond_the_surface(make, seed):
    values = make(np.random.default_rng(seed), (3, 40), 2)
    points = (np.array([[1.0], [1.0], [-1.0]]) * values).T
    worst = points.max(axis=0) + 0.1 * np.ptp(points, axis=0)
    unit = worst - points.min(axis=0)
    facets = frontier_facets(points, worst)
    for facet in facets:
        offset = facet.normal @ (facet.corners / unit).T
        np.testing.assert_allclose(offset, offset[0], atol=1e-8)
        assert ((points / unit) @ facet.normal <= offset.max() + 1e-8).all()
    # Seen along each metric, the facets cover the box once, but for what no model reaches.
    for axis in range(3):
        others = [i for i in range(3) if i != axis]
        area = sum(polygon_area(facet.corners[:, others]) for facet in facets if facet.normal[axis] < 0.0)
        reach = points[:, others].min(axis=0)
        assert area <= np.prod(worst[others] - reach) * (1 + 1e-9)
        flat = [facet for facet in facets if facet.normal[axis] < 0.0]
        assert area == pytest.approx(polygon_area(np.concatenate([f.corners[:, others] for f in flat]), hull=True))


def polygon_area(corners, *, hull=False):
    if hull:
        from scipy.spatial import ConvexHull

        return ConvexHull(corners).volume
    x, y = corners.T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


@pytest.mark.slow
def test_frontier3d_draws_facets_between_models(data):
    ax = plot.frontier3d(data)
    scores = ps.efficiency(data).scores
    hidden, shown = (np.column_stack(line.get_data_3d()) for line in ax.lines[:2])
    means = data.mean[["latency_ms@gpu", "train_usd", "top1"]].to_numpy().copy()
    means[:, :2] = np.log10(means[:, :2])
    np.testing.assert_allclose(shown, means[scores == 1.0])
    np.testing.assert_allclose(hidden, means[scores < 1.0])
    ax.figure.draw_without_rendering()
    corners = np.concatenate([facet.get_paths()[0].vertices for facet in ax.collections])
    for x, y in np.column_stack(proj3d.proj_transform(*shown.T, ax.get_proj())[:2]):
        assert np.hypot(*(corners - (x, y)).T).min() < 1e-9
    assert ax.get_xlabel() == "latency [ms], gpu\n(less is better)"
    ticks = [tick.label1.get_text() for tick in ax.xaxis.get_major_ticks()]
    assert ticks
    assert all(float(text) > 0 for text in ticks)


@pytest.mark.slow
def test_frontier3d_takes_any_three_metrics(data):
    assert plot.frontier3d(data, z="latency_ms@gpu").get_zlabel().startswith("latency")
    ax = plot.frontier3d(data, x="top1")
    assert [ax.get_xlabel()[:4], ax.get_ylabel()[:4], ax.get_zlabel()[:4]] == ["top1", "late", "trai"]
    with pytest.raises(ps.OptionError, match=r"x, y, z: found top1, top1, train_usd; expected three different metrics"):
        plot.frontier3d(data, x="top1", y="top1", z="train_usd")
    with pytest.raises(ps.OptionError, match=r"z: found 'usd'; expected one of"):
        plot.frontier3d(data, z="usd")
    with pytest.raises(ps.OptionError, match=r"data: found 2 metrics, latency_ms@gpu, top1; expected three or more"):
        plot.frontier3d(data.select(inputs="latency_ms@gpu"))


# Sets of inputs, ranks, runs


@pytest.mark.slow
def test_compare_writes_mean_and_tier_of_each_set(data):
    found = ps.compare(data, {"GPU": ["latency_ms@gpu"], "both": list(data.inputs)}, n_resamples=100, rng=0)
    ax = plot.compare(found)
    table = found.table()
    assert row_names(ax) == list(table.index)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["GPU", "both"]
    cells = {text.get_position(): text.get_text() for text in ax.texts}
    for y, model in enumerate(table.index):
        for x, label in enumerate(["GPU", "both"]):
            mean, tier = re.fullmatch(r"([\d.]+) \((\d+)\)", cells[x, y]).groups()
            places = len(mean.partition(".")[2])
            assert float(mean) == round(table.loc[model, (label, "mean")], places)
            assert int(tier) == table.loc[model, (label, "tier")]
            assert places <= 2
    np.testing.assert_allclose(ax.collections[0].get_array().reshape(-1, 2)[:, 0], table["GPU", "mean"])
    plain = plot.compare(ps.compare(data, [["latency_ms@gpu"], data.inputs], n_resamples=50, rng=0))
    assert [t.get_text() for t in plain.get_xticklabels()] == ["latency [ms], gpu", "latency [ms], gpu\n+ train [USD]"]


def test_ranks_are_shades_of_their_probability(sim):
    ax = plot.ranks(sim)
    order = list(sim.rank().sort_values(kind="stable").index)
    assert row_names(ax) == order
    expected = sim.rank_distribution().loc[order].to_numpy()
    shown = ax.collections[0].get_array().reshape(len(order), -1)
    np.testing.assert_array_equal(shown, expected[:, : shown.shape[1]])
    assert (expected[:, shown.shape[1] :] < 0.005).all()
    cells = {text.get_position(): text.get_text() for text in ax.texts}
    for (y, x), share in np.ndenumerate(shown):
        assert cells[1.0 + x, y] == ("" if share < 0.005 else f"{share:.2f}")


@pytest.mark.slow
def test_ranges_of_many_ranks_hold_all_probability():
    sim = draw(measure(120, n_runs=3), 100)
    ax = plot.ranks(sim, top=120)
    shown = ax.collections[0].get_array().reshape(120, -1)
    np.testing.assert_allclose(shown.sum(axis=1), 1.0, atol=0.02)
    labels = [text.get_text() for text in ax.get_xticklabels()]
    ranges = [tuple(map(int, label.split("–"))) for label in labels]
    assert ranges[0][0] == 1
    assert all(before[-1] + 1 == after[0] for before, after in pairwise(ranges))
    order = list(sim.rank().sort_values(kind="stable").index)
    third = sim.rank_distribution().loc[order, list(range(ranges[-2][0], ranges[-2][-1] + 1))].sum(axis=1)
    np.testing.assert_allclose(shown[:, -2], third)


def test_noise_draws_runs_in_the_order_of_the_table():
    frame = pd.DataFrame(
        {"model": ["a"] * 3 + ["b"] * 4, "run": [3, 1, 2, 1, 2, 3, 4], "ms": [10.0, 11, 12, 5, 5, 5, 8], "top1": 70.0}
    )
    data = ps.Measurements.from_frame(frame, inputs="ms", outputs="top1")
    ax = plot.noise(data)
    assert row_names(ax) == ["b", "a"]  # the larger spread first
    dots = [line for line in ax.lines if line.get_marker() == "."]
    np.testing.assert_allclose(dots[1].get_xdata(), [100 * (10 / 11 - 1), 0, 100 * (12 / 11 - 1)])
    assert (np.diff(dots[1].get_ydata()) > 0).all()  # and y grows downwards
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    np.testing.assert_allclose(dots[0].get_xdata(), [0, 0, 0, 60])
    assert "9.1 %" in [text.get_text() for text in ax.texts]  # 1 / 11
    assert "26 %" in [text.get_text() for text in ax.texts]


def test_noise_needs_repeats(data):
    once = measure(4, n_runs=1)
    with pytest.raises(ps.DataError, match=r"data: found no metric with repeats; expected two runs of some model"):
        plot.noise(once)
    with pytest.raises(ps.DataError, match=r"metric 'top1': found no model with two runs; expected repeats"):
        plot.noise(once, metric="top1")
    with pytest.raises(ps.OptionError, match=r"metric: found 'ms'; expected one of"):
        plot.noise(data, metric="ms")


# Names and their places


@pytest.mark.slow
def test_placed_names_never_overlap():
    rng = np.random.default_rng(1)
    for _ in range(40):
        n_names = rng.integers(1, 60)
        anchors = rng.uniform(0, 400, (n_names, 2)) if rng.random() < 0.7 else np.full((n_names, 2), 200.0)
        sizes = np.column_stack([rng.uniform(10, 120, n_names), np.full(n_names, 12.0)])
        frame = np.array([[0.0, 0.0], [400.0, 300.0]])
        corners, ends = place_names(anchors, sizes, anchors, frame, gap=5.0)
        kept = np.isfinite(corners).all(axis=1)
        assert not kept[anchors[:, 1] > 300].any()
        boxes = np.stack([corners[kept], corners[kept] + sizes[kept]], axis=1)
        assert (boxes >= 0.0).all()
        assert (boxes <= frame[1]).all()
        for one, other in combinations(boxes, 2):
            assert (one[0] >= other[1]).any() or (other[0] >= one[1]).any()
        led = np.isfinite(ends).all(axis=1)
        assert (kept | ~led).all()


def test_a_lone_name_stands_right_beside_its_point():
    at = np.array([[50.0, 50.0]])
    corners, ends = place_names(at, np.array([[30.0, 10.0]]), at, np.array([[0.0, 0.0], [100.0, 100.0]]), gap=4.0)
    np.testing.assert_allclose(corners, [[54.0, 45.0]])
    assert np.isnan(ends).all()


def test_names_keep_their_ends():
    whole = ["resnet18", "resnet50"]
    assert shorten(whole, 500, 10) == whole
    long = ["mobilenetv3_small_050.lamb_in1k", "mobilenetv3_small_075.lamb_in1k", "mobilenetv3_small_100.lamb_in1k"]
    short = shorten(long, 150, 10)
    assert len(set(short)) == 3
    for name, cut in zip(long, short, strict=True):
        first, last = cut.split("…")
        assert name.startswith(first)
        assert name.endswith(last)
        assert text_width(cut, 10) <= 150
    assert shorten(["two\nlines\there"], 500, 10) == ["two lines here"]
    assert len(set(shorten([f"{i:03d}" * 30 for i in range(50)], 60, 10))) == 50


def test_lines_wrap_between_words():
    lines = wrap("one two three four\nfive", 60, 10).split("\n")
    assert " ".join(lines) == "one two three four five"
    assert lines[-1] == "five"
    assert all(text_width(line, 10) <= 60 for line in lines)


@pytest.mark.filterwarnings("ignore::paretoscope.errors.DirectionWarning")
def test_metrics_are_named_for_readers():
    frame = pd.DataFrame({"model": ["a", "b"], "top1": [70.0, 75], "latency_ms_p90@v100": [1.0, 2]})
    for metric, label in {
        "latency_ms_p90": "latency p90 [ms]", "images_per_s": "images [1/s]", "train_hours": "train [h]", "ms": "ms",
        "peak_memory_mb": "peak memory [MB]", "params": "params", "energy_mj": "energy [mJ]",
    }.items():  # fmt: skip
        data = ps.Measurements.from_frame(
            frame.rename(columns={"latency_ms_p90@v100": metric}), inputs=metric, outputs="top1"
        )
        assert metric_label(data, metric) == label
    data = ps.Measurements.from_frame(frame, inputs="latency_ms_p90@v100", outputs="top1")
    assert directed_label(data, "latency_ms_p90@v100") == "latency p90 [ms], v100 (← better)"
    rows = [
        (model, metric, unit, value)
        for model in "ab"
        for metric, unit, value in (("speed", "km/h", 3.0), ("t_ms", "ms", 2.0))
    ]
    long = pd.DataFrame(rows, columns=["model", "metric", "unit", "value"])
    data = ps.Measurements.from_frame(long, inputs="t_ms", outputs="speed")
    assert (metric_label(data, "speed"), metric_label(data, "t_ms")) == ("speed [km/h]", "t [ms]")


def test_layers_untangle_what_can_be_untangled():
    levels = [1, 1, 1, 2, 2, 2]
    edges = [(0, 5), (1, 4), (2, 3)]
    layout = lay_out(levels, edges, [10.0] * 6, widest=200.0, gap=5.0)
    order = sorted(range(3), key=layout.x.__getitem__)
    above = [dict(edges)[node] for node in order]
    assert above == sorted(above, key=layout.x.__getitem__)
    for a, b in edges:
        assert layout.x[a] == pytest.approx(layout.x[b])


def test_wide_levels_take_several_rows():
    layout = lay_out([1] * 10 + [2], [(i, 10) for i in range(10)], [50.0] * 11, widest=200.0, gap=10.0)
    assert layout.levels == [1, 1, 1, 2]
    for row in range(4):
        x = sorted(x for x, at in zip(layout.x, layout.rows, strict=True) if at == row)
        assert all(b - a >= 60.0 - 1e-9 for a, b in pairwise(x))
    for (lower, upper), line in zip([(i, 10) for i in range(10)], layout.lines, strict=True):
        assert [row for _, row in line] == list(range(layout.rows[lower], layout.rows[upper] + 1))


# Files


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_figure_gives_the_same_bytes(kind, data, tmp_path):
    for form in ("png", "svg", "pdf"):
        paths = [tmp_path / f"{i}.{form}" for i in range(2)]
        for path in paths:
            plot.save(figure_of(kind, data), path)
        assert paths[0].read_bytes() == paths[1].read_bytes()
        plot.save(plt.gcf(), paths[1])  # and once more
        assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.slow
def test_bytes_do_not_depend_on_the_process(tmp_path):
    script = """
import sys, pandas as pd, paretoscope as ps
from paretoscope import plot
frame = pd.DataFrame({"model": list("abcdé"), "ms": [1.0, 2, 3, 4, 5], "top1": [60.0, 70, 75, 77, 71]})
data = ps.Measurements.from_frame(frame, inputs="ms", outputs="top1")
for form in ("png", "svg", "pdf"):
    plot.save(plot.frontier(data, noise="1%", n_resamples=20), f"{sys.argv[1]}.{form}")
"""
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": seed, "MPLBACKEND": "agg"}
        subprocess.run([sys.executable, "-c", script, str(tmp_path / seed)], check=True, env=environment)
    for form in ("png", "svg", "pdf"):
        assert (tmp_path / f"1.{form}").read_bytes() == (tmp_path / f"2.{form}").read_bytes()


@pytest.mark.slow
def test_text_looks_the_same_everywhere(data, tmp_path):
    ax = plot.frontier(data, n_resamples=20)
    plot.save(ax, tmp_path / "f.svg")
    svg = (tmp_path / "f.svg").read_text(encoding="utf-8")
    assert "<text" not in svg
    assert "<dc:date>" not in svg
    plot.save(ax, tmp_path / "f.pdf")
    pdf = (tmp_path / "f.pdf").read_bytes()
    assert b"/FontFile2" in pdf  # TrueType, embedded
    assert b"/Type3" not in pdf
    assert b"CreationDate" not in pdf
    plot.save(ax, tmp_path / "f.png", dpi=50)
    from PIL import Image

    with Image.open(tmp_path / "f.png") as picture:
        assert picture.size == tuple(np.round(50 * ax.figure.get_size_inches()).astype(int))
        assert picture.info["Software"] == "paretoscope"


def test_files_are_written_whole_or_not_at_all(data, tmp_path, monkeypatch):
    path = tmp_path / "kept.svg"
    path.write_text("before")
    ax = plot.noise(data)
    monkeypatch.setattr(ax.figure, "savefig", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        plot.save(ax, path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_save_refuses_what_it_cannot_write(data, tmp_path):
    ax = plot.noise(data)
    with pytest.raises(ps.OptionError, match=r"f.jpg: found the ending '.jpg'; expected one of .pdf, .png, .svg"):
        plot.save(ax, tmp_path / "f.jpg")
    with pytest.raises(ps.OptionError, match=r"f: found the ending ''; expected one of"):
        plot.save(ax, tmp_path / "f")
    with pytest.raises(ps.OptionError, match=r"path: found None; expected the name of a file"):
        plot.save(ax, None)
    with pytest.raises(ps.DataError, match=r"no such folder"):
        plot.save(ax, tmp_path / "missing" / "f.png")
    with pytest.raises(ps.OptionError, match=r"dpi: found 0; expected a positive number"):
        plot.save(ax, tmp_path / "f.png", dpi=0)
    with pytest.raises(ps.OptionError, match=r"figure: found list; expected a Figure or Axes"):
        plot.save([ax], tmp_path / "f.png")


@pytest.mark.slow
def test_save_takes_figures_and_parts_of_them(data, tmp_path):
    figure = plt.figure()
    part = figure.subfigures(1, 2)[0]
    ax = plot.noise(data, ax=part.add_subplot())
    for i, thing in enumerate((figure, part, ax)):
        plot.save(thing, tmp_path / f"{i}.png")
    assert len({(tmp_path / f"{i}.png").read_bytes() for i in range(3)}) == 1


@pytest.mark.slow
def test_missing_letters_are_told_of_in_one_line(tmp_path):
    names = ["模型", "b", "c"]
    ax = plot.noise(measure(3, names=names))
    with pytest.warns(
        FigureWarning, match=r"f.png: found 模 型, which the font \(sans-serif\) lacks; .*font.family"
    ) as caught:
        plot.save(ax, tmp_path / "f.png")
    assert len(caught) == 1


@pytest.mark.slow
def test_a_figure_that_is_too_small_is_told_of(data, tmp_path):
    figure = mpl.figure.Figure((0.8, 0.5), layout="constrained")
    ax = plot.noise(data, ax=figure.add_subplot())
    with pytest.warns(FigureWarning, match=r"f.png: found 0.8 x 0.5 inches, too small for the names"):
        plot.save(ax, tmp_path / "f.png")


@pytest.mark.slow
def test_plot_is_loaded_on_use_and_needs_matplotlib(tmp_path):
    script = """
import sys
import paretoscope, paretoscope.cli, paretoscope.plot
assert "matplotlib" not in sys.modules
sys.modules["matplotlib"] = None
try:
    paretoscope.plot.noise
except paretoscope.OptionError as error:
    assert str(error) == "matplotlib: not installed; expected for figures; pip install 'paretoscope[plot]'", error
else:
    raise SystemExit("no error")
raise SystemExit(paretoscope.cli.main(["plot", "noise", "imagenet", "--out", sys.argv[1]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "f.svg")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: matplotlib: not installed; expected for figures; pip install 'paretoscope[plot]'\n"


def test_public_names():
    assert (
        sorted(plot.__all__)
        == dir(plot)
        == ["compare", "dominance", "efficiency", "frontier", "frontier3d", "noise", "ranks", "save"]
    )
    with pytest.raises(AttributeError, match="no attribute 'pie'"):
        plot.pie  # noqa: B018


# The command


@pytest.fixture
def runs(tmp_path):
    path = tmp_path / "runs.csv"
    frame = measure(10).to_frame().pivot_table(index=["model", "run"], columns="metric", values="value", sort=False)
    frame.reset_index().to_csv(path, index=False)
    return path


METRICS = ["--inputs", "latency_ms@gpu,train_usd", "--outputs", "top1"]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
@pytest.mark.parametrize("kind", KINDS)
def test_plot_writes_each_kind(kind, form, runs, tmp_path, capsys):
    out = tmp_path / f"f.{form}"
    options = [] if kind in ("frontier3d", "noise") else ["--resamples", "50"]
    metrics = ["--inputs", "latency_ms@gpu", *METRICS] if kind == "compare" else METRICS
    assert main(["plot", kind, str(runs), *metrics, *options, "--out", str(out)]) == 0
    said, complaint = capsys.readouterr()
    assert re.fullmatch(rf"wrote {re.escape(str(out))} \(.*B\)\n", said)
    assert complaint == ""
    assert out.read_bytes()[:5] in (b"<?xml", b"%PDF-", b"\x89PNG\r")


@pytest.mark.slow
def test_plot_equals_the_library(runs, tmp_path):
    options = ["--resamples", "50", "--seed", "3", "--top", "4"]
    assert main(["plot", "efficiency", str(runs), *METRICS, *options, "--out", str(tmp_path / "a.svg")]) == 0
    data = ps.read(runs, inputs=["latency_ms@gpu", "train_usd"], outputs=["top1"])
    plot.save(plot.efficiency(ps.bootstrap(data, n_resamples=50, rng=3), top=4), tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    options = ["--x", "train_usd", "--kind", "hull", "--names", "swiftnet_0,deepnet_1", "--resamples", "20"]
    assert main(["plot", "frontier", str(runs), *METRICS, *options, "--out", str(tmp_path / "a.svg")]) == 0
    ax = plot.frontier(data, x="train_usd", kind="hull", names=["swiftnet_0", "deepnet_1"], n_resamples=20)
    plot.save(ax, tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.slow
def test_plot_reads_a_saved_result_and_a_study(runs, tmp_path, capsys):
    saved, study = tmp_path / "s.npz", tmp_path / "study.toml"
    draw(ps.read(runs, inputs=["latency_ms@gpu", "train_usd"], outputs=["top1"]), 50).save(saved)
    for kind in KINDS:
        if kind != "compare":
            assert main(["plot", kind, str(saved), "--out", str(tmp_path / "f.svg")]) == 0
    study.write_text(
        'source = "runs.csv"\ninputs = ["latency_ms@gpu"]\noutputs = ["top1"]\nresamples = 40\nrts = "crs"\n'
    )
    for kind in ("ranks", "noise"):
        assert main(["plot", kind, "--study", str(study), "--out", str(tmp_path / "f.svg")]) == 0
    capsys.readouterr()
    assert main(["plot", "compare", str(saved), "--out", str(tmp_path / "f.svg")]) == 2
    assert "inputs: found 0 sets; expected two or more" in capsys.readouterr().err


@pytest.mark.slow
def test_plot_takes_size_and_resolution(runs, tmp_path):
    from PIL import Image

    out = str(tmp_path / "f.png")
    assert main(["plot", "noise", str(runs), *METRICS, "--size", "5x3.5", "--dpi", "40", "--out", out]) == 0
    with Image.open(out) as picture:
        assert picture.size == (200, 140)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rank"], "FIGURE: found 'rank'; expected one of efficiency, .*; did you mean 'ranks'"),
        (["noise"], "out: found nothing; expected the name of the file to write"),
        (["noise", "--out", "f.jpeg"], "f.jpeg: found the ending '.jpeg'; expected one of .pdf, .png, .svg"),
        (["noise", "--out", "f.svg", "--size", "6"], "size: found '6'; expected WIDTHxHEIGHT in inches"),
        (["noise", "--out", "f.svg", "--size", "0x4"], "size: found '0x4'; expected WIDTHxHEIGHT in inches"),
        (["noise", "--out", "f.svg", "--dpi", "-3"], "dpi: found -3.0; expected a positive number"),
        (
            ["noise", "--out", "f.svg", "--y", "top1"],
            "y: found beside noise, where it changes nothing; expected it with front",
        ),
        (["ranks", "--out", "f.svg", "--kind", "hull"], "kind: found beside ranks, where it changes nothing"),
        (["compare", "--out", "f.svg"], "inputs: found 1 sets; expected two or more; give --inputs once for each"),
        (["ranks", "--inputs", "train_usd", "--out", "f.svg"], "inputs: found 2 sets; expected one; 'plot compare'"),
        (["noise", "--out", "f.svg", "--x", "ms"], "x: found 'ms'; expected one of"),
    ],
)
def test_plot_explains_what_it_cannot_do(arguments, message, runs, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kind, *options = arguments
    assert main(["plot", kind, str(runs), *METRICS, *options]) == 2
    error = capsys.readouterr().err
    assert re.match(f"error: (--)?{message}", error)
    assert all(line.startswith("error: ") for line in error.splitlines())
    assert not (tmp_path / "f.svg").exists()


# The gallery


@pytest.mark.slow
def test_the_gallery_runs(tmp_path):
    specification = importlib.util.spec_from_file_location("gallery", DOCS / "figures" / "gallery.py")
    gallery = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(gallery)
    written = {path.relative_to(tmp_path) for path in gallery.main(folder=tmp_path)}
    assert {path.relative_to(DOCS) for path in (DOCS / "figures" / "gallery").iterdir()} == written
