"""One measured run: what is asked for, what the process does, and what is said when it cannot."""

from __future__ import annotations

import dataclasses
import gc
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from measuring_helpers import environment, has_ended, wait_until
from paretoscope.errors import DataError, OptionError
from paretoscope.measuring.run import processes, timing
from paretoscope.measuring.run.conditions import Conditions
from paretoscope.measuring.run.fingerprint import described_cpu, fingerprint, machine_id, session_record
from paretoscope.measuring.run.inputs import fill_dims, random_tensor
from paretoscope.measuring.run.processes import RunFailed, check, run_once
from paretoscope.measuring.run.runtimes import onnxruntime as onnx_runtime
from paretoscope.measuring.run.specs import LIGHT_MODELS, ModelSpec, expand_specs, model_sha256, parse_spec, parse_specs
from paretoscope.measuring.run.timing import time_iterations

QUICK = Conditions(min_time=0.0, warmup=0.0)
SECONDS = 60


def write_model(path, inputs, nodes=None):
    """An ONNX file with inputs of the given types and shapes, each handed to an output by a node."""
    values = [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()]
    nodes = nodes or [helper.make_node("Identity", [name], [f"{name}_out"]) for name in inputs]
    outputs = [helper.make_tensor_value_info(f"{name}_out", kind, None) for name, (kind, _) in inputs.items()]
    graph = helper.make_graph(nodes, "graph", values, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


@pytest.fixture
def image_model(tmp_path):
    return write_model(tmp_path / "net.onnx", {"image": (TensorProto.FLOAT, ["N", 3, 4, 4])})


# --- conditions ---


def test_conditions_survive_json():
    conditions = Conditions(runtime="torch", device="cuda:1", input_shape=[3, 8, 8], training=True, batch=4, threads=2)
    assert Conditions.from_json_dict(json.loads(json.dumps(conditions.to_json_dict()))) == conditions
    sized = Conditions(dims={"b": 2, "a": 1}, provider="CUDA")
    assert Conditions.from_json_dict(json.loads(json.dumps(sized.to_json_dict()))) == sized
    assert list(sized.dims) == ["a", "b"]
    assert sized.provider == "CUDAExecutionProvider"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runtime": "torhc"}, r"^runtime: found 'torhc'; expected onnxruntime or torch; did you mean 'torch'\?$"),
        ({"optimizer": "adam"}, r"^optimizer: found 'adam'; expected sgd$"),
        ({"threads": 0}, r"^threads: found 0; expected a whole number of at least 1$"),
        ({"batch": True}, r"^batch: found True; expected a whole number"),
        ({"min_time": -1}, r"^min_time: found -1; expected seconds, 0 or more$"),
        ({"warmup": float("nan")}, r"^warmup: found nan; expected seconds"),
        ({"compiled": 1}, r"^compiled: found 1; expected true or false$"),
        ({"dims": {"H": 0}}, r"^dims\['H'\]: found 0; expected a whole number"),
        ({"dims": [1]}, r"^dims: found \[1\]; expected sizes by the names of dimensions$"),
        ({"runtime": "torch", "input_shape": ()}, r"^input_shape: found \(\); expected the sizes of one sample"),
        ({"runtime": "torch", "input_shape": (3, 0)}, r"^input_shape: found 0; expected a whole number"),
        ({"training": True}, r"^training: found it with onnxruntime; expected it with torch only$"),
        ({"compiled": True}, r"^compiled: found it with onnxruntime; expected it with torch only$"),
        ({"device": "cuda"}, r"^device: found 'cuda' with onnxruntime; expected it with torch only; give a provider$"),
        ({"input_shape": (3,)}, r"^input_shape: found it with onnxruntime; expected it with torch only; dims"),
        ({"runtime": "torch", "provider": "cpu"}, r"^provider: found 'cpu' with torch; expected it with onnxruntime"),
        ({"runtime": "torch", "dims": {"N": 1}}, r"^dims: found them with torch; expected them with onnxruntime only"),
        ({"runtime": "torch", "device": "gpu"}, r"^device: found 'gpu'; expected cpu, cuda or cuda:N$"),
        ({"runtime": "torch", "device": "cpu:"}, r"^device: found 'cpu:'; expected cpu, cuda or cuda:N$"),
    ],
)
def test_impossible_conditions(options, message):
    with pytest.raises(OptionError, match=message):
        Conditions(**options)


