"""Files from strangers: read, or refused in one line, within bounded time and memory; whatever they hold."""

from __future__ import annotations

import json
import os
import pickle
import struct
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import environment, measure, wide
from mutations import members, packed
from paretoscope import cli, files, study
from paretoscope.commands.study_option import _kinds
from paretoscope.errors import DataError, OptionError, ParetoscopeError, ParetoscopeWarning, UncertifiedWarning
from paretoscope.measurements import Measurements
from paretoscope.measurements import saved as saved_record
from paretoscope.readers import files as limits
from paretoscope.readers import read, read_table
from paretoscope.resampling import storage
from paretoscope.resampling.draws import EfficiencyDraws
from strategies import BYTES, FILES, RECORDS, saved_parts

ROLES = {"inputs": "ms", "outputs": "top1"}
FLAGS = {option.name: _kinds(option.type) for option in cli.rank.params}


def ask(path):
    """Load a saved result, and ask it for all that a table shows."""
    sim = EfficiencyDraws.load(path)
    sim.summary()
    return sim


READERS = {
    **dict.fromkeys((".csv", ".tsv", ".jsonl", ".parquet"), lambda path: read(path, **ROLES)),
    ".toml": lambda path: study.read_study(path, FLAGS),
    ".npz": ask,
}


def one_line(function, *arguments):
    """Call; success, or the message of one of the package's errors, which is one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ParetoscopeWarning)
        try:
            function(*arguments)
        except ParetoscopeError as error:
            message = str(error)
        else:
            return ""
    assert len(message.splitlines()) == 1
    return message


# --- whatever the file holds ---


def survives(ending, path, examples, *, repeatable):
    """Read so many files of a format."""

    @settings(max_examples=examples, deadline=None, derandomize=repeatable, suppress_health_check=list(HealthCheck))
    @given(st.one_of(FILES[ending], FILES[ending], BYTES))
    def attempt(content):
        path.write_bytes(content)
        one_line(READERS[ending], path)

    attempt()


@pytest.mark.slow
@pytest.mark.parametrize("ending", FILES)
def test_any_file_is_read_or_refused(ending, tmp_path):
    survives(ending, tmp_path / f"file{ending}", 200, repeatable=True)


@pytest.mark.slow
@pytest.mark.fuzz
@pytest.mark.parametrize("ending", FILES)
def test_many_files_are_read_or_refused(ending, tmp_path):
    survives(ending, tmp_path / f"file{ending}", 5000, repeatable=False)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, derandomize=True)
@given(RECORDS)
def test_any_record_is_read_or_refused(record):
    one_line(Measurements.from_json_dict, record)


# --- bounded time and memory ---


def in_a_process(code, *arguments, timeout=300):
    """Run code in a fresh process; its last line of output, and the most memory it used, in bytes."""
    # Not what getrusage says, which counts the process that this one was made from.
    measured = f"{code}\nprint(*(line for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    ended = subprocess.run(
        [sys.executable, "-c", measured, *map(str, arguments)],
        env=environment("0"), capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    message, memory = (line for line in ended.stdout.splitlines() if line)
    return message, int(memory.split()[1]) * 1024


READ = """
import sys
from paretoscope.errors import ParetoscopeError
from paretoscope.readers import read_table
from paretoscope.resampling.draws import EfficiencyDraws
path = sys.argv[1]
try:
    EfficiencyDraws.load(path) if path.endswith(".npz") else read_table(path)
    print("read")
except ParetoscopeError as error:
    print(error)
