"""Valid files made hostile, by bits and value by value; all from one source of chance, so that any is made again."""

from __future__ import annotations

import copy
import csv
import io
import json
import tempfile
import zipfile
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from helpers import without_advice
from paretoscope.errors import ParetoscopeError
from paretoscope.measurements import Measurements
from paretoscope.resampling.algorithm import bootstrap

TEXTS = (
    "", " ", "a", "a ", "A", "a,b", 'a"b', "a'b", "a\nb", "a\rb", "a\tb", "a\0b", "a\x1b[31mb", "a\x85b", "a\u2028b",
    "\u202eab", "\ufeffa", "=1+1", "[bold]a", "<script>", "é", "日本", "\U0001f600", "a@b", "@", "model", "ms", "top1",
    "run", "*", "nan", "inf", "-1", "0", "1e308", "1e-320", "1e999", "1_000", "1,5", "0x10", "9" * 400, "x" * 300,
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 2, 0.5, 1.5, 70.0, 100, 101, 1e-320, 1e-12, 1e12, 1e154, 1.7e308, -0.0, 2**31, 2**53 + 1, 2**63, 2**64,
    2**128, 10**18, 10**300,
)  # fmt: skip
OTHERS = (None, True, False, [], {}, [[]], [{}], [0], ["a"], {"a": 1}, {"": []}, [None])
PIECES = (b"\0", b"\n", b'"', b",", b"\xff", b"\xef\xbb\xbf", b"[" * 2000, b"9" * 5000)
STUDY = {
    "inputs": ["ms"], "outputs": "top1", "model": ["model"], "rts": "vrs", "orientation": "input", "resamples": 20,
    "noise": {"*": "gaussian", "ms": "3%"}, "scope": "run", "seed": 7, "bound": {"top1": 100}, "format": "json",
    "level": 0.9, "confidence": 0.95, "fold": "median", "frontier": "random", "jobs": 1,
}  # fmt: skip


def table(random: Random) -> tuple[list[str], list[list[object]]]:
    """Header and rows of a wide, long or published table, often with something hostile in it."""
    layout = random.choice(("wide", "long", "published"))
    models = [
        random.choice(TEXTS) if random.random() < 0.05 else f"m{i}" for i in range(random.choice((1, 2, 3, 4, 5, 6, 8)))
    ]

    def number() -> object:
        return random.choice(NUMBERS + TEXTS) if random.random() < 0.005 else round(random.uniform(1, 90), 3)

    if layout == "wide":
        header = ["model", "run", "ms", "top1"]
        rows = [[model, run, number(), number()] for model in models for run in range(random.randint(1, 3))]
    elif layout == "long":
        header = ["model", "target", "metric", "value", "unit", "run", "iteration"]
        rows = [
            [model, "", metric, number(), random.choice(["", "ms"]), run, iteration]
            for model in models
            for metric in ("ms", "top1")
            for run in range(2)
            for iteration in range(random.randint(1, 2))
        ]
    else:
        header = ["model", "ms", "ms_sd", "ms_n", "top1", "top1_sd"]
        rows = [[model, number(), number(), random.randint(1, 9), number(), number()] for model in models]
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        change = random.randrange(5)
        if change == 0:
            header[random.randrange(len(header))] = random.choice(TEXTS)
        elif change == 1:
            random.choice(rows)[random.randrange(len(header))] = random.choice(TEXTS + NUMBERS)
        elif change == 2:
            rows.append(list(random.choice(rows)))
        elif change == 3:
            random.shuffle(rows)
        else:
            header.append(random.choice(TEXTS))
            rows = [[*row, random.choice(TEXTS + NUMBERS)] for row in rows]
    return header, rows


def delimited(random: Random, delimiter: str = ",") -> bytes:
    """A table as text between delimiters."""
    header, rows = table(random)
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=random.choice(["\n", "\r\n"]))
    writer.writerows([header, *rows])
    return damaged(random, stream.getvalue().encode())


def json_lines(random: Random) -> bytes:
    """A table as JSON lines, some with a value of another kind."""
    header, rows = table(random)
    records = [dict(zip(header, row, strict=True)) for row in rows]
    if random.random() < 0.3:
        records = changed(random, records)
    records = records if isinstance(records, list) else [records]
    return damaged(random, "\n".join(json.dumps(record) for record in records).encode())


def parquet(random: Random) -> bytes:
    """A table as Parquet."""
    header, rows = table(random)
    columns = []
    for column in zip(*rows, strict=True):
        try:
            columns.append(pa.array(column))
        except (pa.ArrowException, OverflowError, ValueError):
            columns.append(pa.array([str(cell) for cell in column]))
    stream = io.BytesIO()
    pq.write_table(pa.table(columns, names=header), stream, compression=random.choice(["none", "snappy", "gzip"]))
    return damaged(random, stream.getvalue())