# --- specifications ---


def test_specs_of_all_kinds(image_model):
    file = parse_spec(str(image_model))
    assert file == ModelSpec("net", "file", str(image_model), str(image_model))
    assert file.runtime == "onnxruntime"
    assert parse_spec(f"small={image_model}") == dataclasses.replace(file, name="small")
    assert parse_spec("timm:resnet50.a1_in1k") == ModelSpec(
        "resnet50.a1_in1k", "timm", "resnet50.a1_in1k", "timm:resnet50.a1_in1k"
    )
    module = parse_spec("nets.small:Maker.make")
    assert (module.name, module.kind, module.location) == ("Maker.make", "module", "nets.small:Maker.make")
    assert module.runtime == parse_spec("torchvision:resnet18").runtime == "torch"


def test_path_with_equals_sign_is_a_path(tmp_path, monkeypatch):
    (tmp_path / "lr=1").mkdir()
    write_model(tmp_path / "lr=1" / "net.onnx", {"x": (TensorProto.FLOAT, [1])})
    monkeypatch.chdir(tmp_path)
    spec = parse_spec("lr=1/net.onnx")
    assert (spec.name, spec.location) == ("net", str(tmp_path / "lr=1" / "net.onnx"))


def test_light_models_are_real_files():
    specs = parse_specs(["onnx:*"])
    assert [spec.name for spec in specs] == list(LIGHT_MODELS)
    assert all(onnx.load(spec.location).graph.node for spec in specs)
    assert expand_specs(["onnx:vgg19"]) == ["onnx:vgg19"]


def test_hash_is_of_the_file(image_model):
    assert model_sha256(parse_spec(str(image_model))) == hashlib.sha256(image_model.read_bytes()).hexdigest()
    assert model_sha256(parse_spec("timm:dpn92")) is None


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("nothing", OptionError, r"^nothing: found no model in it; expected FILE\.onnx, torchvision:NAME, timm:NAME"),
        ("a b:c", OptionError, r"^a b:c: found no model in it"),
        ("timm:hf-hub:timm/x", OptionError, r"^timm:hf-hub:timm/x: found no model in it"),
        ("timm:timm/x", OptionError, r"^timm:timm/x: found the model 'timm/x'; expected its name in timm"),
        ("torchvision:", OptionError, r"^torchvision:: found the model ''; expected its name in torchvision"),
        ("onnx:resnet5", OptionError, r"^onnx:resnet5: found 'resnet5'; .*; did you mean 'resnet50'\?$"),
        ("missing.onnx", DataError, r"^missing\.onnx: found no such file; expected an ONNX file$"),
    ],
)
def test_broken_specs(text, error, message):
    with pytest.raises(error, match=message):
        parse_spec(text)


def test_broken_lists_of_specs(tmp_path):
    (tmp_path / "net.onnx").mkdir()
    with pytest.raises(DataError, match=r"net\.onnx: found a folder; expected an ONNX file$"):
        parse_specs([str(tmp_path / "net.onnx")])
    with pytest.raises(
        OptionError,
        match=r"^timm:resnet50: found the name 'resnet50' a second time, after torchvision:resnet50; "
        r"expected names that differ; write OTHER=timm:resnet50$",
    ):
        parse_specs(["torchvision:resnet50", "timm:resnet50"])
    with pytest.raises(OptionError, match=r"^models: found none"):
        parse_specs([])


def test_onnx_package_is_needed_for_its_models(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OptionError, match=r"^onnx:vgg19: onnx is not installed; .*; pip install onnx$"):
        parse_spec("onnx:vgg19")


# --- inputs ---


