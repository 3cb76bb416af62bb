"""Reading files: each format gives what the frame gives, and each broken file one line that says where and why."""

from __future__ import annotations

import csv
import importlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import FILL
from paretoscope.errors import DataError, IterationsWarning, OptionError
from paretoscope.measurements import Measurements
from paretoscope.readers import read, read_table

ROLES = {"inputs": "ms", "outputs": "top1"}
TEXT = "model,run,ms,top1\na,1,1.5,70\na,2,1.75,70\nb,1,2.5,75\nb,2,2e0,75\n"


def write(directory, content, name="runs.csv"):
    file = directory / name
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        file.write_text(content, encoding="utf-8", newline="")
    return file


def refused(message, file, error=DataError, **options):
    with pytest.raises(error) as caught:
        read(file, **(ROLES | options))
    assert str(caught.value) == message
    assert "\n" not in message


@pytest.fixture
def expected():
    frame = pd.DataFrame(
        {"model": list("aabb"), "run": [1, 2, 1, 2], "ms": [1.5, 1.75, 2.5, 2], "top1": [70, 70, 75, 75]}
    )
    return frame, Measurements.from_frame(frame, **ROLES)


# --- what is read ---


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("runs.csv", TEXT),
        ("runs.CSV", "\ufeff" + TEXT),
        ("runs.txt", TEXT.replace("\n", "\r\n")),
        ("runs", TEXT.rstrip("\n")),
        ("runs.csv", "\n" + TEXT.replace("b,1", "\n  \nb,1") + "\n\n"),
        ("runs.csv", TEXT.replace("a,1", '"a","1"').replace("70", " 70 ")),
        ("runs.csv", TEXT.replace("\n", ",\n")),  # a column without a name
        ("runs.csv", "," + TEXT.replace("\n", "\n0,", 4)),
        ("runs.tsv", TEXT.replace(",", "\t")),
    ],
)
def test_delimited(tmp_path, name, content, expected):
    data = read(write(tmp_path, content, name), **ROLES)
    assert data == expected[1]
    assert data.source == name


def test_json_lines(tmp_path, expected):
    records = expected[0].to_dict("records")
    records[0] = {"note": {"any": ["thing"]}} | records[0]
    text = "\n\n".join(json.dumps(record) for record in records)
    assert read(write(tmp_path, text, "runs.jsonl"), **ROLES) == expected[1]
    assert read(write(tmp_path, "\ufeff" + text + "\r\n", "runs.ndjson"), **ROLES) == expected[1]


@pytest.mark.parametrize("index", [None, "model"])
def test_parquet(tmp_path, expected, index):
    frame = expected[0] if index is None else expected[0].set_index(index)
    frame.to_parquet(tmp_path / "runs.parquet")
    assert read(str(tmp_path / "runs.parquet"), **ROLES) == expected[1]


def test_options_are_those_of_from_frame(tmp_path, expected):
    names = {"model": "m", "run": "k", "iteration": "i", "target": "t"}
    frame = expected[0].assign(iteration=1, target="gpu").rename(columns=names)
    frame.to_csv(tmp_path / "runs.csv", index=False)
    options = names | {"fold": "p90", "bounds": {"top1": 80}}
    data = read(tmp_path / "runs.csv", **ROLES, **options)
    assert data == Measurements.from_frame(frame, **ROLES, **options)
    assert data.bounds == {"top1": 80.0}
    long = frame.melt(["m", "k", "i", "t"], var_name="kind", value_name="number").assign(u="s")
    long.to_csv(tmp_path / "long.csv", index=False)
    names = options | {"metric": "kind", "value": "number", "unit": "u"}
    assert read(tmp_path / "long.csv", **ROLES, **names).units == {"ms": "s", "top1": "s"}
    refused(
        "fold: found 'p9'; expected one of median, mean, p90, p95, p99",
        tmp_path / "long.csv",
        error=OptionError,
        fold="p9",
    )