def study(random: Random) -> bytes:
    """A study file, some of its values of another kind."""
    chosen = {name: value for name, value in STUDY.items() if random.random() < 0.5}
    for _ in range(random.choice((0, 1, 1, 2))):
        chosen = changed(random, chosen)
        if not isinstance(chosen, dict):
            chosen = {"noise": chosen}
    return damaged(random, "".join(f"{_toml(name)} = {_toml(value)}\n" for name, value in chosen.items()).encode())


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(str(name))} = {_toml(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value) if value is not None else "1979-05-27"


def saved_parts() -> dict[str, object]:
    """A small saved result: its header, and its arrays."""
    record = {"model": ["a", "a", "b", "b", "c", "c"], "ms": [1.0, 2, 2, 5, 3, 4], "top1": [70.0, 71, 75, 75, 72, 73]}
    data = Measurements.from_frame(pd.DataFrame(record), inputs="ms", outputs="top1")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "result.npz")
        without_advice(bootstrap, data, n_resamples=20, rng=0).save(path)
        with np.load(path) as stored:
            return dict(stored) | {"header": json.loads(stored["header"].tobytes())}


def packed(header: object, draws: np.ndarray, efficiency: np.ndarray, *, compressed: bool = False) -> bytes:
    """A saved result as bytes."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    stream = io.BytesIO()
    save = np.savez_compressed if compressed else np.savez
    save(stream, header=np.frombuffer(text, np.uint8), draws=draws, efficiency=efficiency)
    return stream.getvalue()


def saved(random: Random, parts: dict[str, object]) -> bytes:
    """A saved result with something hostile in it, which its fingerprint may match."""
    header = copy.deepcopy(parts["header"])
    for _ in range(random.choice((0, 1, 1, 2))):
        header = changed(random, header)
    if isinstance(header, dict) and random.random() < 0.8:
        try:
            header["fingerprint"] = Measurements.from_json_dict(header["data"]).fingerprint
        except (ParetoscopeError, KeyError):
            header["fingerprint"] = "0"
    arrays = {"draws": parts["draws"].copy(), "efficiency": parts["efficiency"].copy()}
    if random.random() < 0.3:
        name = random.choice(list(arrays))
        array = arrays[name]
        arrays[name] = random.choice(
            [
                array[:-1], array.T, array.astype("<f4"), array.astype(">f8"), array.astype(str), array.ravel(),
                np.asfortranarray(array), array * 2, array - 1, np.full_like(array, np.nan), np.zeros(0), array[()],
                np.full_like(array, np.inf), array[:0], np.array({}, dtype=object), array.astype(complex),
            ]
        )  # fmt: skip
    content = packed(header, **arrays, compressed=random.random() < 0.2)
    return damaged(random, content) if random.random() < 0.5 else content


def changed(random: Random, tree: object) -> object:
    """A tree of JSON with one of its values replaced, left out, repeated, or renamed."""
    tree = copy.deepcopy(tree)
    places = list(_places(tree))
    if not places:
        return random.choice(OTHERS)
    parent, key = random.choice(places)
    change = random.randrange(6)
    if change == 0:
        del parent[key]
    elif change == 1 and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[key]))
    elif change == 2 and isinstance(parent, dict):
        parent[random.choice(TEXTS)] = parent.pop(key)
    else:
        parent[key] = copy.deepcopy(random.choice(random.choice((TEXTS, NUMBERS, OTHERS))))
    return tree


def _places(tree: object):
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inner:
        yield tree, key
        yield from _places(value)


def damaged(random: Random, content: bytes) -> bytes:
    """Bytes with some bits flipped, cut off, spliced or repeated; half of the time as they were."""
    content = bytearray(content)
    for _ in range(random.choice((0, 0, 0, 0, 1, 3))):
        at = random.randrange(len(content) + 1)
        end = min(len(content), at + random.choice((1, 2, 8, 100)))
        change = random.randrange(6)
        if change == 0 and at < len(content):
            content[at] ^= 1 << random.randrange(8)
        elif change == 1:
            del content[at:]
        elif change == 2:
            del content[at:end]
        elif change == 3:
            content[at:at] = content[at:end] * random.choice((1, 3))
        elif change == 4:
            content[at:end] = random.randbytes(end - at)
        else:
            content[at:at] = random.choice(
                (b"\0", b"\n", b'"', b",", b"\xff", b"\xef\xbb\xbf", b"[" * 2000, b"9" * 5000)
            )
    return bytes(content)


def members(content: bytes) -> dict[str, bytes]:
    """The members of a .npz file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
