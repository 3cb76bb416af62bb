"""Runs of PyTorch modules: inference, training and compilation, and what is said when a module does not fit."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest

from paretoscope.errors import OptionError, speaking_flags
from paretoscope.measuring.run.conditions import Conditions
from paretoscope.measuring.run.fingerprint import fingerprint
from paretoscope.measuring.run.processes import RunFailed, check, run_once
from paretoscope.measuring.run.specs import ModelSpec, parse_spec

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed"),
    pytest.mark.slow,  # each run imports torch
]

QUICK = Conditions(runtime="torch", input_shape=(3, 8, 8), min_time=0.0, warmup=0.0)
SECONDS = 120

NETS = '''
import ctypes, os, pathlib, sys
import torch
from torch import nn

here = pathlib.Path(__file__).parent

class Net(nn.Module):
    """A classifier of images."""
    def __init__(self):
        super().__init__()
        self.features, self.classes = nn.Conv2d(3, 8, 3), nn.Linear(8, 5)
    def forward(self, images):
        return self.classes(self.features(images).mean((2, 3)))

class Seen(Net):
    """It leaves what it sees in a file."""
    def forward(self, images):
        with (here / "seen").open("a") as stream:
            weights, tiny = self.classes.weight, torch.tensor([1e-40])
            print(tuple(images.shape), images.sum().item(), weights[0, 0].item(), self.training,
                  torch.is_inference_mode_enabled(), torch.get_num_threads(), os.environ["OMP_NUM_THREADS"],
                  (tiny * 1).item() == 0, file=stream)
        print("chatter", flush=True)
        os.write(1, b"more chatter")
        return super().forward(images)

class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.example_inputs = nn.Embedding(10, 4), (torch.tensor([[9, 3], [4, 4]]),)
    def forward(self, tokens):
        (here / "tokens").write_text(str(tokens.tolist()))
        return self.words(tokens).mean(1)

class Normalised(Net):
    def __init__(self):
        super().__init__()
        self.normalise = nn.BatchNorm1d(5)
    def forward(self, images):
        return self.normalise(super().forward(images))

class Half(Net):
    def __init__(self):
        super().__init__()
        self.bfloat16()

class Examples(Net):
    def __init__(self, examples):
        super().__init__()
        self.example_inputs = examples

class Frozen(Net):
    def __init__(self):
        super().__init__()
        self.requires_grad_(False)

class Flat(Net):
    def forward(self, images):
        return super().forward(images).sum()

class Silent(Net):
    def forward(self, images):
        return None

def text(): return "text"
def bad_examples(): return Examples("text")
def no_rows(): return Examples((torch.zeros(0, 3),))
def crash(): ctypes.string_at(0)
def leave(): sys.exit(4)
made = Net()
number = 3
'''


@pytest.fixture
def nets(tmp_path, monkeypatch):
    """A package in the current directory."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "__init__.py").write_text("")
    (tmp_path / "own" / "nets.py").write_text(NETS)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "own"


def run(name, conditions=QUICK, **options):
    return run_once(parse_spec(f"own.nets:{name}"), conditions, **({"run": 1, "timeout": SECONDS} | options))


def seen(folder):
    lines = (folder / "seen").read_text().splitlines()
    (folder / "seen").unlink()
    return lines


# --- what a run does ---


def test_inference(nets):
    result = run("Seen", replace(QUICK, batch=3, threads=2))
    import torch

    assert len(result.iterations_ns) == 10
    assert all(isinstance(each, int) and each > 0 for each in result.iterations_ns)
    assert result.n_images == 3
    assert 20 < result.peak_memory_mb < 5000
    assert result.fingerprint["versions"]["torch"] == torch.__version__
    assert result.fingerprint == fingerprint(replace(QUICK, batch=3, threads=2))
    lines = seen(nets)
    assert len(lines) == 1 + 10  # one to warm up
    assert len(set(lines)) == 1
    assert lines[0].startswith("(3, 3, 8, 8) ")
    assert lines[0].endswith(" False True 2 2 False")


def test_seed_and_run_determine_inputs_and_weights(nets):
    found = []
    for options in ({}, {}, {"run": 2}, {"seed": 1}):
        run("Seen", **options)
        found.append(seen(nets)[0].split(") ")[1].split()[:2])
    assert found[0] == found[1]
    assert len({sums for sums, _ in found}) == len({weight for _, weight in found}) == 3


def test_training(nets):
    result = run("Seen", replace(QUICK, training=True, batch=2, flush_denormals=True))
    assert len(result.iterations_ns) == 3
    lines = seen(nets)
    assert len(lines) == 1 + 1 + 3  # to see the classes, to warm up, to time
    assert all(line.endswith(" True False 1 1 True") for line in lines)
    weights = [line.split()[5] for line in lines]
    assert len(set(weights)) == 4  # the weights move from the first step on


def test_examples_are_repeated_to_fill_the_batch(nets):
    run("Words", replace(QUICK, input_shape=None, batch=3))
    assert (nets / "tokens").read_text() == "[[9, 3], [4, 4], [9, 3]]"
    assert len(run("Words", replace(QUICK, input_shape=None, training=True)).iterations_ns) == 3


