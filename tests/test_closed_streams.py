"""Standard output or standard error closed, full, or left by its reader; and columns for which there is no room."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helpers import environment
from paretoscope.cli import main
from paretoscope.commands.sheet import Sheet

CLOSED = "error: standard output: found it closed; expected it open; give --out FILE\n"
NO_ROOM = "error: standard output: No space left on device; expected room and the right to write\n"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("streams") / "few.csv"
    path.write_text("model,top1,ms\n" + "".join(f"m{k},{70 + k},{k + 1}\n" for k in range(4)))
    return path


def shell(command, folder):
    """Exit code, standard output and standard error of what bash does; `P` stands for the program."""
    line = f"set -o pipefail; {command}".replace("P ", f"{sys.executable} -m paretoscope ")
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment("0"), capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


WARNED = "rank few.csv --inputs ms --outputs top1 --resamples 50"  # warns twice


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell that closes streams")
@pytest.mark.parametrize(
    ("command", "code", "out", "err"),
    [
        ("P rank imagenet --resamples 50 >&-", 1, "", CLOSED),
        ("P rank imagenet --resamples 50 2>&-", 0, "17 models", ""),
        ("P rank imagenet --resamples 50 >&- 2>&-", 1, "", ""),
        ("P rank imagenet --resamples 50 <&- >&- 2>&-", 1, "", ""),
        ("P rank imagenet --resamples 50 1</dev/null", 1, "", CLOSED),
        (f"P {WARNED} 2>&-", 0, "4 models", ""),
        (f"P {WARNED} 2>/dev/full", 0, "4 models", ""),
        (f"P {WARNED} 2> >(true)", 0, "4 models", ""),
        (f"P {WARNED} >&-", 1, "", "warning: "),
        (f"P {WARNED} >&- 2>&-", 1, "", ""),
        (f"P {WARNED} --out answer.txt >&- 2>&-; code=$?; head -1 answer.txt; exit $code", 0, "4 models", ""),
        ("P rank missing.csv 2>&-", 2, "", ""),
        ("P rank imagenet --nonsense 2>&-", 2, "", ""),
        ("P rank imagenet --resamples 50 >/dev/full", 2, "", NO_ROOM),
        ("P rank imagenet --resamples 50 | true", 1, "", ""),
        ("P rank imagenet --resamples 50 --format json | true", 1, "", ""),
        ("P --help | true", 1, "", ""),
        ("P --help >&-", 1, "", CLOSED),
        ("P --help >/dev/full", 2, "", NO_ROOM),
        ("P --version >&-", 1, "", CLOSED),
        ("P report imagenet --resamples 50 --out r.html >&-; ls r.html", 0, "r.html", CLOSED),
    ],
)
def test_no_traceback_and_the_right_code(table, command, code, out, err):
    found, shown, complaint = shell(command, table.parent)
    assert found == code
    assert shown.startswith(out)
    assert bool(shown) == bool(out)
    assert complaint.startswith(err)
    assert bool(complaint) == bool(err)
    assert "Traceback" not in complaint
    assert "Exception ignored" not in complaint


@pytest.mark.parametrize("closed", ["stdout", "stderr", "both"])
def test_a_program_without_streams_can_call_the_command_line(monkeypatch, capsys, table, closed):
    if closed != "stderr":
        monkeypatch.setattr(sys, "stdout", None)
    if closed != "stdout":
        monkeypatch.setattr(sys, "stderr", None)
    code = main(["rank", str(table), *WARNED.split()[2:]])
    out, err = capsys.readouterr()
    assert code == (0 if closed == "stderr" else 1)
    assert out.startswith("4 models") == (closed == "stderr")
    assert "warning" not in out  # which print(file=None) would send there
    assert err.endswith(CLOSED) == (closed == "stdout")


def rank(monkeypatch, capsys, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["rank", "imagenet", "--resamples", "50"]) == 0
    return capsys.readouterr().out.splitlines()


def test_columns_without_room_are_named_below_the_table(monkeypatch, capsys):
    whole = rank(monkeypatch, capsys, 300)
    assert whole[-1] == ""
    wanted = max(map(len, whole)) + 1  # a blank at the end
    metrics = ["latency_ms@cpu-1t ↓", "latency_ms@cpu-2t ↓", "train_usd ↓", "top1 ↑"]
    assert all(metric in whole[2] for metric in metrics)
    for columns, missing in (
        (wanted - 1, metrics[-1:]),
        (100, metrics),
        (90, ["P(efficient)", *metrics]),
        (60, ["P(best)", "P(efficient)", *metrics]),
    ):
        lines = rank(monkeypatch, capsys, columns)
        assert lines[-1] == (
            f"not shown for want of width: {', '.join(missing)}; "
            f"widen the terminal to {wanted} columns, or set COLUMNS={wanted}"
        )
        assert not any(column in lines[2] for column in missing)
    assert rank(monkeypatch, capsys, wanted) == whole


@pytest.mark.parametrize("columns", ["1", "20", "0", "-5", "many"])
def test_any_width_shows_what_matters_whole(monkeypatch, capsys, columns):
    lines = rank(monkeypatch, capsys, columns)
    (row,) = [line for line in lines if " vgg11 " in line]
    assert row.split()[:3] == ["17", "17", "6"]
    assert ".." in row


def test_a_file_has_all_columns(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["rank", "imagenet", "--resamples", "50", "--out", str(tmp_path / "table.txt")]) == 0
    text = (tmp_path / "table.txt").read_text(encoding="utf-8")
    assert "top1 ↑" in text
    assert "not shown" not in text


def test_points_stand_below_each_other(monkeypatch, capsys):
    lines = rank(monkeypatch, capsys, 100)
    start = lines[2].index("efficiency")
    rows = [line[start : start + len("efficiency")] for line in lines[4:] if line]
    numbers = [row for row in rows if "." in row]
    assert len(numbers) == 17
    assert len({row.index(".") for row in numbers}) == 1
    assert len({len(row.rstrip()) for row in numbers}) > 1  # they have different decimals


def test_names_are_folded_before_numbers():
    sheet = Sheet("t", ["model", "ms"], [["m" * 60, "1234567.5"], ["n", "2"]], least=2)
    text = sheet.draw(30)
    assert "1234567.5" in text
    assert max(map(len, text.splitlines())) <= 30
    assert text.count("m") > 60
