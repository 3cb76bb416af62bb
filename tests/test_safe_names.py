"""Any text may be a name: terminals, messages and files show it safely, and data keeps it as it is."""

from __future__ import annotations

import csv
import io
import json
import pickle
import unicodedata
import warnings
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import paretoscope as ps
from helpers import measure, wide, without_advice
from paretoscope.cli import main
from paretoscope.commands.output import csv_text
from paretoscope.commands.sheet import Sheet
from paretoscope.errors import FewRunsWarning, SolverError, escaped, listing, nearest, quote, unquoted
from paretoscope.measuring.progress import describe
from paretoscope.plot.short_names import shorten, wrap

HOSTILE = [
    "esc\x1b[31m\x1b]0;title\x07",
    "nul\x00back\x08\x7f",
    "two\nlines\r\tand\x0b\x0c",
    "c1\x85\x9b31m",
    "bidi\u202eabc\u2066x\u2069\u200e\u200f\u061c",
    "zero\u200b\u200c\u200d\u2060\ufeff\u00ad",
    "line\u2028and\u2029paragraph",
    "fillers\u115f\u1160\u3164\uffa0\u034f",
    "private\ue000\U000f0000tags\U000e0041",
    "not xml \ufffe\uffff",
    "markup <b>&amp;\"' -- --> ]]> [bold]x[/bold]",
    "math $x^2$ $\\frac{a}$ _ ^ { %",
    "long " + "x" * 100_000,
]


def is_safe(text):
    """Whether a terminal shows each character as one that has a shape, and stays on the line."""
    return all(unicodedata.category(one)[0] not in "CZ" or one == " " for one in text)


def study(names=HOSTILE, metrics=("ms", "top1", "usd")):
    """Measurements of hostile names, four runs each."""
    rng = np.random.default_rng(3)
    rows = [
        {"model": name, metrics[0]: 2.0 + k + 0.2 * rng.random(), metrics[1]: 60.0 + k, metrics[2]: 1.0 + k % 4}
        for k, name in enumerate(names)
        for _ in range(4)
    ]
    data = ps.Measurements.from_frame(pd.DataFrame(rows), inputs=[metrics[0], metrics[2]], outputs=[metrics[1]])
    return data, without_advice(ps.bootstrap, data, n_resamples=60, rng=0)


@pytest.fixture(scope="module")
def hostile():
    return study(metrics=("ms\x1b[1m\u202e--\ufffe", "top\n1 $_$", "usd" + "y" * 3000))


@given(st.text())
def test_any_text_is_quoted_on_one_short_line(text):
    for shown, longest in ((quote(text), 80), (unquoted(text), 80), (escaped(text, 30), 30)):
        assert is_safe(shown)
        assert len(shown) <= longest
    assert escaped(escaped(text, 500), 500) == escaped(text, 500)


@pytest.mark.parametrize("name", HOSTILE)
def test_characters_without_a_shape_are_escaped(name):
    assert is_safe(quote(name))
    assert escaped("ok é 日本 ± ✓", 80) == "ok é 日本 ± ✓"


@pytest.mark.parametrize("filler", "\u034f\u115f\u1160\u3164\uffa0\u180b")
def test_letters_that_nobody_sees_are_escaped(filler):
    assert escaped(f"a{filler}b", 80) == f"a\\u{ord(filler):04x}b"


@given(st.lists(st.text(), max_size=40))
def test_lists_of_names_are_bounded(names):
    assert len(listing(names)) < 1000
    assert is_safe(listing(names))


def test_errors_and_warnings_are_one_line_whatever_they_are_given():
    message = "a\nb\x1b[2J" + "x" * 100_000
    for kind in (ps.DataError, ps.OptionError, SolverError, FewRunsWarning):
        shown = str(kind(message))
        assert is_safe(shown)
        assert shown.startswith("a\\nb\\x1b[2Jxxx")
        assert len(shown) <= 2000
        assert str(pickle.loads(pickle.dumps(kind(message)))) == shown
    with pytest.warns(FewRunsWarning) as caught:
        warnings.warn("two\nlines", FewRunsWarning, stacklevel=1)
    assert str(caught[0].message) == "two\\nlines"