def test_inputs_have_the_precision_of_the_module(nets):
    assert len(run("Half").iterations_ns) == 10


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_compiled(nets):
    result = run("Net", replace(QUICK, compiled=True), timeout=600)
    assert len(result.iterations_ns) == 10
    # Compilation takes seconds, and belongs to loading.
    assert max(result.iterations_ns) / 1e9 < result.load_s / 2
    assert result.fingerprint["conditions"]["compiled"] is True


def test_module_is_really_compiled(nets, monkeypatch):
    import torch

    from paretoscope.measuring.run.runtimes import pytorch

    monkeypatch.syspath_prepend(str(nets.parent))
    monkeypatch.setattr(torch, "set_num_interop_threads", lambda number: None)  # only a fresh process may set it
    calls = []
    monkeypatch.setattr(torch, "compile", lambda module: lambda *inputs: calls.append(len(inputs)) or module(*inputs))
    spec = ModelSpec("Net", "module", "own.nets:Net", "own.nets:Net")
    threads = torch.get_num_threads()
    try:
        loaded = pytorch.load(spec, replace(QUICK, compiled=True), np.random.default_rng(0))
        assert calls == [1, 1]  # what compiles happens before the timing
        loaded.step()
        assert calls == [1, 1, 1]
        pytorch.load(spec, replace(QUICK, compiled=True, training=True, batch=2), np.random.default_rng(0)).step()
        assert calls == [1] * 6
    finally:
        torch.set_num_threads(threads)
        for name in ("own", "own.nets"):
            sys.modules.pop(name, None)


# --- the training step against its plain twin ---


def test_step_is_sgd_with_momentum_on_cross_entropy():
    import torch

    from paretoscope.measuring.run.runtimes.training import make_training_step

    class Auxiliary(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.main, self.side = torch.nn.Linear(3, 4), torch.nn.Linear(3, 4)

        def forward(self, x):
            return {"main": self.main(x), "side": self.side(x), "none": None}

    torch.manual_seed(0)
    module, x = Auxiliary(), torch.randn(6, 3)
    rng = np.random.default_rng(5)
    labels = [rng.integers(4, size=(6,)) for _ in range(2)]
    weights = {name: getattr(module, name).weight.detach().double().numpy().copy() for name in ("main", "side")}
    biases = {name: getattr(module, name).bias.detach().double().numpy().copy() for name in ("main", "side")}
    step = make_training_step("net", module, (x,), np.random.default_rng(5), forward=module)
    for _ in range(3):
        step()

    images = x.double().numpy()
    for name, label, share in zip(("main", "side"), labels, (1.0, 0.4), strict=True):
        weight, bias = weights[name], biases[name]
        speed, drift = np.zeros_like(weight), np.zeros_like(bias)
        for _ in range(3):
            scores = images @ weight.T + bias
            chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
            slope = share * (chances - np.eye(4)[label]) / 6
            speed = 0.9 * speed + slope.T @ images + 1e-4 * weight
            drift = 0.9 * drift + slope.sum(axis=0) + 1e-4 * bias
            weight, bias = weight - 1e-4 * speed, bias - 1e-4 * drift
        moved = getattr(module, name).weight.detach().double().numpy() - weights[name]
        np.testing.assert_allclose(moved, weight - weights[name], atol=2e-7)
        np.testing.assert_allclose(getattr(module, name).bias.detach().numpy(), bias, atol=1e-6)
        assert np.abs(moved).max() > 1e-5


def test_step_trains_maps_of_classes():
    import torch

    from paretoscope.measuring.run.runtimes.training import make_training_step

    module = torch.nn.Conv2d(3, 5, 1)
    before = module.weight.detach().clone()
    make_training_step("net", module, (torch.randn(2, 3, 4, 4),), np.random.default_rng(0), forward=module)()
    assert not torch.equal(before, module.weight)


# --- what is said when something does not fit ---


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("Nett", {}, r"^own\.nets:Nett: found no 'Nett' in own\.nets; expected a callable .*; did you mean 'Net'\?$"),
        ("number", {}, r"^own\.nets:number: found int; expected a callable that makes a torch\.nn\.Module$"),
        ("made", {}, r"^own\.nets:made: found Net; expected a callable that makes"),
        ("text", {}, r"^own\.nets:text: found that it makes str; expected a torch\.nn\.Module$"),
        ("Net", {"input_shape": None}, r"found no shape of its inputs; .*; pass input_shape=\(3, 224, 224\), or"),
        ("Net", {"input_shape": (4, 8, 8)}, r"^own\.nets:Net: failed by RuntimeError \(.*channels.*\)$"),
        (
            "bad_examples",
            {"input_shape": None},
            r"found example_inputs that are str; expected a tuple of tensors, each",
        ),
        ("no_rows", {"input_shape": None}, r"found example_inputs that are tuple; expected .* at least one row"),
        ("Normalised", {"training": True}, r"one value a channel in batch normalisation .*; use batch=2 or more$"),
        ("Frozen", {"training": True}, r"found no parameters to train; expected some that require gradients$"),
        ("Flat", {"training": True}, r"found an output of shape \(\), torch\.float32; expected the scores of classes"),
        ("Silent", {"training": True}, r"found no tensor in its output; expected the scores of classes$"),
        ("crash", {}, r"^own\.nets:crash: found that the process was ended by SIGSEGV; expected a result"),
        ("leave", {}, r"^own\.nets:leave: found that the process ended with exit code 4; expected a result$"),
    ],
)
def test_module_that_cannot_run(nets, name, options, message):
    with pytest.raises(RunFailed, match=message) as caught:
        run(name, replace(QUICK, **options))
    assert "\n" not in caught.value.reason


