"""What strangers hand over: pipes and standard input, comments, JSON documents, numbers written for people."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import threading

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paretoscope as ps
from helpers import environment
from paretoscope.cli import main
from paretoscope.errors import DataError
from paretoscope.measurements.spellings import how_to_write
from paretoscope.readers import read, read_table

TEXT = "model,run,ms,top1\na,1,1.5,70\na,2,1.7,70\nb,1,2.5,75\nb,2,2.3,75\n"
ROLES = {"inputs": "ms", "outputs": "top1"}
FLAGS = ["--inputs", "ms", "--outputs", "top1", "--resamples", "20", "--format", "csv"]
RECORDS = list(csv.DictReader(io.StringIO(TEXT)))
NUMBERS = [{name: cell if name == "model" else float(cell) for name, cell in row.items()} for row in RECORDS]


@pytest.fixture
def expected(tmp_path):
    return read(write(tmp_path, TEXT), **ROLES)


def write(folder, content, name="t.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(message, path):
    with pytest.raises(DataError) as caught:
        read(path, **ROLES)
    assert str(caught.value) == message


@pytest.fixture
def pipe(tmp_path):
    """A named pipe that gives its content to the first reader, and nothing to a second one."""
    writers = []

    def make(content, name="pipe"):
        path = tmp_path / name
        os.mkfifo(path)

        def serve():
            with path.open("wb") as stream:
                stream.write(content)

        writers.append(threading.Thread(target=serve, daemon=True))
        writers[-1].start()
        return path

    yield make
    for writer in writers:
        writer.join(10)
        assert not writer.is_alive()


def lines(separator, comment=""):
    return comment + TEXT.replace(",", separator)


def parquet():
    stream = io.BytesIO()
    pd.DataFrame(NUMBERS).to_parquet(stream)
    return stream.getvalue()


CONTENTS = {
    "csv": TEXT.encode(),
    "csv with a comment": lines(",", "\ufeff# made, by me\n#\n\n").encode(),
    "tsv": lines("\t").encode(),
    "tsv with a comment": lines("\t", "# made, by me\n").encode(),
    "json lines": "\n".join(map(json.dumps, NUMBERS)).encode(),
    "json": json.dumps(NUMBERS, indent=1).encode(),
    "json under a key": json.dumps({"version": 1, "results": NUMBERS}).encode(),
    "parquet": parquet(),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_pipe_is_read_once_and_known_by_what_it_holds(pipe, content, expected, capsys):
    assert read(pipe(content), **ROLES).mean.equals(expected.mean)
    path = pipe(content, "another")
    assert main(["rank", str(path), *FLAGS]) == 0
    assert capsys.readouterr().out.startswith("model,")


PARETOSCOPE = [sys.executable, "-m", "paretoscope"]


def command(*words, **options):
    return subprocess.run(words, capture_output=True, env=environment("0"), timeout=120, check=False, **options)


def test_standard_input(expected, tmp_path):
    ended = command(*PARETOSCOPE, "rank", "-", *FLAGS[:-1], "json", input=CONTENTS["tsv"])
    assert ended.returncode == 0
    found = json.loads(ended.stdout)
    assert found["source"] == "standard input"
    ended = command(*PARETOSCOPE, "rank", "/dev/stdin", *FLAGS[:-1], "json", input=CONTENTS["csv"])
    assert json.loads(ended.stdout)["source"] == "standard input"
    assert json.loads(ended.stdout)["fingerprint"] == expected.fingerprint
    ended = command(*PARETOSCOPE, "rank", "-", *FLAGS, input=TEXT.replace("2.5", "x").encode())
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"error: standard input, line 4, column 'ms': found text 'x'")
    script = '"$1" -m paretoscope rank <(cat "$2") "${@:3}"'
    ended = command("bash", "-c", script, "bash", sys.executable, write(tmp_path, TEXT), *FLAGS[:-1], "json")
    assert json.loads(ended.stdout)["fingerprint"] == expected.fingerprint


def test_standard_input_that_cannot_be_used(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    refused("-: found no standard input; expected a readable file; correct the path", "-")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    refused("standard input: found an empty file; expected a header and rows; write the table again", "-")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"PK\x03\x04\0\0")))
    refused(
        "standard input: found a ZIP archive; expected text in UTF-8; name the file itself if it is a saved result "
        "(*.npz), or take the table out of it",
        "-",
    )


# --- comments ---


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("comment", ["# one\n", '#\n\n# two, with "one mark\n', "\ufeff#one\n   \n"])
def test_leading_comments_are_skipped_and_counted(tmp_path, expected, comment, end):
    path = write(tmp_path, (comment + TEXT).replace("\n", end))
    assert read(path, **ROLES) == expected
    first = comment.count("\n") + 2
    assert read_table(path).lines.tolist() == list(range(first, first + 4))
    write(tmp_path, (comment + TEXT).replace("2.5", "x").replace("\n", end))
    with pytest.raises(DataError, match=f"^t.csv, line {first + 2}, column 'ms': found text 'x'"):
        read(path, **ROLES)
    write(tmp_path, (comment + TEXT.replace(",", ";")).replace("\n", end))
    with pytest.raises(DataError, match=f"^t.csv, line {first - 1}: found cells separated by a semicolon"):
        read(path, **ROLES)
    write(tmp_path, (comment + TEXT + 'b,3,"2').replace("\n", end))
    with pytest.raises(DataError, match=f"^t.csv, line {first + 4}: found a row that is no CSV"):
        read(path, **ROLES)


def test_comments_of_json_lines(tmp_path, expected):
    text = "# one\n\n#two\n" + "\n".join(map(json.dumps, NUMBERS)) + "\n"
    path = write(tmp_path, text, "t.jsonl")
    assert read(path, **ROLES).mean.equals(expected.mean)
    assert read_table(path).lines.tolist() == [4, 5, 6, 7]
    refused(
        "t.jsonl, line 2: found no JSON (Expecting value at character 1); expected one object a line; correct it",
        write(tmp_path, '{"model": "a"}\n# no\n', "t.jsonl"),
    )


def test_only_leading_lines_are_comments(tmp_path):
    path = write(tmp_path, TEXT.replace("b,1", "#b,1").replace("b,2", "#b,2"))
    assert read(path, **ROLES).models == ("a", "#b")
    refused(
        "t.csv: found an empty file; expected a header and rows; write the table again", write(tmp_path, "# one\n#\n")
    )


# --- JSON documents ---

LIST = 'expected a list of objects such as [{"model": "a", "latency_ms": 1.5}, ...]'


@pytest.mark.parametrize(
    "document",
    [NUMBERS, {"results": NUMBERS}, {"context": {"date": "now"}, "benchmarks": NUMBERS, "notes": [1, 2], "none": []}],
)
def test_documents(tmp_path, document, expected):
    path = write(tmp_path, "\ufeff" + json.dumps(document, indent=2), "t.json")
    data = read(path, **ROLES)
    assert data.mean.equals(expected.mean)
    assert data.source == "t.json"


def test_json_lines_under_the_name_of_a_document(tmp_path, expected):
    path = write(tmp_path, "\n".join(map(json.dumps, NUMBERS)), "t.json")
    assert read(path, **ROLES).mean.equals(expected.mean)


def test_keys_of_records_may_differ_and_cells_may_be_nested(tmp_path):
    rows = [{"x": [1]} | NUMBERS[0], *NUMBERS[1:]]
    path = write(tmp_path, json.dumps(rows), "t.json")
    assert read(path, **ROLES).models == ("a", "b")
    with pytest.raises(DataError, match=r"^t\.json, row 0 \(counted from 0\), column 'x': found '\[1\]' \(list\)"):
        read(path, inputs="ms", outputs="x")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": {"ms": 1}, "b": {"ms": 2}}', f"t.json: found a JSON object with the keys 'a', 'b'; {LIST}; "),
        ('{"a": [{"b": 1}], "c": [{"d": 1}]}', "t.json: found a JSON object with several lists of objects, 'a', 'c'; "),
        ("{}", "t.json: found a JSON object with the keys none; "),
        ("[]", "t.json: found JSON with 'an empty list' in it; "),
        ("[[1, 2]]", "t.json: found JSON with '[1, 2]' in it; "),
        ('[{"model": "a"}, 3]', "t.json: found JSON with '3' in it; "),
        ("3", "t.json: found JSON with '3' in it; "),
        ("", "t.json: found an empty file; "),
        ('[{"model": "a",\n}]', "t.json, line 2: found no JSON ("),
        ('[{"a": 1, "a": 2}]', "t.json: found key 'a' twice; "),
        ("[" * 100_000, "t.json: found lists or objects nested more than 50 deep; "),
        ("model,ms\n", "t.json, line 1: found no JSON ("),
    ],
)
def test_other_documents_are_refused_as_json(tmp_path, text, found):
    with pytest.raises(DataError) as caught:
        read(write(tmp_path, text, "t.json"), **ROLES)
    message = str(caught.value)
    assert message.startswith(found)
    assert LIST in message
    assert "\n" not in message


def test_json_under_the_name_of_a_table(tmp_path):
    for text in ('[{"model":"a"}]', ' \n{"results": []}', '[["model"], ["a"]]'):
        refused(
            "t.csv: found JSON; expected cells separated by a comma; name it *.json, or *.jsonl if each line is an "
            "object",
            write(tmp_path, text),
        )
    assert read(write(tmp_path, TEXT.replace("model", "[model]")), **ROLES, model="[model]").models == ("a", "b")


# --- numbers written for people ---


@pytest.mark.parametrize(
    ("cell", "remedy"),
    [
        ("1,234.5", "with commas between thousands; expected a number; write 1234.5, and so in the whole column"),
        ("-1,234,567", "with commas between thousands; expected a number; write -1234567, and so in the whole column"),
        (
            "2,001",
            "with a comma between thousands, or for the decimal point; expected a number; write 2001, or 2.001 if that "
            "is meant, and so in the whole column",
        ),
        ("1.234,5", "with points between thousands and a decimal comma; expected a number; write 1234.5, "),
        ("12,5", "with a decimal comma; expected a number; write 12.5, "),
        ("1 234.5", "with marks between thousands; expected a number; write 1234.5, "),
        ("1\u202f234,5", "with marks between thousands; expected a number; write 1234.5, "),
        ("1'234", "with marks between thousands; expected a number; write 1234, "),
        ("1_000", "with marks between thousands; expected a number; write 1000, "),
        ("70 %", "with a unit; expected a number; write 70, and the unit into the column's name"),
        ("12.5ms", "with a unit; expected a number; write 12.5, and the unit into the column's name"),
        ("850 img/s", "with a unit; expected a number; write 850, and the unit into the column's name"),
        ("$3", "with a unit; expected a number; write 3, and the unit into the column's name"),
        ("12.5 ± 0.3", "with a spread; expected a number; write 12.5, and the spread into a column that ends in _sd"),
    ],
)
def test_numbers_written_for_people_are_refused_with_the_remedy(tmp_path, cell, remedy):
    with pytest.raises(DataError) as caught:
        read(write(tmp_path, TEXT.replace("2.5", f'"{cell}"')), **ROLES)
    assert str(caught.value).startswith(f"t.csv, line 4, column 'ms': found text {cell!r}, {remedy}")


@given(st.floats(1e3, 1e12))
def test_numbers_with_commas_come_back(number):
    what, remedy = how_to_write(f"{number:,.3f}")
    assert what.startswith("with commas")
    assert float(remedy.split()[1].rstrip(",")) == float(f"{number:.3f}")


@given(st.text(max_size=12))
def test_any_text_has_one_line_or_none(text):
    found = how_to_write(text)
    assert found is None or "\n" not in found[0]


@pytest.mark.parametrize("text", ["7O.1", "7O", "0x10", "1.2.3", "fast", "12 fast", "1,23,4", "v2", "2 of 3"])
def test_what_may_be_a_slip_is_not_rewritten(text):
    assert how_to_write(text) is None


def test_words_for_nothing(tmp_path):
    for word in ("n.a.", "–", "<NA>"):
        with pytest.raises(DataError, match="a missing value"):
            read(write(tmp_path, TEXT.replace("2.5", word)), **ROLES)
    assert ps.read(write(tmp_path, TEXT), **ROLES).models == ("a", "b")
