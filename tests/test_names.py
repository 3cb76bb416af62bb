"""Names that look alike but differ: kept apart, shown so that they can be told apart, and warned of."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import measure, without_advice
from paretoscope.cli import main
from paretoscope.errors import NamesWarning
from paretoscope.measurements.alike import appearance, labels, look_alike

DASH, NO_BREAK, NO_WIDTH, FULL_WIDTH = "\u2011", "\u00a0", "\u200b", "\uff41"


def table(*models):
    return pd.DataFrame({"model": models, "ms": range(1, len(models) + 1), "top1": range(60, 60 + len(models))})


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("resnet50", "resnet50 ", "'resnet50' and 'resnet50 '"),
        ("resnet50", "ResNet50", "'resnet50' and 'ResNet50'"),
        ("resnet 50", f"resnet{NO_BREAK}50", r"'resnet 50' and 'resnet\xa050'"),
        ("resnet50", f"res{NO_WIDTH}net50", r"'resnet50' and 'res\u200bnet50'"),
        ("a", FULL_WIDTH, r"'a' and '\uff41'"),
        ("vit-b", f"vit{DASH}b", r"'vit-b' and 'vit\u2011b'"),
        ("é", "e\u0301", r"'\xe9' and 'e\u0301'"),
        ("a\tb", "a b", r"'a\tb' and 'a b'"),
    ],
)
def test_models_that_look_alike(one, other, shown):
    with pytest.warns(NamesWarning) as caught:
        data = measure(table(one, other, "third"))
    assert data.models == (one, other, "third")
    (warning,) = caught
    assert str(warning.message) == (
        f"found models {shown}, which look alike; kept apart: write them alike if they are the same"
    )
    assert warning.filename == __file__.replace("test_names", "helpers")


@pytest.mark.parametrize("models", [("a", "b"), ("resnet50", "resnet-50"), ("v1", "v2"), ("कि", "कु"), ("a.b", "ab")])
def test_others_are_not_mixed_up(models):
    with warnings.catch_warnings():
        warnings.simplefilter("error", NamesWarning)
        assert measure(table(*models, "third")).models[:2] == models


def test_metrics_and_targets_of_a_long_table():
    rows = [
        (model, metric, target, value)
        for model, value in (("a", 1.0), ("b", 2.0))
        for metric, target in (("latency_ms", "cpu"), ("Latency_ms", "CPU"), ("top1", ""), ("TOP5", ""), ("top5", ""))
    ]
    rows = pd.DataFrame(rows, columns=["model", "metric", "target", "value"])
    with pytest.warns(NamesWarning) as caught:
        measure(rows, inputs="latency_ms@cpu")
    assert str(caught[0].message) == (
        "found targets 'cpu' and 'CPU', and metrics 'latency_ms' and 'Latency_ms', which look alike; kept apart: "
        "write them alike if they are the same"
    )  # top5 was not asked for


def test_columns_of_a_wide_table():
    frame = table("a", "b", "c").assign(MS=1.0, other=1.0, Other=1.0)
    with pytest.warns(NamesWarning, match=r"^found metrics 'ms' and 'MS', which look alike"):
        measure(frame)


def test_many_and_long_names_make_one_short_line():
    models = [f"{'x' * 500}{number}{end}" for number in range(9) for end in ("", " ")]
    with pytest.warns(NamesWarning) as caught:
        measure(table(*models))
    (warning,) = caught
    message = str(warning.message)
    assert "and 4 more such" in message
    assert len(message) < 1100
    assert "\n" not in message


def test_a_terminal_shows_them_in_quotes(capsys, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("model,ms,acc\nresnet50,10,70\nresnet50 ,11,75\nResNet50,5,60\nb,40,80\n")
    roles = ["--inputs", "ms", "--outputs", "acc", "--resamples", "20"]
    for command in ("rank", "front"):
        assert main([command, str(file), *roles]) == 0
        out, err = capsys.readouterr()
        for name in ("resnet50", "resnet50 ", "ResNet50"):
            assert repr(name) in out
        assert "'b'" not in out
        assert err.count("t.csv: found models 'resnet50' and 'resnet50 ' and 'ResNet50', which look alike") == 1
    sets = ["--inputs", "ms", "--inputs", "ms,two", "--outputs", "acc", "--resamples", "20"]
    file.write_text("model,ms,two,acc\na,10,1,70\nA,11,2,75\nb,40,3,80\n")
    assert main(["rank", str(file), *sets]) == 0
    assert "'A'" in capsys.readouterr().out


@given(st.lists(st.text(max_size=6), max_size=6))
def test_groups_are_those_of_one_appearance(names):
    groups = look_alike(names)
    seen = [name for group in groups for name in group]
    assert len(seen) == len(set(seen))
    for name in set(names):
        twins = {other for other in names if appearance(other) == appearance(name)}
        assert (name in seen) == (len(twins) > 1)
    assert list(labels(dict.fromkeys(names))) == list(dict.fromkeys(names))


@given(st.text(max_size=20))
def test_what_an_eye_takes_in_is_settled(name):
    once = appearance(name)
    assert appearance(once) == once
    assert appearance(f" {name}\u200b\u00a0".upper()) == appearance(name.upper())


def test_quietly_nothing_is_merged():
    data = without_advice(measure, table("a", "a ", "A"))
    assert len(data.models) == 3