"""


def frugal(path, least=1 << 30):
    """What a fresh process says of a file, in minutes at most, with no more memory than a gigabyte."""
    message, memory = in_a_process(READ, path)
    assert memory < least, f"{memory / 1e6:.0f} MB"
    return message


# --- saved results: the archive ---


@pytest.fixture
def result(tmp_path):
    """Write a saved result with some of its parts replaced; the path."""

    def write(**parts):
        path = tmp_path / "result.npz"
        path.write_bytes(packed(**(saved_parts() | parts)))
        return path

    return write


def refused(path):
    """The message that refuses a saved result, without the path."""
    with pytest.raises(DataError) as caught:
        EfficiencyDraws.load(path)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def archived(path, entries, **options):
    """Write an archive of such entries, (name, content), warning of nothing."""
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", **options) as archive:
        warnings.simplefilter("ignore")
        for name, content in entries:
            archive.writestr(name, content)
    return path


def array_file(description, content=b""):
    """A .npy file with such a header."""
    text = description.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + content


def test_what_was_saved_is_read(result, tmp_path):
    sim = ask(result())
    sim.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == result().read_bytes()
    compressed = tmp_path / "compressed.npz"
    compressed.write_bytes(packed(**saved_parts(), compressed=True))
    assert ask(compressed).draws.tobytes() == sim.draws.tobytes()
    by_column = np.asfortranarray(sim.draws)
    assert by_column.flags.f_contiguous
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ParetoscopeWarning)
        object.__setattr__(sim, "draws", by_column)
        sim.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == result().read_bytes()


def test_unknown_scores_are_read(result):
    draws = saved_parts()["draws"].copy()
    draws[3, 1] = np.nan
    header = json.loads(json.dumps(saved_parts()["header"]))
    header["status"] = {"certified": draws.size - 1, "exact": 0, "uncertified": 1}
    with pytest.warns(UncertifiedWarning):
        sim = EfficiencyDraws.load(result(draws=draws, header=header))
    assert np.isnan(sim.draws).sum() == 1


def test_a_result_cut_off_anywhere(result):
    path = result()
    content = path.read_bytes()
    for length in (*range(0, len(content), 97), *range(len(content) - 60, len(content))):
        path.write_bytes(content[:length])
        refused(path)


def test_a_result_with_any_byte_changed(result):
    path = result()
    content = bytearray(path.read_bytes())
    before = ask(path).draws.tobytes()
    n_refused = 0
    for position in range(0, len(content), 23):
        content[position] ^= 0x10
        path.write_bytes(content)
        if one_line(ask, path):
            n_refused += 1
        else:  # a time stamp, or other parts of the archive that nobody reads
            assert EfficiencyDraws.load(path).draws.tobytes() == before
        content[position] ^= 0x10
    assert n_refused > 0.8 * len(content) / 23


def test_an_encrypted_result(result):
    path = result()
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        content[at + offset] |= 1
    path.write_bytes(content)
    assert refused(path) == (
        "found no saved result: member header.npy is encrypted; expected it readable; save it again"
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_rare_ways_of_packing(result, tmp_path, method):
    path = archived(tmp_path / "x.npz", members(result().read_bytes()).items(), compression=method)
    assert "member header.npy is packed in a rare way" in refused(path)


def test_members_that_are_not_those_of_a_result(result, tmp_path):
    parts = list(members(result().read_bytes()).items())
    for entries, shown in (
        ([], "members none"),
        (parts[:2], "members 'header.npy', 'draws.npy'"),
        ([*parts, parts[1]], "'header.npy', 'draws.npy', 'efficiency.npy', 'draws.npy'"),
        ([*parts, ("inner.npz", result().read_bytes())], "'efficiency.npy', 'inner.npz'"),
        ([*parts[:2], ("../efficiency.npy", parts[2][1])], "'../efficiency.npy'"),
        ([*parts, ("a\nb" + "x" * 500, b"")], "'a\\nbxxx"),
    ):
        message = refused(archived(tmp_path / "x.npz", entries))
        assert shown in message
        assert "expected header, draws, efficiency, each once" in message
        assert len(message) < 500


@pytest.mark.slow
def test_ten_thousand_members(tmp_path):
    path = archived(tmp_path / "x.npz", ((f"{number:090}.npy", b"") for number in range(10_000)))
    assert "a directory of more than a megabyte" in frugal(path)


@pytest.mark.slow
@pytest.mark.parametrize("bomb", ["header", "draws"])
def test_a_small_file_that_inflates_to_gigabytes(result, tmp_path, bomb):
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members(result().read_bytes()).items():
            if name == f"{bomb}.npy":
                with archive.open(name, "w", force_zip64=True) as stream:
                    shape, kind = (f"({1 << 30},)", "|u1") if bomb == "header" else (f"({1 << 26}, 2)", "<f8")
                    stream.write(array_file(f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"))
                    for _ in range(1 << 7):
                        stream.write(bytes(1 << 23))
            else:
                archive.writestr(name, content)
    assert path.stat().st_size < 20_000_000
    assert "bytes declared in" in frugal(path, 1 << 29)
    # The same, but the directory says that it is small.
    content = bytearray(path.read_bytes())
    at = (
        content.find(b"PK\x01\x02")
        if bomb == "header"
        else content.find(b"PK\x01\x02", content.find(b"PK\x01\x02") + 4)
    )
    content[at + 24 : at + 28] = struct.pack("<I", 128 + 24)
    path.write_bytes(content)
    assert "; expected " in frugal(path, 1 << 29)


@pytest.mark.parametrize(
    ("description", "found"),
    [
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 3), }",
            "shape '(1000000000000, 3)' in 480",
        ),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (19, 3), }", "draws of shape '(19, 3)' in 480 bytes"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (-20, -3), }", "draws is no plain array"),
        (f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({'9' * 40},), }}", "draws is no plain array"),
        ("{'descr': '<f8', 'fortran_order': True, 'shape': (20, 3), }", "type '<f8' in Fortran's order"),
        ("{'descr': '>f8', 'fortran_order': False, 'shape': (20, 3), }", "draws of type '>f8'"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (20, 6), }", "draws of type '<f4'"),
        ("{'descr': '|O', 'fortran_order': False, 'shape': (20, 3), }", "draws of type '|O'"),
        ("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (20, 3), }", "draws is no plain array"),
        ("((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((", "draws is no plain array"),
        ("------------------------------------------------------------1", "draws is no plain array"),
        ("__import__('os').abort()", "draws is no plain array"),
    ],
)
def test_arrays_that_are_not_as_declared(result, tmp_path, description, found):
    parts = members(result().read_bytes())
    content = parts["draws.npy"][-saved_parts()["draws"].nbytes :]
    path = archived(tmp_path / "x.npz", (parts | {"draws.npy": array_file(description, content)}).items())
    assert found in refused(path)


def test_nothing_is_unpickled(result, tmp_path):
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    parts = members(result().read_bytes())
    for content in (
        array_file("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", pickle.dumps(Trap())),
        pickle.dumps(Trap()),
    ):
        refused(archived(tmp_path / "x.npz", (parts | {"header.npy": content}).items()))
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("special", ["folder", "pipe", "device", "nothing"])
def test_what_is_no_file(tmp_path, special):
    path = tmp_path / "x.npz"
    if special == "folder":
        path.mkdir()
    elif special == "pipe":
        os.mkfifo(path)
    elif special == "device":
        path.symlink_to("/dev/zero")
    assert refused(path).startswith("found no such file" if special == "nothing" else "found something that is no file")


# --- saved results: the header ---


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h: h.pop("seed"), "missing required field `seed`"),
        (lambda h: h.update(format=5), "Expected `str`, got `int`"),
        (lambda h: h.update(format="x" * 9000), "expected 'paretoscope draws 1'"),
        (lambda h: h.update(rts=["vrs"]), "Expected `str`, got `array`"),
        (lambda h: h.update(rts="drs"), "rts: found 'drs'"),
        (lambda h: h.update(scope=None), "Expected `str`, got `null`"),
        (lambda h: h.update(noise=[]), "Expected `object`, got `array`"),
        (lambda h: h.update(noise={"ms": 3}), "Expected `str`, got `int`"),
        (lambda h: h.update(noise={"nope": "3%"}), "noise: found 'nope'"),
        (lambda h: h.update(noise={"ms": "1e999%"}), "noise"),
        (lambda h: h.update(n_redrawn=-1), "Expected `int` >= 0"),
        (lambda h: h.update(n_redrawn="1"), "Expected `int`, got `str`"),
        (lambda h: h.update(notices="none"), "Expected `array`, got `str`"),
        (lambda h: h.update(notices=[1]), "Expected `str`, got `int`"),
        (lambda h: h.update(versions={"numpy": 2}), "Expected `str`, got `int`"),
        (lambda h: h.update(seed=7), "Expected `object`, got `int`"),
        (lambda h: h["seed"].update(entropy=-1), "Expected `int` >= 0"),
        (lambda h: h["seed"].update(entropy=[1, -1]), "Expected `int` >= 0"),
        (lambda h: h["seed"].update(entropy=None), "got `null`"),
        (lambda h: h["seed"].update(entropy="7"), "got `str`"),
        (lambda h: h["seed"].update(entropy=True), "got `bool`"),
        (lambda h: h["seed"].update(entropy=0.5), "got `float`"),
        (lambda h: h["seed"].update(spawn_key=[-1]), "Expected `int` >= 0"),
        (lambda h: h["seed"].update(spawn_key=[[0]]), "got `array`"),
        (lambda h: h["status"].update(certified=-60), "Expected `int` >= 0"),
        (lambda h: h["status"].update(certified=10**18), "expected 60 scores, 0 of them uncertified"),
        (lambda h: h["status"].update(certified=59, uncertified=1), "expected 60 scores, 0 of them uncertified"),
        (lambda h: h["status"].update(highs=0.5), "got `float`"),
        (lambda h: h.update(data=[]), "Expected `object`, got `array`"),
        (lambda h: h.update(fingerprint="0" * 64), "the data do not match their fingerprint"),
        (lambda h: h["data"]["runs"]["a"]["ms"].update(value=[1.0, 3.0]), "the data do not match their fingerprint"),
    ],
)
def test_headers_of_wrong_kinds(result, change, message):
    header = json.loads(json.dumps(saved_parts()["header"]))
    change(header)
    assert message in refused(result(header=header))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[" * 1_000_000,
        b'{"format": "paretoscope draws 1", "more": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"format": "paretoscope draws 1", "data": ' + b'{"a":' * 200_000 + b"1" + b"}" * 200_001,
        b'{"format": "paretoscope draws 1", "n_redrawn": ' + b"9" * 100_000 + b"}",
        b'{"format": "paretoscope draws 1", "n_redrawn": NaN}',
        b'{"format": "\\ud800"}',
    ],
)
def test_headers_that_are_no_json(result, text):
    assert "; expected " in refused(result(header=text))


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ({"draws": np.full((20, 3), 1.5)}, "found efficiencies outside 0 to 1"),
        ({"draws": np.full((20, 3), -0.5)}, "found efficiencies outside 0 to 1"),
        ({"draws": np.full((20, 3), np.inf)}, "found efficiencies outside 0 to 1"),
        ({"efficiency": np.full(3, 1.5)}, "found efficiencies outside 0 to 1"),
        ({"draws": np.full((20, 3), np.nan)}, "expected 60 scores, 60 of them uncertified"),
        ({"draws": np.zeros((0, 3))}, "expected numbers for 3 models"),
        ({"draws": np.zeros((3, 20))}, "expected numbers for 3 models"),
        ({"draws": np.zeros(60)}, "expected numbers for 3 models"),
        ({"draws": np.zeros(())}, "expected numbers for 3 models"),
        ({"efficiency": np.zeros((3, 1))}, "expected numbers for 3 models"),
        ({"efficiency": np.zeros(2)}, "expected numbers for 3 models"),
    ],
)
def test_scores_that_cannot_be(result, scores, message):
    assert message in refused(result(**scores))


@pytest.mark.slow
def test_a_header_of_too_many_values(result, tmp_path):
    assert "found a header of 20000003 values" in frugal(result(header=b'{"x": [' + b"[]," * 10_000_000 + b"[]]}"))
    assert "in 200000002 bytes" in frugal(result(header=b'"' + b"x" * 200_000_000 + b'"'))


def test_no_header_is_written_that_could_not_be_read(tmp_path, monkeypatch, result):
    sim = ask(result())
    monkeypatch.setattr(storage, "MOST_VALUES", 20)
    with pytest.raises(DataError, match=r"found a header of \d+ values in .* expected at most 20 values"):
        sim.save(tmp_path / "more.npz")
    assert not (tmp_path / "more.npz").exists()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda r: r.update(version=10**5000), "found version a int; expected version 1"),
        (lambda r: r.update(models=["a", " "]), "found blank or repeated models; expected distinct names"),
        (lambda r: r["runs"].update(c={}), "found the unknown name 'c' under runs or published; expected known names"),
        (lambda r: r["runs"]["a"].update(x={}), "found the unknown name 'x' under model 'a'; expected known names"),
        (lambda r: r["units"].update(x=""), "found the unknown name 'x' under units; expected known names"),
        (lambda r: r["bounds"].update(x=1), "found the unknown name 'x' under bounds; expected known names"),
        (
            lambda r: r["bounds"].update(top1=1),
            "found 70.0 for metric 'top1' of model 'a'; expected at most its bound, 1.0",
        ),
        (
            lambda r: r["runs"]["a"]["ms"].update(value=[1.0, 10**400]),
            "found a int for metric 'ms' of model 'a'; expected a finite number",
        ),
        (lambda r: r.update(inputs=[f"x{i}" for i in range(20_000)]), "found 20001 metrics; expected at most 10000"),
        (
            lambda r: (
                r["runs"]["a"].pop("ms"),
                r["published"].update(a={"ms": {"mean": 1.0, "sd": 0.1, "n": 2.5}}),
            ),
            "found 2.5 runs for metric 'ms' of model 'a'; expected a whole number of runs, 1 or more",
        ),
        (
            lambda r: (
                r["runs"]["a"].pop("ms"),
                r["published"].update(a={"ms": {"mean": 1.0, "sd": 0.1, "n": 0}}),
            ),
            "found 0 runs for metric 'ms' of model 'a'; expected a whole number of runs, 1 or more",
        ),
    ],
)
def test_damaged_records(damage, message):
    record = measure(wide()).to_json_dict()
    damage(record)
    with pytest.raises(DataError) as caught:
        Measurements.from_json_dict(record)
    assert str(caught.value) == f"saved measurements: {message}; save them again"


def test_many_metrics_in_both_roles_take_no_time(monkeypatch):
    names = [f"x{i}" for i in range(60_000)]
    monkeypatch.setattr(saved_record, "MOST_METRICS", 10)
    record = measure(wide()).to_json_dict() | {"inputs": names, "outputs": [f"y{i}" for i in range(60_000)]}
    with pytest.raises(DataError, match="found 120000 metrics"):
        Measurements.from_json_dict(record)


# --- JSON lines ---


def table(directory, text, name="x.jsonl"):
    path = directory / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def says(path, message):
    with pytest.raises(DataError) as caught:
        read(path, **ROLES)
    assert str(caught.value) == f"{path.name}{message}"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"model": "a\\ud800", "ms": 1}', "found half a character, \\ud800"),
        ('{"model\\udfff": "a", "ms": 1}', "found half a character, \\udfff"),
        ('{"ms": 1, "ms": 2}', "found key 'ms' twice"),
        ('{"x": {"a\\n": 1, "a\\n": 2}}', "found key 'a\\n' twice"),
        ('{"x": ' + "[" * 60 + "]" * 60 + "}", "found lists or objects nested more than 50 deep"),
        ('{"x": ' + '{"a":' * 60 + "1" + "}" * 61, "found lists or objects nested more than 50 deep"),
        ("[" * 1_000_000, "found lists or objects nested more than 50 deep"),
        ('{"a": 1} {"b": 2}', "found no JSON (Extra data at character 10)"),
        ("{'a': 1}", "found no JSON (Expecting property name enclosed in double quotes at character 2)"),
    ],
)
def test_hostile_lines(tmp_path, line, message):
    path = table(tmp_path, '{"model": "a", "ms": 1, "top1": 2}\n' + line)
    says(path, f", line 2: {message}; expected one object a line; correct it")


def test_whole_characters_in_two_halves(tmp_path):
    path = table(tmp_path, '{"model": "\\ud83d\\ude00", "ms": 1, "top1": 2}\n{"model": "b", "ms": 2, "top1": 3}')
    assert read(path, **ROLES).models == ("\U0001f600", "b")


@pytest.mark.parametrize("sign", ["", "-"])
def test_numbers_of_thousands_of_digits(tmp_path, sign):
    rows = '{"model": "a", "ms": 1, "top1": 2, "n": 1%s}\n{"model": "b", "ms": %s, "top1": 2}'
    path = table(tmp_path, rows % ("0" * 9000, sign + "1" + "0" * 9000))
    says(
        path,
        f", line 2, column 'ms': found '{sign}inf', which is not finite as a float; expected a finite number; "
        "correct it or drop the row",
    )


def test_keys_that_are_given_twice_among_many(tmp_path):
    keys = ", ".join(f'"k{i}": 1' for i in range(100_000))
    says(
        table(tmp_path, f'{{{keys}, "k9": 1}}'),
        ", line 1: found key 'k9' twice; expected one object a line; correct it",
    )


@pytest.mark.slow
def test_rows_with_keys_of_their_own(tmp_path):
    path = table(tmp_path, "\n".join(f'{{"k{i}": 1}}' for i in range(100_000)))
    assert "x.jsonl: found 7072 rows of 7072 columns; expected at most 50000000 cells; keep" in frugal(path)
    keys = ", ".join(f'"k{i}": 1' for i in range(1_000_000))
    assert "x.jsonl: found 1000000 columns; expected at most 10000; keep" in frugal(table(tmp_path, f"{{{keys}}}"))
    rows = "\n".join(f'{{"k{i}": 1}}' for i in range(6_000)) + '\n{"a": 1}' * 100_000
    assert "rows of 6001 columns; expected at most 50000000 cells" in frugal(table(tmp_path, rows))


@pytest.mark.slow
def test_a_line_of_a_hundred_megabytes(tmp_path):
    row = '{"model": "a", "note": "%s", "ms": 1, "top1": 2}\n{"model": "b", "ms": 2, "top1": 3}'
    assert frugal(table(tmp_path, row % ("x" * 100_000_000))) == "read"
    assert frugal(table(tmp_path, "x" * 100_000_000)).startswith("x.jsonl, line 1: found no JSON (")


# --- delimited text ---


def test_too_many_cells(tmp_path, monkeypatch):
    says(
        table(tmp_path, "a" + ",a" * 1_000_000 + "\n", "x.csv"),
        ": found 1000001 columns; expected at most 10000; keep the columns that you need",
    )
    monkeypatch.setattr("paretoscope.readers.formats.delimited.MOST_CELLS", 1000)
    monkeypatch.setattr(limits, "MOST_CELLS", 1000)
    says(
        table(tmp_path, "a\n" * 2000, "x.csv"),
        ": found 2000 rows of 1 columns; expected at most 1000 cells; keep the rows and columns that you need",
    )


@pytest.mark.slow
def test_a_cell_beyond_all_bounds(tmp_path):
    message = frugal(table(tmp_path, 'model,ms,top1\na,1,2\n"' + "b" * 100_000_000, "x.csv"))
    assert message.startswith("x.csv, line 3: found a row that is no CSV (field larger than field limit")
    assert "close the quotation mark" in message


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device without an end")
@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_files_without_an_end(tmp_path, ending, monkeypatch):
    path = tmp_path / f"x{ending}"
    path.symlink_to("/dev/zero")
    monkeypatch.setattr(limits, "LARGEST_TABLE", 1 << 24)
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert str(caught.value) == (
        f"{path}: found more than {1 << 24} bytes; expected at most {1 << 24}; keep the rows and columns that you need"
    )


@pytest.mark.slow
def test_memory_of_files_without_an_end(tmp_path):
    path = tmp_path / "x.csv"
    path.symlink_to("/dev/zero")
    assert f"expected at most {1 << 30}" in frugal(path, 3 << 29)


@pytest.mark.slow
def test_a_large_file_is_not_read_at_all(tmp_path):
    path = tmp_path / "x.csv"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)
    assert "found more than" in frugal(path, 1 << 29)


def test_a_pipe_is_read_whole(tmp_path):
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as stream:
        stream.write(b"x" * 60_000)
    assert files.read_at_most(Path(f"/dev/fd/{reader}"), 60_000, remedy="") == b"x" * 60_000
    os.close(reader)


# --- Parquet ---


def parquet(directory, columns, **options):
    path = directory / "x.parquet"
    pq.write_table(pa.table(columns), path, **options)
    return path


def test_parquet_cut_off_or_changed_anywhere(tmp_path):
    path = parquet(tmp_path, {"model": ["a", "b"], "ms": [1.0, 2.0], "top1": [1, 2]})
    content = bytearray(path.read_bytes())
    for position in range(0, len(content), 31):
        path.write_bytes(content[:position])
        one_line(READERS[".parquet"], path)
        content[position] ^= 0x41
        path.write_bytes(content)
        one_line(READERS[".parquet"], path)
        content[position] ^= 0x41


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"PAR1PAR1", b"PARE" + b"\0" * 20 + b"PARE", b"PAR1\xff\xff\xff\x7fPAR1"]
)
def test_what_is_no_parquet(tmp_path, content):
    message = one_line(read_table, table(tmp_path, content, "x.parquet"))
    assert message.startswith("x.parquet: found no Parquet (")
    assert message.endswith("); expected a Parquet file; write it again")


def test_parquet_of_all_kinds_of_columns(tmp_path):
    columns = {
        "model": pa.array(["a", "b"]).dictionary_encode(),
        "ms": pa.array([1.5, 2.5], pa.float32()),
        "top1": pa.array([70, 71], pa.int32()).cast(pa.decimal128(12, 2)),
        "nested": pa.array([{"a": [1]}, {"a": [2, 3]}]),
        "list": pa.array([["x"], ["y"]]),
        "bytes": pa.array([b"\xff", None]),
        "null": pa.nulls(2),
        "date": pa.array([0, 1], pa.date32()),
    }
    data = read(parquet(tmp_path, columns), **ROLES)
    assert data.models == ("a", "b")
    assert data.mean["top1"].tolist() == [70.0, 71.0]
    for outputs, message in {"nested": "(dict); expected a number", "bytes": "(bytes); expected a number"}.items():
        with pytest.raises(DataError) as caught:
            read(tmp_path / "x.parquet", inputs="ms", outputs=outputs)
        assert message in str(caught.value)


@pytest.mark.slow
def test_parquet_that_is_larger_than_it_looks(tmp_path):
    # One text of a megabyte, named in every one of many rows.
    texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, np.int32)), pa.array(["x" * 1_000_000]))
    path = parquet(tmp_path, {"model": texts}, store_schema=False)
    assert path.stat().st_size < 100_000
    assert frugal(path) == "read"
    path = parquet(tmp_path, {"ms": pa.array(np.zeros(60_000_000, np.int8))})
    assert path.stat().st_size < 1_000_000
    assert "found 60000000 rows of 1 columns; expected at most 50000000 cells" in frugal(path)
    zeros = pa.array(np.zeros(60_000_000, np.int8))
    path = parquet(tmp_path, {"ms": pa.ListArray.from_arrays(pa.array([0, 60_000_000], pa.int32()), zeros)})
    assert "found 60000000 values in" in frugal(path)
    path = parquet(tmp_path, {f"x{i}": [1] for i in range(10_001)})
    assert "found 10001 columns; expected at most 10000" in frugal(path)


# --- study files ---


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"rts = \0", "no valid TOML: "),
        (b'rts = "a\\u0000b"', "found a zero byte in rts; expected text without; take it out"),
        (b'noise = {"a\\u0000" = "3%"}', "found a zero byte in noise; expected text without; take it out"),
        (b"x = " + b"[" * 100_000, "no study: nested too deep; "),
        (b"x = " + b"{a=" * 100_000, "no study: nested too deep; "),
        (b"inputs" + b".a" * 300_000 + b" = 1", "no study: nested too deep; "),
        (b"['inputs'" + b" . 'a'" * 100_000 + b"]", "no study: nested too deep; "),
        (b"inputs" + b".a" * 20 + b" = 1", "found lists or tables within those of inputs; "),
        (b"inputs = [[['a']]]", "found lists or tables within those of inputs; "),
        (b"noise = [{'a' = 1}]", "found lists or tables within those of noise; "),
        (b"resamples = " + b"9" * 5_000, "cannot be read as text ('Exceeds the limit"),
        (b"resamples = 1979-05-27T07:32:00Z", "found resamples = datetime.datetime(1979"),
        (b"resamples = nan", "found resamples = nan; expected int"),
        (b"rts = 1\nrts = 2\n", "no valid TOML: Cannot overwrite a value (at line 2, column 8)"),
        (b"rts = '\xff'", "cannot be read as text (\"'utf-8' codec can't decode byte 0xff"),
        (b"\xff\xfer\0", "cannot be read as text (\"'utf-8' codec can't decode byte 0xff"),
        (b"'a\\nb' = 1", "found 'a\\\\nb'; expected some of "),
        (b'"' + b"x" * 5_000 + b'" = 1', "found 'xxx"),
        (b"rts = ['" + b"x" * 5_000 + b"']", "found rts = ['xxx"),
        (b"#" * 2_000_000, "found more than 1048576 bytes; expected at most 1048576; name a study file in TOML"),
    ],
)
def test_hostile_studies(tmp_path, content, message):
    path = table(tmp_path, content, "x.toml")
    with pytest.raises((DataError, OptionError)) as caught:
        study.read_study(path, FLAGS)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 1000


def test_a_study_with_a_byte_order_mark(tmp_path):
    path = table(tmp_path, "\ufeffrts = 'crs'\r\n", "x.toml")
    assert study.read_study(path, FLAGS) == {"rts": "crs"}


def test_a_study_whose_source_is_no_name(tmp_path):
    path = table(tmp_path, f"source = '{'x' * 5000}'", "x.toml")
    assert study.read_study(path, FLAGS)["source"] == "x" * 5000


@pytest.mark.parametrize("path", ["/dev/zero", "/"])
def test_studies_that_are_no_files(path):
    with pytest.raises(DataError, match=r"^/.*: (found more than|cannot be read)"):
        study.read_study(Path(path), FLAGS)


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.npz", "x.parquet"])
def test_the_command_line_says_it_in_one_line(tmp_path, name, capsys):
    for content in (b"", b"PK\x03\x04", b"\xff" * 100, b"[" * 100_000, saved_bytes()[:-30]):
        path = table(tmp_path, content, name)
        assert cli.main(["rank", str(path), "--inputs", "ms", "--outputs", "top1"]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def saved_bytes():
    return packed(**saved_parts())