LONG = "n" * 100_000 + "\x1b\n"


@pytest.mark.parametrize(
    "call",
    [
        lambda: measure(wide(model=[LONG, "a", "a", LONG], ms=[1.0, np.nan, 2.0, 1.0])),
        lambda: measure(wide().rename(columns={"ms": LONG}), inputs="ms"),
        lambda: measure(wide(), inputs=LONG),
        lambda: measure(wide(), inputs=["ms", LONG, LONG]),
        lambda: measure(wide(), model=LONG),
        lambda: measure(wide(top1=["70", LONG, "x", "y"])),
        lambda: measure(wide(), bounds={LONG: 3}),
        lambda: measure(wide(), fold=LONG),
        lambda: ps.efficiency(measure(wide(**{LONG: [-1.0] * 4}), inputs=LONG), rts="crs"),
        lambda: ps.efficiency(measure(wide(**{LONG: [0.0] * 4}), inputs=LONG), rts="crs"),
        lambda: measure(wide(**{LONG: [101.0] * 4}), outputs=LONG, bounds={LONG: 100}),
        lambda: ps.read(LONG, inputs="ms", outputs="top1"),
        lambda: ps.read("a\x1b\n/missing.csv", inputs="ms", outputs="top1"),
        lambda: ps.load(LONG),
        lambda: ps.bootstrap(ps.load("imagenet"), rts=LONG),
        lambda: ps.bootstrap(ps.load("imagenet"), noise=LONG),
        lambda: ps.bootstrap(ps.load("imagenet"), noise={LONG: "exact"}),
        lambda: ps.bootstrap(ps.load("imagenet"), rng=LONG),
        lambda: ps.plot.frontier(ps.load("imagenet"), x=LONG),
        lambda: ps.plot.frontier(ps.load("imagenet"), names=[LONG]),
        lambda: ps.EfficiencyDraws.load(LONG),
        lambda: ps.bootstrap(ps.load("imagenet"), n_resamples=20).save("missing\x1b\n/" + LONG),
        lambda: ps.measure([LONG], out="runs.csv"),
        lambda: ps.measure([f"torchvision:{LONG}"], out="runs.csv"),
        lambda: ps.measure([f"onnx:{LONG}"], out="runs.csv"),
        lambda: ps.measure(["onnx:alexnet"], out="runs.csv", target=LONG + "@"),
    ],
)
def test_messages_stay_short(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ps.ParetoscopeError) as caught:
        without_advice(call)
    message = str(caught.value)
    assert is_safe(message)
    assert len(message) <= 2000


def test_many_long_models_are_counted():
    names = [f"{k}" + "n" * 1000 for k in range(3000)]
    frame = pd.DataFrame({"model": names, "ms": np.arange(1.0, 3001), "top1": np.arange(1.0, 3001)})
    data = measure(frame)
    with pytest.raises(ps.OptionError) as caught:
        without_advice(ps.plot.frontier, data, names=["nobody"], n_resamples=5)
    assert "(3000 in all)" in str(caught.value)
    assert len(str(caught.value)) < 800
    assert nearest("n" * 100_000, names) == ""


def test_half_a_character_is_refused():
    half = pd.Series(["a\ud800", "b", "c", "d"], dtype=object)
    frame = pd.DataFrame({"model": half, "ms": [1.0, 2, 3, 4], "top1": [1.0, 2, 3, 5]})
    with pytest.raises(ps.DataError, match=r"'a\\ud800', which holds half of a character"):
        measure(frame)
    renamed = wide().set_axis(pd.Index(["model", "ms", "top\udfff"], dtype=object), axis=1)
    with pytest.raises(ps.DataError, match=r"a column named 'top\\udfff', which holds half of a character"):
        measure(renamed)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=4), st.text(), st.integers(1, 200))