def test_dimensions_are_filled():
    shapes = {
        "image": ["N", 3, "side", "side"],
        "length": ["N"],
        "boxes": ["boxes", 4],
        "scale": [],
        "spare": [None, 2],
    }
    filled = fill_dims("net", shapes, Conditions(batch=5, dims={"side": 7, "boxes": 9}))
    assert filled == {"image": (5, 3, 7, 7), "length": (5,), "boxes": (9, 4), "scale": (), "spare": (5, 2)}
    assert fill_dims("net", {"x": [None, None, -1]}, Conditions(dims={"x.1": 2, "x.2": 3})) == {"x": (1, 2, 3)}
    assert fill_dims("net", {"x": [4, "N"]}, Conditions(batch=4, dims={"N": 1})) == {"x": (4, 1)}
    assert fill_dims("net", {"scale": [], "x": ["N"]}, Conditions(batch=2)) == {"scale": (), "x": (2,)}


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        (
            ["N", "T"],
            {},
            r"^net: input 'x': found the symbolic dimension 'T' without a size; .*; pass dims=\{'T': SIZE\}$",
        ),
        (["N", None], {}, r"'x\.1' without a size; expected one; pass dims=\{'x\.1': SIZE\}$"),
        (
            ["N", "time"],
            {"dims": {"tme": 2}},
            r"^net: found no dimension 'tme' to size; .* N, time; did you mean 'time'",
        ),
        ([1, 3], {"dims": {"N": 2}}, r"^net: found no dimension 'N' to size; expected none, because all .* are fixed$"),
        ([2, 3], {"batch": 4}, r"^net: input 'x': found the fixed batch 2; expected 4; use batch=2, or export"),
        (
            ["N", 3],
            {"dims": {"N": 2}},
            r"^net: input 'x': found 'N' of size 2 for the first .* of 1; use batch=2 instead$",
        ),
    ],
)
def test_dimensions_that_do_not_fit(shape, options, message):
    with pytest.raises(OptionError, match=message):
        fill_dims("net", {"x": shape}, Conditions(**options))


@pytest.mark.parametrize(("onnx_type", "dtype"), [("float16", "f2"), ("float", "f4"), ("double", "f8")])
def test_floats_are_standard_normal(onnx_type, dtype):
    values = random_tensor("x", f"tensor({onnx_type})", (100, 100), np.random.default_rng(0))
    assert values.dtype == dtype
    # Six standard errors of the mean and of the standard deviation: two in 10^9 seeds.
    assert abs(values.astype(float).mean()) < 6e-2
    assert abs(values.astype(float).std() - 1) < 5e-2


def test_bfloat16_is_the_upper_half_of_a_float():
    bits = random_tensor("x", "tensor(bfloat16)", (10_000,), np.random.default_rng(0))
    values = (bits.astype(np.uint32) << 16).view(np.float32)
    expected = np.random.default_rng(0).standard_normal(10_000, np.float32)
    np.testing.assert_allclose(values, expected, rtol=2**-7)


@pytest.mark.parametrize("width", [8, 16, 32, 64])
@pytest.mark.parametrize("kind", ["int", "uint"])
def test_integers_are_safe_indices(kind, width):
    values = random_tensor("x", f"tensor({kind}{width})", (20_000,), np.random.default_rng(0))
    assert values.dtype == f"{kind}{width}"
    limits = np.iinfo(values.dtype)
    assert (values.min(), values.max()) == ((limits.min, limits.max) if width == 8 else (0, 1))


def test_booleans_are_of_both_kinds():
    values = random_tensor("x", "tensor(bool)", (1000,), np.random.default_rng(0))
    assert values.dtype == bool
    assert 400 < values.sum() < 600


@pytest.mark.parametrize("onnx_type", ["tensor(string)", "seq(tensor(float))", "tensor(complex64)", "tensor(int4)"])
def test_types_without_random_values(onnx_type):
    with pytest.raises(DataError, match=r"^net: input 'x': found the type .*; expected a tensor of floats .*; wrap"):
        random_tensor("net: input 'x'", onnx_type, (1,), np.random.default_rng(0))


# --- timing ---


class Clock:
    """A clock that only a step moves."""

    def __init__(self, *durations):
        self.now, self.calls, self.durations = 0, 0, durations

    def step(self):
        assert not gc.isenabled()
        self.now += self.durations[min(self.calls, len(self.durations) - 1)]
        self.calls += 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("durations", "options", "calls", "times"),
    [
        ([3_000_000], {"min_time": 0.1, "warmup": 0.01, "least": 10}, 4 + 34, [3_000_000] * 34),  # until 102 ms
        ([3_000_000], {"min_time": 0.0, "warmup": 0.0, "least": 10}, 1 + 10, [3_000_000] * 10),
        ([50], {"min_time": 0.0, "warmup": 0.0, "least": 0}, 1 + 1, [50]),  # the loop looks before it ends
        ([900, 7, 8, 9], {"min_time": 20e-9, "warmup": 800e-9, "least": 1}, 1 + 3, [7, 8, 9]),
        ([10**10], {"min_time": 0.1, "warmup": 0.1, "least": 3}, 1 + 3, [10**10] * 3),
    ],
)
def test_iterations_last_long_enough(monkeypatch, durations, options, calls, times):
    clock = Clock(*durations)
    monkeypatch.setattr(timing, "perf_counter_ns", lambda: clock.now)
    assert time_iterations(clock.step, **options).tolist() == times
    assert clock.calls == calls
    assert gc.isenabled()