def test_the_warning_points_at_the_caller(tmp_path):
    file = write(tmp_path, TEXT.replace("run", "iteration"))
    with pytest.warns(IterationsWarning, match="metric 'ms'") as caught:
        read(file, **ROLES)
    assert caught[0].filename == __file__


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6).filter(str.strip),
            st.floats(0, allow_nan=False, allow_infinity=False, exclude_min=True),
        ),
        min_size=2,
        max_size=5,
        unique_by=lambda row: row[0],
    )
)
def test_any_name_and_any_float_survive(tmp_path_factory, rows):
    directory = tmp_path_factory.mktemp("any")
    frame = pd.DataFrame({"model": [row[0] for row in rows], "ms": [row[1] for row in rows], "top1": 1.0})
    expected = Measurements.from_frame(frame, **ROLES)
    with (directory / "runs.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow(frame.columns)
        writer.writerows((name, repr(value), 1.0) for name, value in rows)
    assert read(directory / "runs.csv", **ROLES) == expected
    lines = [
        json.dumps(dict(zip(frame, row, strict=True)), ensure_ascii=False) for row in frame.itertuples(index=False)
    ]
    assert read(write(directory, "\n".join(lines), "runs.jsonl"), **ROLES) == expected


def test_line_numbers_follow_the_file(tmp_path):
    text = 'model,note,ms,top1\n"a","two\nlines",1,70\n\nb,"x\r\ny\n",2,75\n"b\n",,,75\n'
    assert read_table(write(tmp_path, text)).lines.tolist() == [2, 5, 8]
    refused(
        "runs.csv, line 8, column 'ms': found '', a missing value; expected a number; " + FILL,
        tmp_path / "runs.csv",
    )


# --- cells of text files ---


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("", "'', a missing value; expected a number; " + FILL),
        ("NA", "'NA', a missing value; expected a number; " + FILL),
        ("nan", "'nan', a missing value; expected a number; " + FILL),
        ("-", "'-', a missing value; expected a number; " + FILL),
        ("inf", "'inf', which is not finite as a float; expected a finite number; correct it or drop the row"),
        (
            "-Infinity",
            "'-Infinity', which is not finite as a float; expected a finite number; correct it or drop the row",
        ),
        ("1e400", "'1e400', which is not finite as a float; expected a finite number; correct it or drop the row"),
        *(
            (
                cell,
                f"text {cell!r}; expected a number; write digits and a decimal point only, "
                "without units or thousands separators",
            )
            for cell in ("True", "0x10", "fast\nest", "1.2.3")
        ),
    ],
)
def test_refused_cells(tmp_path, cell, found):
    file = write(tmp_path, TEXT.replace("2.5", f'"{cell}"'))
    refused(f"runs.csv, line 4, column 'ms': found {found}", file)


def test_only_selected_columns_must_be_numbers(tmp_path, expected):
    assert (
        read(write(tmp_path, TEXT.replace("\n", ",what,inf\n").replace("what,inf", "x,y", 1)), **ROLES) == expected[1]
    )


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            '{"model": "b", "ms": "2", "top1": 1}',
            "column 'ms': found text '2'; expected a number; store numbers, not text",
        ),
        (
            '{"model": "b", "top1": 1}',
            "column 'ms': found a missing value (None); expected a number; " + FILL,
        ),
        (
            '{"model": "b", "ms": NaN, "top1": 1}',
            "column 'ms': found a missing value (nan); expected a number; " + FILL,
        ),
        (
            '{"model": "b", "ms": true, "top1": 1}',
            "column 'ms': found the truth value True; expected a number; "
            "select another column or convert it to 0 and 1",
        ),
        (
            '{"model": "b", "ms": 1e999, "top1": 1}',
            "column 'ms': found 'inf', which is not finite as a float; "
            "expected a finite number; correct it or drop the row",
        ),
        (
            '{"model": null, "ms": 1, "top1": 1}',
            "column 'model': found an empty model name; expected a name; fill it in or drop the row",
        ),
        (
            '{"model": "b", "ms": [1], "top1": 1}',
            "column 'ms': found '[1]' (list); expected a number; select another column or convert it to numbers",
        ),
    ],
)
def test_refused_json_cells(tmp_path, line, found):
    file = write(tmp_path, '{"model": "a", "ms": 1, "top1": 1}\n\n' + line, "runs.jsonl")
    refused(f"runs.jsonl, line 3, {found}", file)


# --- broken files ---


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "found an empty file; expected a header and rows; write the table again"),
        ("\ufeff \n\n", "found an empty file; expected a header and rows; write the table again"),
        ("model,ms,top1\n", "found no rows; expected one row a run of a model; add the measurements"),
        (
            "model,ms,ms,top1\na,1,2,3\n",
            "found two columns named 'ms', columns 2 and 3; expected distinct column names; rename or drop one",
        ),
        (
            TEXT.replace("b,1,2.5", "b,1,2,5"),
            "found 5 cells; expected 4 as in the header; add or remove cells, or quote those that contain a comma",
        ),
        (
            TEXT.replace("b,1,2.5", "b,2.5"),
            "found 3 cells; expected 4 as in the header; add or remove cells, or quote those that contain a comma",
        ),
        (
            TEXT.replace("b,1", '"b,1'),
            "found a row that is no CSV (unexpected end of data); expected balanced quotation marks; "
            "close the quotation mark, or double those inside a quoted cell",
        ),
        (
            TEXT.replace("b,1", '"b"b,1'),
            "found a row that is no CSV (',' expected after '\"'); expected balanced quotation marks; "
            "close the quotation mark, or double those inside a quoted cell",
        ),
        (
            TEXT.replace(",", ";"),
            "found cells separated by a semicolon; expected a comma; "
            "save it with commas, and with a point for decimals",
        ),
        (
            TEXT.replace("b,1", "\xb5").encode("latin-1"),
            "found 0xb5, which is not UTF-8; expected UTF-8; save it as UTF-8",
        ),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "found the mark of UTF-16; expected UTF-8; save it as UTF-8"),
        (
            b"PK..\x00",
            "found a zero byte, so the file is binary; expected text in UTF-8; "
            "save the table as CSV, JSON lines or Parquet",
        ),
        (b"PAR1\x00", "found a Parquet file; expected text in UTF-8; name it *.parquet"),
        (
            "model,run,ms,top1\na,1,1.5,70\na,1,1.75,70\nb,1,2,75\n",
            "found run '1' of model 'a' twice for metric 'ms'; expected one row a run; "
            "add an iteration column, name the target's column, or drop one",
        ),
    ],
)
def test_broken_csv(tmp_path, content, message):
    place = "runs.csv"
    for part, where in {
        " cells;": ", line 4",
        "no CSV": ", line 4",
        "separated": ", line 1",
        "0xb5": f", byte {TEXT.index('b,1')}",
        "UTF-16": ", byte 0",
        "zero byte": ", byte 4",
        "twice": ", lines 2 and 3",
    }.items():
        place += where if part in message else ""
    refused(f"{place}: {message}", write(tmp_path, content))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"a" 1}', "found no JSON (Expecting ':' delimiter at character 6); expected one object a line; correct it"),
        ("[1, 2]", "found '[1, 2]'; expected an object such as {\"model\": ...}; write one a line"),
        ("3", "found '3'; expected an object such as {\"model\": ...}; write one a line"),
        ('{"a": 1, "a": 2}', "found key 'a' twice; expected one object a line; correct it"),
    ],
)
def test_broken_json(tmp_path, line, message):
    file = write(tmp_path, '{"model": "a", "ms": 1, "top1": 1}\n' + line + "\n", "runs.jsonl")
    refused(f"runs.jsonl, line 2: {message}", file)