def test_tables_hold_no_character_that_moves_the_cursor(names, title, width):
    rows = [[name, "1.5", "70"] for name in names]
    for line in Sheet(title, ["model", title, "top1"], rows, least=2).draw(width).splitlines():
        assert is_safe(line)


def test_commands_print_safe_lines(hostile, tmp_path, capsys):
    _, sim = hostile
    sim.save(tmp_path / "result.npz")
    for command in ("rank", "front"):
        assert without_advice(main, [command, str(tmp_path / "result.npz")]) == 0
        out, err = capsys.readouterr()
        assert all(is_safe(line) for line in out.split("\n"))
        assert err == ""
        assert max(map(len, out.split("\n"))) < 1000
        assert len(out) < 30_000
        assert r"esc\x1b[31m" in out
        assert r"bidi\u202eabc" in out
        assert "[bold]x[/bold]" in out


def test_errors_on_the_command_line_are_safe(tmp_path, capsys):
    bad = "m\x1b[31m\u202e\n"
    for arguments in (
        ["rank", f"{bad}.csv", "--inputs", "ms", "--outputs", "top1"],
        ["rank", "imagenet", "--noise", bad],
        ["rank", "imagenet", f"--{bad}"],
        [bad],
        ["plot", bad, "imagenet", "--out", str(tmp_path / "x.svg")],
        ["plot", "noise", "imagenet", "--out", str(tmp_path / f"{bad}.gif")],
        ["report", "imagenet", "--out", str(tmp_path / bad / "x.html")],
        ["measure", bad, "--out", str(tmp_path / "runs.csv")],
    ):
        assert main(arguments) in (1, 2)
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        assert is_safe(err.rstrip("\n"))