def test_collector_comes_back_after_an_error():
    with pytest.raises(ZeroDivisionError):
        time_iterations(lambda: 1 // 0, min_time=0, warmup=0, least=1)
    assert gc.isenabled()


def test_times_are_real():
    times = time_iterations(lambda: time.sleep(0.002), min_time=0.02, warmup=0, least=3)
    assert sum(times) >= 0.018e9
    assert min(times) >= 2_000_000


# --- fingerprints ---


def test_fingerprint_tells_what_must_agree():
    found = fingerprint(QUICK)
    import onnxruntime

    keys = "cpu gpu cores_usable cores_physical governor machine system python versions conditions"
    assert list(found) == keys.split()
    assert found["cpu"]
    assert found["gpu"] is None
    assert found["cores_usable"] >= 1
    assert found["versions"] == {"onnxruntime": onnxruntime.__version__}
    assert found["conditions"] == QUICK.to_json_dict()
    assert json.loads(json.dumps(found)) == found
    assert fingerprint(QUICK) == found


def test_machine_id_changes_with_everything():
    found = fingerprint(QUICK)
    text = json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert machine_id(found) == hashlib.sha256(text.encode()).hexdigest()[:12]
    assert machine_id(dict(reversed(found.items()))) == machine_id(found)
    changed = [found | {key: "another"} for key in found]
    changed.append(fingerprint(dataclasses.replace(QUICK, threads=2)))
    assert len({machine_id(each) for each in [found, *changed]}) == len(changed) + 1


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("processor : 0\nmodel name\t: AMD EPYC\nflags : a:b\n\nmodel name\t: Another\n", "AMD EPYC"),
        ("processor : 0\nCPU part : 0xd0c\n\nModel : Raspberry Pi 5\n", "Raspberry Pi 5"),
        ("processor : 0\nCPU part : 0xd0c\n", "0xd0c"),
        ("processor : 0\n", None),
        ("", None),
    ],
)
def test_cpu_is_named(text, model):
    assert described_cpu(text) == model


def test_gpu_and_driver_come_from_nvidia_smi(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'Tesla V100, PCIe, 550.54.15'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    found = fingerprint(Conditions(provider="cuda"))
    assert found["gpu"] == "Tesla V100, PCIe"
    assert found["versions"]["driver"] == "550.54.15"
    program.write_text("#!/bin/sh\nexit 9\n")
    found = fingerprint(Conditions(provider="cuda"))
    assert (found["gpu"], "driver" in found["versions"]) == (None, False)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_session_knows_the_state_of_git(tmp_path, monkeypatch):
    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout.strip()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert session_record()["git"] is None
    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "first")
    assert session_record()["git"] == {"commit": git("rev-parse", "HEAD"), "dirty": False}
    (tmp_path / "new.txt").write_text("")
    assert session_record()["git"]["dirty"] is True
    monkeypatch.setenv("PATH", str(tmp_path))
    record = session_record()
    assert record["git"] is None
    assert time.strptime(record["started"], "%Y-%m-%dT%H:%M:%SZ")


# --- runs in onnxruntime ---


@pytest.mark.slow
def test_run_measures_an_onnx_file(image_model):
    spec = parse_spec(str(image_model))
    conditions = dataclasses.replace(QUICK, min_time=0.05, warmup=0.01, batch=3, threads=2, flush_denormals=True)
    seen = check([spec], conditions)
    result = run_once(spec, conditions, run=1, timeout=SECONDS)
    assert len(result.iterations_ns) >= 10
    assert all(isinstance(each, int) and each > 0 for each in result.iterations_ns)
    assert sum(result.iterations_ns) < 5e9
    assert result.n_images == 3
    assert 10 < result.peak_memory_mb < 2000
    assert 0 < result.load_s < SECONDS
    assert result.fingerprint == seen == fingerprint(conditions)
    assert time.strptime(result.started, "%Y-%m-%dT%H:%M:%SZ")
    assert result.load_average is None or result.load_average >= 0