def test_check_of_modules_and_devices(nets):
    assert check([parse_spec("own.nets:Net")], QUICK) == fingerprint(QUICK)
    for spec, found in (
        ("own.net:Net", r"own\.net"),
        ("owm.nets:Net", "owm"),
        ("own.nets.deep:Net", r"own\.nets\.deep"),
    ):
        with pytest.raises(
            OptionError, match=rf"^{spec}: found no module '{found}'; expected one that can be imported"
        ):
            check([parse_spec(spec)], QUICK)
    with pytest.raises(OptionError, match=r"^device: found 'cuda:99'; expected one that torch .* sees: cpu.*; install"):
        check([parse_spec("own.nets:Net")], replace(QUICK, device="cuda:99"))


# --- libraries of models, by stand-ins that would notice a download ---

RECORDER = """
import pathlib
from torch import nn

class Recorder(nn.Module):
    def forward(self, images):
        (pathlib.Path(__file__).parent / "shape").write_text(str(tuple(images.shape)))
        return images
"""
TORCHVISION = """
from types import SimpleNamespace
from recorder import Recorder

def plain(*, weights="DEFAULT", **options):
    assert weights is None and not options
    return Recorder()

def googlenet(*, weights="DEFAULT", **options):
    assert weights is None and options == {"init_weights": False}
    return Recorder()

def transformer(*, weights="DEFAULT"):
    module = plain(weights=weights)
    module.image_size = 6
    return module

def detector(*, weights="DEFAULT", weights_backbone="DEFAULT"):
    assert weights_backbone is None
    return plain(weights=weights)

known = {each.__name__: each for each in (plain, googlenet, transformer, detector)}

def list_models():
    return list(known)

def get_model_builder(name):
    return known[name]

def get_model_weights(name):
    keywords = {} if name == "detector" else {"crop_size": 9}
    return SimpleNamespace(DEFAULT=SimpleNamespace(transforms=SimpleNamespace(keywords=keywords)))
"""
TIMM = """
from recorder import Recorder

def is_model(name):
    return name == "net.tag"

def list_models():
    return ["net", "network"]

def create_model(name, *, pretrained):
    assert name == "net.tag" and pretrained is False
    module = Recorder()
    module.default_cfg = {"input_size": (3, 5, 5)}
    return module
"""


@pytest.fixture
def libraries(tmp_path, monkeypatch):
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text("")
    (tmp_path / "torchvision" / "models.py").write_text(TORCHVISION)
    (tmp_path / "timm.py").write_text(TIMM)
    (tmp_path / "recorder.py").write_text(RECORDER)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("spec", "shape"),
    [
        ("torchvision:plain", "(2, 3, 9, 9)"),
        ("torchvision:googlenet", "(2, 3, 9, 9)"),
        ("torchvision:transformer", "(2, 3, 6, 6)"),
        ("timm:net.tag", "(2, 3, 5, 5)"),
    ],
)
def test_libraries_know_the_shape(libraries, spec, shape):
    assert len(run_once(parse_spec(spec), replace(QUICK, input_shape=None, batch=2), run=1).iterations_ns) == 10
    assert (libraries / "shape").read_text() == shape


def test_models_that_libraries_do_not_know(libraries):
    unsized = replace(QUICK, input_shape=None)
    with pytest.raises(
        RunFailed, match=r"^torchvision:detector: found no shape of its inputs; expected .*; pass input_shape="
    ):
        run_once(parse_spec("torchvision:detector"), unsized, run=1)
    with speaking_flags(), pytest.raises(RunFailed, match="; give --input-shape 3,224,224, or"):
        run_once(parse_spec("torchvision:detector"), unsized, run=1)
    with pytest.raises(
        OptionError, match=r"^torchvision:plane: found no model 'plane' in .* 4 names; did you mean 'plain'"
    ):
        check([parse_spec("torchvision:plain"), parse_spec("torchvision:plane")], unsized)
    with pytest.raises(
        OptionError, match=r"^timm:netwrk: found no model 'netwrk' in timm; .*; did you mean 'network'\?$"
    ):
        check([parse_spec("timm:netwrk")], unsized)
    check([parse_spec("timm:net.tag")], unsized)