def test_hostile_json(tmp_path):
    refused(
        "runs.jsonl, line 1: found lists or objects nested more than 50 deep; expected one object a line; correct it",
        write(tmp_path, "[" * 100_000, "runs.jsonl"),
    )
    refused(
        "runs.jsonl: found an empty file; expected one object a line; write the table again",
        write(tmp_path, "\n", "runs.jsonl"),
    )


def test_objects_without_keys(tmp_path):
    refused(
        "runs.jsonl: found no column 'model'; expected the model column among none; name one of them",
        write(tmp_path, "{}\n{}\n", "runs.jsonl"),
    )


def test_broken_parquet(tmp_path, monkeypatch):
    file = write(tmp_path, TEXT, "runs.parquet")
    with pytest.raises(
        DataError, match=r"^runs\.parquet: found no Parquet \(.+\); expected a Parquet file; write it again$"
    ):
        read(file, **ROLES)
    pd.DataFrame({"model": ["a", "b"], "ms": [1.0, None], "top1": [1, 2]}).to_parquet(file)
    refused(
        "runs.parquet, row 1 (counted from 0), column 'ms': found a missing value (nan); expected a number; " + FILL,
        file,
    )

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    refused(
        "runs.parquet: found no pyarrow to read it with; expected it installed; pip install 'paretoscope[parquet]'",
        file,
    )


def test_parquet_with_two_columns_of_one_name(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table([["a", "b"], [1, 2], [3, 4]], names=["model", "ms", "ms"])
    importlib.import_module("pyarrow.parquet").write_table(table, tmp_path / "runs.parquet")
    refused(
        "runs.parquet: found two columns named 'ms', columns 2 and 3; expected distinct column names; "
        "rename or drop one",
        tmp_path / "runs.parquet",
    )


# --- paths ---


def test_paths_that_cannot_be_read(tmp_path, monkeypatch):
    write(tmp_path, TEXT)
    refused(
        f"{tmp_path}/run.csv: found no such file; expected a table; correct the path; did you mean 'runs.csv'?",
        tmp_path / "run.csv",
    )
    refused(
        f"{tmp_path}/no/runs.csv: found no such file; expected a table; correct the path; there is no such directory",
        tmp_path / "no" / "runs.csv",
    )
    refused(f"{tmp_path}: found a directory; expected a file; name a file in it", tmp_path)
    refused(
        f"{tmp_path}/runs.csv/x: found Not a directory; expected a readable file; correct the path",
        tmp_path / "runs.csv" / "x",
    )

    def forbidden(self, mode):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    refused(
        f"{tmp_path}/runs.csv: found no permission to read it; expected a readable file; change its mode",
        tmp_path / "runs.csv",
    )


def test_the_field_limit_of_csv_is_left_as_it_was(tmp_path):
    before = csv.field_size_limit()
    table = read_table(write(tmp_path, TEXT.replace("b,1", "b" * 200_000 + ",1")))
    assert len(table.frame["model"][2]) == 200_000
    assert csv.field_size_limit() == before


def test_a_long_table_stays_whole(tmp_path):
    n = 5000
    frame = pd.DataFrame(
        {"model": np.arange(n) % 10, "run": np.arange(n) // 10, "ms": np.arange(n) / 7 + 1, "top1": 1.0}
    )
    frame.to_csv(tmp_path / "runs.csv", index=False)
    assert read(tmp_path / "runs.csv", **ROLES) == Measurements.from_frame(frame, **ROLES)