@pytest.mark.slow
def test_inputs_of_all_types_reach_the_model(tmp_path):
    kinds = (
        "FLOAT",
        "DOUBLE",
        "FLOAT16",
        "BFLOAT16",
        "BOOL",
        "INT8",
        "UINT8",
        "INT16",
        "INT32",
        "UINT32",
        "INT64",
        "UINT64",
    )
    inputs = {name.lower(): (getattr(TensorProto, name), ["N", 2]) for name in kinds}
    spec = parse_spec(str(write_model(tmp_path / "all.onnx", inputs | {"scalar": (TensorProto.FLOAT, [])})))
    assert len(run_once(spec, QUICK, run=1, timeout=SECONDS).iterations_ns) == 10


@pytest.mark.slow
def test_real_architecture_runs():
    spec = parse_spec("onnx:squeezenet")
    result = run_once(spec, dataclasses.replace(QUICK, flush_denormals=True), run=1, timeout=SECONDS)
    assert len(result.iterations_ns) == 10
    with pytest.raises(RunFailed, match=r"^onnx:squeezenet: input 'data_0': found the fixed batch 1; expected 2; use"):
        run_once(spec, dataclasses.replace(QUICK, batch=2), run=1, timeout=SECONDS)


@pytest.mark.slow
def test_memory_is_not_that_of_the_parent(image_model):
    ballast = np.ones(100_000_000)  # 800 MB
    assert run_once(parse_spec(str(image_model)), QUICK, run=1, timeout=SECONDS).peak_memory_mb < 400
    assert ballast.all()


@pytest.mark.slow
def test_check_finds_what_would_fail(tmp_path, image_model):
    spec = parse_spec(str(image_model))
    with pytest.raises(
        OptionError, match=r"^provider: found 'CUDAExecutionProvider'; .*: .*CPUExecutionProvider.*; others"
    ):
        check([spec], Conditions(provider="cuda"))
    with pytest.raises(OptionError, match=r"^provider: found 'CPUProvider'.*; did you mean 'CPUExecutionProvider'\?"):
        check([spec], Conditions(provider="CPUProvider"))
    with pytest.raises(OptionError, match=r"expected torch for this model; measure it as a target of its own$"):
        check([spec, parse_spec("torchvision:resnet18")], QUICK)
    with pytest.raises(OptionError, match=r"net\.onnx: found no dimension 'T' to size; expected one of N$"):
        check([spec], Conditions(dims={"T": 1}))
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    with pytest.raises(
        DataError, match=r"broken\.onnx: found no model that onnxruntime .* can load with CPU.*again, or update"
    ):
        check([spec, parse_spec(str(broken))], QUICK)
    image_model.unlink()
    with pytest.raises(DataError, match=r"net\.onnx: found no such file; expected an ONNX file$"):
        check([spec], QUICK)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "nodes", "message"),
    [
        (TensorProto.STRING, None, r"input 'x': found the type tensor\(string\); expected a tensor of floats"),
        (
            TensorProto.FLOAT,
            [helper.make_node("Nonsense", ["x"], ["x_out"])],
            r"can load with CPUEx.*Nonsense.*; expected",
        ),
    ],
)
def test_model_that_cannot_run(tmp_path, kind, nodes, message):
    spec = parse_spec(str(write_model(tmp_path / "net.onnx", {"x": (kind, ["N"])}, nodes)))
    with pytest.raises(RunFailed, match=message) as caught:
        run_once(spec, QUICK, run=1, timeout=SECONDS)
    assert "\n" not in caught.value.reason
    assert str(caught.value) == caught.value.reason


class FakeSession:
    """A session that claims to run by the given providers, with nodes on others."""

    def __init__(self, providers, parts):
        self.providers, self.parts = providers, parts

    def get_providers(self):
        return self.providers

    def get_provider_graph_assignment_info(self):
        return [type("Part", (), {"ep_name": name}) for name in self.parts]