def test_files_with_hostile_names_are_reported_safely(tmp_path, capsys):
    path = tmp_path / "f\x1b\u202e.svg"
    assert main(["plot", "noise", "imagenet", "--out", str(path)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert is_safe(line)
    assert path.exists()


def test_progress_is_safe():
    line = describe({"model": "m\x1b[31m\n", "target": "t\u202e", "run": 1, "latency_ms": 2.0})
    assert line == r"m\x1b[31m\n t\u202e run 1: 2 ms"


def test_results_show_themselves_safely(hostile):
    data, sim = hostile
    for one in (data, sim, sim.dominance(), ps.compare(data, {"a\x1b": [data.inputs[0]]}, n_resamples=20, rng=0)):
        assert is_safe(repr(one))


FIGURES = {
    "efficiency": lambda data, sim: ps.plot.efficiency(sim),
    "dominance": lambda data, sim: ps.plot.dominance(sim.dominance()),
    "frontier": lambda data, sim: ps.plot.frontier(data, n_resamples=30, rng=0),
    "frontier3d": lambda data, sim: ps.plot.frontier3d(data),
    "ranks": lambda data, sim: ps.plot.ranks(sim),
    "noise": lambda data, sim: ps.plot.noise(data),
    "compare": lambda data, sim: ps.plot.compare(
        ps.compare(data, [data.inputs[:1], data.inputs], n_resamples=30, rng=0)
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("figure", FIGURES)
def test_figures_of_hostile_names_are_well_formed(hostile, tmp_path, figure):
    from matplotlib import pyplot

    ax = without_advice(FIGURES[figure], *hostile)
    for form in ("svg", "pdf", "png"):
        without_advice(ps.plot.save, ax, tmp_path / f"figure.{form}")
    ET.parse(tmp_path / "figure.svg")
    assert (tmp_path / "figure.svg").stat().st_size < 3_000_000
    texts = [text.get_text() for text in ax.figure.findobj(match=lambda one: hasattr(one, "get_text"))]
    assert all(is_safe(line) for text in texts for line in text.split("\n"))
    pyplot.close("all")


def test_text_of_others_in_a_figure_is_well_formed(tmp_path):
    from matplotlib import pyplot

    _, ax = pyplot.subplots()
    ax.set_title("a\x1b\ufffe -- b")
    without_advice(ps.plot.save, ax, tmp_path / "figure.svg")
    ET.parse(tmp_path / "figure.svg")
    pyplot.close("all")


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_label_is_safe(name):
    (short,) = shorten([name], 90.0, 10)
    assert is_safe(short)
    assert all(is_safe(line) for line in wrap(name, 90.0, 10).split("\n"))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, min_size=1, max_size=8), st.booleans())
def test_csv_keeps_every_name(names, escape):
    values = [-0.5, 1e300, 0.1, float("nan"), 2.0, 3.0, -7.0, 1.0][: len(names)]
    table = pd.DataFrame({"mean": values}, index=pd.Index(names, name="model", dtype=object))
    header, *rows = csv.reader(io.StringIO(csv_text(table, escape_formulas=escape), newline=""))
    assert header == ["model", "mean"]
    for name, value, (found, number) in zip(names, values, rows, strict=True):
        assert number == ("" if value != value else repr(value))
        if escape and found != name:
            assert found == f"'{name}"
            assert name[0] in "=+-@\t\r"
        else:
            assert found == name


def test_csv_is_what_it_was():
    summary = ps.bootstrap(ps.load("imagenet"), n_resamples=50, rng=0).summary()
    assert csv_text(summary) == summary.to_csv(lineterminator="\n")
    front = ps.load("imagenet").mean.assign(on_front=True, p_front=0.5)
    assert csv_text(front) == front.to_csv(lineterminator="\n")


FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\tx", "\ry"]


def test_formulas_are_escaped_on_demand(tmp_path, capsys):
    names = [*FORMULAS, "-0.5", "plain"]
    _, sim = study(names, metrics=("=ms", "top1", "@usd"))
    sim.save(tmp_path / "result.npz")
    for command in ("rank", "front"):
        given = [command, str(tmp_path / "result.npz"), "--format", "csv"]
        raw, safe = [], []
        for rows, flags in ((raw, []), (safe, ["--escape-formulas"])):
            assert without_advice(main, [*given, *flags]) == 0
            rows += csv.reader(io.StringIO(capsys.readouterr().out, newline=""))
        assert {row[0] for row in raw[1:]} == set(names)
        assert {row[0] for row in safe[1:]} == {*(f"'{name}" for name in FORMULAS), "-0.5", "plain"}
        assert [row[1:] for row in raw[1:]] == [row[1:] for row in safe[1:]]
        if command == "front":
            assert raw[0][1:4] == ["=ms", "@usd", "top1"]
            assert safe[0][1:4] == ["'=ms", "'@usd", "top1"]
    for flags in ([], ["--format", "json"]):
        assert main(["rank", str(tmp_path / "result.npz"), "--escape-formulas", *flags]) == 2
        assert "--escape-formulas: found without CSV" in capsys.readouterr().err


def test_reports_hold_names_as_text(hostile, tmp_path):
    _, sim = hostile
    without_advice(ps.report, sim, tmp_path / "page.html", title="</title><script>\x1b\ud800")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<title>&lt;/title&gt;&lt;script&gt;" in page
    assert "<b>&amp;" not in page
    assert "&lt;b&gt;&amp;amp;" in page


def test_json_keeps_names(tmp_path, capsys):
    _, sim = study(HOSTILE[:-1])
    sim.save(tmp_path / "result.npz")
    assert without_advice(main, ["rank", str(tmp_path / "result.npz"), "--format", "json"]) == 0
    assert {row["model"] for row in json.loads(capsys.readouterr().out)["models"]} == set(HOSTILE[:-1])
