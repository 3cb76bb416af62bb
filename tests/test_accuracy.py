"""Accuracies from tables and from torchvision, and what a training costs by its step."""

from __future__ import annotations

import enum
import json
import sys
import types
from importlib import resources

import pandas as pd
import pytest

import paretoscope as ps
from paretoscope.errors import DataError, OptionError
from paretoscope.measuring.runfile.accuracy import read_accuracy
from paretoscope.measuring.runfile.costs import train_hours, train_usd

WIDE = """model,top1,unit,top5,note,year
resnet18,69.76,%,89.08,"as published, centre crop",2016
alexnet,57.1,%,,224,2012
resnet50,76.13,%,92.86,,2016
"""


@pytest.fixture
def table(tmp_path):
    def write(text, name="accuracies.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


# --- tables -----------------------------------------------------------------------------------------------------------


def test_a_wide_table_has_a_metric_a_column(table):
    found = read_accuracy(table(WIDE), ["resnet50", "resnet18"])
    assert found.values == {
        "resnet50": {"top1": 76.13, "top5": 92.86, "year": 2016.0},
        "resnet18": {"top1": 69.76, "top5": 89.08, "year": 2016.0},
    }
    assert list(found.values) == ["resnet50", "resnet18"]
    assert found.origins == {"resnet50": "accuracies.csv, line 4", "resnet18": "accuracies.csv, line 2"}


def test_a_long_table_has_a_metric_a_row(table):
    text = "model,metric,value\na,top1,70\nb,top1,75\nb,top5,91\na,top5,90\nc,map,1\n"
    found = read_accuracy(table(text), ["a", "b"])
    assert found.values == {"a": {"top1": 70.0, "top5": 90.0}, "b": {"top1": 75.0, "top5": 91.0}}
    assert found.origins["b"] == "accuracies.csv, lines 3 and 4"


def test_a_mapping_tells_what_the_table_calls_a_model(table):
    assert read_accuracy(table(WIDE), {"small": "resnet18"}).values["small"]["top1"] == 69.76


def test_every_format_gives_the_same(table, tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"model": ["a", "b"], "top1": [70.5, 75.25], "trusted": [True, False], "note": [None, "x"]})
    expected = {"a": {"top1": 70.5}, "b": {"top1": 75.25}}
    for path in (tmp_path / "t.csv", tmp_path / "t.tsv", tmp_path / "t.jsonl", tmp_path / "t.parquet"):
        match path.suffix:
            case ".csv":
                frame.to_csv(path, index=False)
            case ".tsv":
                frame.to_csv(path, index=False, sep="\t")
            case ".jsonl":
                path.write_text("".join(json.dumps(row) + "\n" for row in frame.to_dict(orient="records")))
            case ".parquet":
                frame.to_parquet(path, index=False)
        assert read_accuracy(path, ["a", "b"]).values == expected, path.suffix


def test_the_shipped_accuracies_can_be_read():
    path = resources.files("paretoscope") / "datasets" / "imagenet" / "top1.csv"
    found = read_accuracy(str(path), ps.load("imagenet").models)
    assert {name: values["top1"] for name, values in found.values.items()} == ps.load("imagenet").mean["top1"].to_dict()


@pytest.mark.parametrize(
    ("text", "models", "message"),
    [
        (
            WIDE,
            ["resnet81"],
            r"^accuracies.csv: found no row of model 'resnet81'; .*; did you mean 'resnet18'\?$",
        ),
        (
            WIDE,
            ["alexnet"],
            r"^accuracies.csv, line 3, column 'top5': found '', a missing value; expected a num",
        ),
        (
            "model,top1\na,70\nb,7O.1\nc,71\n",
            ["b"],
            r"^accuracies.csv, line 3, column 'top1': found text '7O.1'; exp",
        ),
        (
            "model,top1\na,70\na,71\n",
            ["a"],
            r"^accuracies.csv, lines 2 and 3: found metric 'top1' of model 'a' twice",
        ),
        (
            "model,note\na,good\n",
            ["a"],
            r"found no column of numbers among 'model', 'note'; expected one a metric",
        ),
        ("name,top1\na,70\n", ["a"], r"found no column 'model'; expected the model column among 'name', 'top1'"),
        ("model,metric,value\na,top1,70\na,top1,71\n", ["a"], r"lines 2 and 3: found metric 'top1' of model 'a' twice"),
        (
            "model,metric,value\na,top1,70\nb,top5,71\n",
            ["a", "b"],
            r"found no 'top1' of model 'b'; expected every",
        ),
        (
            "model,metric,value\na,top1,x\n",
            ["a"],
            r"line 2, column 'value': found text 'x' for metric 'top1'; exp",
        ),
    ],
)
def test_tables_that_cannot_be_used(table, text, models, message):
    with pytest.raises(DataError, match=message):
        read_accuracy(table(text), models)


def test_mistakes_of_models_that_nobody_asks_for_do_not_matter(table):
    assert read_accuracy(table("model,top1\na,70\nb,?\nb,71\n"), ["a"]).values == {"a": {"top1": 70.0}}


def test_a_table_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"nothing\.csv: found no such file"):
        read_accuracy(tmp_path / "nothing.csv", ["a"])


# --- torchvision ------------------------------------------------------------------------------------------------------