def test_silent_fallback_to_the_cpu_is_found():
    spec = ModelSpec("net", "file", "net.onnx", "net.onnx")
    gpu, cpu = "CUDAExecutionProvider", "CPUExecutionProvider"
    onnx_runtime.check_use(spec, FakeSession([gpu, cpu], [gpu, cpu]), gpu)
    onnx_runtime.check_use(spec, FakeSession([cpu], [cpu]), cpu)
    for session in (FakeSession([cpu], [cpu]), FakeSession([gpu, cpu], [cpu, cpu])):
        with pytest.raises(OptionError, match=r"^net\.onnx: found that .* by CPUEx.*; expected CUDAEx.*; check that"):
            onnx_runtime.check_use(spec, session, gpu)


@pytest.mark.parametrize(
    ("library", "spec", "message"),
    [
        ("onnxruntime", ModelSpec("net", "file", "a.onnx", "a.onnx"), r"^onnxruntime: not installed; .*\[measure\]'$"),
        (
            "torch",
            parse_spec("nets:small"),
            r"^torch: not installed; .*PyTorch models; pip install 'paretoscope\[torch\]'$",
        ),
        ("timm", parse_spec("timm:dpn92"), r"^timm: not installed; expected for timm:NAME models; .*\[torch\]'$"),
    ],
)
def test_missing_library(monkeypatch, library, spec, message):
    monkeypatch.setattr(processes.importlib.util, "find_spec", lambda name: None if name == library else name)
    with pytest.raises(OptionError, match=message):
        check([spec], Conditions(runtime=spec.runtime))


# --- the process, with a library in onnxruntime's place that misbehaves ---

STAND_IN = """
import os, pathlib, signal, subprocess, sys, time
__version__ = "0"
folder = pathlib.Path(__file__).parent
def get_available_providers():
    {body}
"""


@pytest.fixture
def misbehave(tmp_path, monkeypatch, image_model):
    """Run a model with some code in the place of the runtime."""
    spec = parse_spec(str(image_model))

    def run(body, *, timeout=SECONDS, check_only=False):
        library = tmp_path / "library"
        library.mkdir(exist_ok=True)
        (library / "onnxruntime.py").write_text(STAND_IN.format(body=body))
        monkeypatch.syspath_prepend(library)
        return check([spec], QUICK) if check_only else run_once(spec, QUICK, run=1, timeout=timeout)

    return run


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "os.kill(os.getpid(), signal.SIGSEGV)",
            r"net\.onnx: found that the process was ended by SIGSEGV; expected a res",
        ),
        (
            "os.kill(os.getpid(), signal.SIGKILL)",
            r"was killed by SIGKILL, perhaps for want of memory; .*; try batch=1$",
        ),
        ("sys.exit(3)", r"found that the process ended with exit code 3; expected a result$"),
        (
            "print('one\\ntwo\\n\\nthree\\nfour', file=sys.stderr, flush=True); os._exit(1)",
            r"exit code 1; expected a result; its last words: two \| three \| four$",
        ),
        ("raise ValueError('a\\n  b')", r"net\.onnx: failed by ValueError \(a b\)$"),
    ],
)
def test_end_of_a_process_is_told(misbehave, body, message):
    with pytest.raises(RunFailed, match=message) as caught:
        misbehave(body)
    assert "\n" not in caught.value.reason
    if "SIGSEGV" in body:
        with pytest.raises(RunFailed, match=message):
            misbehave(body, check_only=True)


def pids(folder, count):
    """The process ids that a misbehaving library writes, once they are there."""

    def written():
        return (folder / "pids").read_text().split() if (folder / "pids").exists() else []

    wait_until(lambda: len(written()) == count)
    return [int(each) for each in written()]


HANG = (
    "child = subprocess.Popen(['sleep', '600']); "
    "(folder / 'pids').write_text(f'{os.getpid()} {child.pid}'); time.sleep(600)"
)


@pytest.mark.slow
def test_hang_ends_with_all_its_processes(misbehave, tmp_path):
    with pytest.raises(RunFailed, match=r"net\.onnx: found no result after 3 s; expected one; raise the timeout$"):
        misbehave(HANG, timeout=3)
    for pid in pids(tmp_path / "library", 2):
        wait_until(lambda pid=pid: has_ended(pid), 10.0)


@pytest.mark.slow
def test_end_of_a_run_ends_what_it_started(misbehave, tmp_path):
    with pytest.raises(RunFailed, match=r"exit code 5"):
        misbehave(HANG.replace("time.sleep(600)", "sys.exit(5)"))
    for pid in pids(tmp_path / "library", 2):
        wait_until(lambda pid=pid: has_ended(pid), 10.0)


@pytest.mark.slow
def test_reading_from_standard_input_does_not_hang(misbehave):
    with pytest.raises(RunFailed, match=r"failed by EOFError"):
        misbehave("input()")


PARENT = """
import sys
from paretoscope.measuring.run.conditions import Conditions
from paretoscope.measuring.run.processes import run_once
from paretoscope.measuring.run.specs import parse_spec
try:
    run_once(parse_spec(sys.argv[1]), Conditions(min_time=0, warmup=0), run=1)
except KeyboardInterrupt:
    sys.exit(130)
print(sorted(set(sys.modules) & {"onnxruntime", "pandas", "torch"}))
"""


def start_parent(tmp_path, model, library=()):
    command = [sys.executable, "-P", "-c", PARENT, str(model)]
    there = environment(*library) | {"TMPDIR": str(tmp_path)}
    return subprocess.Popen(command, env=there, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


# While Python's lock is held, only the system can end the worker.
LOCKED = pytest.param(
    signal.SIGKILL,
    "__import__('ctypes').PyDLL(None).sleep(600)",
    marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent"),
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "hang"),
    [*((number, "time.sleep(600)") for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)), LOCKED],
)
def test_nothing_outlives_the_parent(tmp_path, image_model, number, hang):
    library, scratch = tmp_path / "library", tmp_path / "scratch"
    library.mkdir()
    scratch.mkdir()
    (library / "onnxruntime.py").write_text(
        STAND_IN.format(body=f"(folder / 'pids').write_text(f'{{os.getpid()}}'); {hang}")
    )
    with start_parent(scratch, image_model, [library]) as parent:
        (worker,) = pids(library, 1)
        parent.send_signal(number)
        parent.communicate(timeout=SECONDS)
    assert parent.returncode == (130 if number == signal.SIGINT else -number)
    wait_until(lambda: has_ended(worker), 10.0)
    assert not list(scratch.iterdir())


@pytest.mark.slow
def test_worker_ends_with_its_standard_input(tmp_path, image_model):
    library = tmp_path / "library"
    library.mkdir()
    (library / "onnxruntime.py").write_text(STAND_IN.format(body="(folder / 'pids').write_text('1'); time.sleep(600)"))
    spec = dataclasses.asdict(parse_spec(str(image_model)))
    request = {
        "specs": [spec],
        "conditions": QUICK.to_json_dict(),
        "run": 1,
        "seed": 0,
        "parent": os.getpid(),
        "flags": False,
    }
    with (tmp_path / "answer").open("wb") as answer:
        worker = subprocess.Popen(
            [sys.executable, "-P", "-m", "paretoscope.measuring.worker", str(answer.fileno())],
            stdin=subprocess.PIPE,
            env=environment(library),
            pass_fds=[answer.fileno()],
        )
    worker.stdin.write(json.dumps(request).encode() + b"\n")
    worker.stdin.flush()
    pids(library, 1)
    assert worker.poll() is None
    worker.stdin.close()
    assert worker.wait(timeout=SECONDS) == 1
    assert (tmp_path / "answer").read_bytes() == b""


@pytest.mark.slow
def test_parent_needs_no_runtime(tmp_path, image_model):
    with start_parent(tmp_path, image_model) as parent:
        printed, said = parent.communicate(timeout=SECONDS)
    assert (printed, said) == ("[]\n", "")


def test_environment_sets_threads_and_finds_the_same_modules(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setattr(sys, "path", ["", "/elsewhere"])
    there = processes.worker_environment(2)
    assert {there[f"{name}_NUM_THREADS"] for name in ("OMP", "MKL", "OPENBLAS", "NUMEXPR")} == {"2"}
    assert there["PYTHONPATH"] == os.pathsep.join([str(Path.cwd()), "/elsewhere"])
    assert there["HF_HUB_OFFLINE"] == "1"