@pytest.fixture
def torchvision(monkeypatch):
    """Stand in for the parts of torchvision in use: names of models, and an enumeration of weights for each."""

    class Entry:
        def __init__(self, metrics):
            self.meta = {"_metrics": metrics} if metrics else {}

    class Weights(enum.Enum):
        @property
        def meta(self):
            return self.value.meta

    def imagenet(top1):
        return Entry({"ImageNet-1K": {"acc@1": top1, "acc@5": 90.0}})

    weights = {
        "resnet50": Weights("ResNet50_Weights", {"IMAGENET1K_V1": imagenet(76.13), "IMAGENET1K_V2": imagenet(80.858)}),
        "vit_h_14": Weights("ViT_H_14_Weights", {"IMAGENET1K_SWAG_E2E_V1": imagenet(88.552)}),
        "raft": Weights("Raft_Weights", {"C_T_V1": Entry({"Sintel": {"epe": 5.0}}), "C_T_V2": Entry(None)}),
    }
    package, models = types.ModuleType("torchvision"), types.ModuleType("torchvision.models")
    package.__version__ = "0.20.1"
    models.list_models = lambda: sorted(weights)
    models.get_model_weights = weights.__getitem__
    monkeypatch.setitem(sys.modules, "torchvision", package)
    monkeypatch.setitem(sys.modules, "torchvision.models", models)


def test_torchvision_publishes_accuracies_beside_its_weights(torchvision):
    found = read_accuracy("torchvision", {"big": "resnet50"})
    assert found.values == {"big": {"top1": 76.13}}
    assert found.origins == {"big": "torchvision 0.20.1, ResNet50_Weights.IMAGENET1K_V1"}
    assert read_accuracy("torchvision@IMAGENET1K_V2", ["resnet50"]).values == {"resnet50": {"top1": 80.858}}


@pytest.mark.parametrize(
    ("source", "model", "message"),
    [
        (
            "torchvision",
            "resnet5",
            r"torchvision: found no model 'resnet5'; .*; did you mean 'resnet50'\?",
        ),
        (
            "torchvision",
            "vit_h_14",
            r"of 'vit_h_14' with weights 'IMAGENET1K_V1'; expected IMAGENET1K_SWAG_E2E_V1",
        ),
        ("torchvision@V2", "resnet50", r"with weights 'V2'; expected IMAGENET1K_V1 or IMAGENET1K_V2; give a table"),
        ("torchvision", "raft", r"expected a model that classifies ImageNet-1K; give a table"),
    ],
)
def test_what_torchvision_does_not_publish(torchvision, source, model, message):
    with pytest.raises(OptionError, match=message):
        read_accuracy(source, [model])


def test_torchvision_may_be_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(OptionError, match=r"torchvision: not installed; expected for .*; pip install torchvision, or"):
        read_accuracy("torchvision", ["resnet50"])


@pytest.mark.filterwarnings("ignore")
def test_the_real_torchvision():
    pytest.importorskip("torchvision", reason="needs torchvision, for its published accuracies")
    found = read_accuracy("torchvision", ["resnet18", "mobilenet_v3_small"])
    assert found.values == {"resnet18": {"top1": 69.758}, "mobilenet_v3_small": {"top1": 67.668}}
    assert found.origins["resnet18"].endswith(", ResNet18_Weights.IMAGENET1K_V1")


# --- costs ------------------------------------------------------------------------------------------------------------


def test_hours_of_a_training():
    # ImageNet-1K in 90 epochs: 5005 steps of 256 images, of 0.1 s each.
    assert train_hours(100.0, batch=256, images=1_281_167, epochs=90) == pytest.approx(5005 * 90 * 0.1 / 3600)
    assert train_hours(3.6e6, batch=7, images=7, epochs=1) == 1.0
    assert train_hours(3.6e6, batch=7, images=8, epochs=1) == 2.0  # the last, partial batch counts
    assert train_hours(3.6e6, batch=7, images=7, epochs=0.5) == 0.5
    assert train_hours(1.0, batch=2, images=10**18, epochs=1) == 10**18 / 2 / 3.6e6


def test_price_of_a_training():
    assert train_usd(3.0, price_per_hour=2.5) == 7.5
    assert train_usd(0.0, price_per_hour=2.5) == 0.0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"step_ms": 0}, "step_ms: found 0; expected a number above 0"),
        ({"step_ms": float("nan")}, "step_ms: found nan"),
        ({"step_ms": "3"}, "step_ms: found '3'"),
        ({"batch": 0}, "batch: found 0; expected a whole number of at least 1"),
        ({"batch": 1.5}, "batch: found 1.5; expected a whole number"),
        ({"images": True}, "images: found True; expected a whole number"),
        ({"images": float("inf")}, "images: found inf; expected a whole number"),
        ({"epochs": -1}, "epochs: found -1; expected a number above 0"),
        ({"epochs": float("inf")}, "epochs: found inf"),
    ],
)
def test_impossible_trainings(changed, message):
    options = {"step_ms": 1.0, "batch": 1, "images": 1, "epochs": 1} | changed
    with pytest.raises(OptionError, match=message):
        train_hours(options.pop("step_ms"), **options)


def test_impossible_prices():
    with pytest.raises(OptionError, match="hours: found -1; expected a number above 0"):
        train_usd(-1, price_per_hour=1)
    with pytest.raises(OptionError, match="price_per_hour: found 0; expected a number above 0"):
        train_usd(1, price_per_hour=0)
