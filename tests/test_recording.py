"""The file of runs: what is finished stays, what is half is mended, what is not ours is left alone."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings
from pathlib import Path

import pytest

import paretoscope as ps
from measuring_helpers import environment
from paretoscope.errors import RepairWarning
from paretoscope.measuring.runfile.locking import locked
from paretoscope.measuring.runfile.recording import COLUMNS, open_runs, read_iterations

HEADER = ",".join(COLUMNS) + "\n"


def row(run: int, model: str = "a", **changes: object) -> dict[str, object]:
    cells = {"model": model, "target": "t", "run": run, "started": "2024-05-01T10:00:00Z", "latency_ms": 1.0 + run}
    return cells | changes


def fill(path: Path, n_runs: int = 3, **options: Path) -> bytes:
    with open_runs(path, **options) as runs:
        for run in range(1, n_runs + 1):
            runs.append(row(run), [1000, 2000])
    return path.read_bytes()


def test_a_run_is_one_line_and_on_disk_at_once(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    with open_runs(path) as runs:
        assert path.read_text() == HEADER
        runs.append(row(1), [])
        assert path.read_text() == HEADER + "a,t,1,2024-05-01T10:00:00Z,2.0" + "," * 13 + "\n"
    with open_runs(path) as runs:
        assert [(cells["model"], cells["run"], cells["latency_ms"]) for cells in runs.rows] == [("a", "1", "2.0")]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["runs.csv"]


def test_a_file_that_nothing_came_of_goes_away(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    with open_runs(path):
        assert path.exists()
    assert not path.exists()
    path.write_text(HEADER)
    with open_runs(path):
        pass
    assert path.read_text() == HEADER


def test_an_interruption_right_after_the_first_line_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "runs.csv"
    with open_runs(path) as runs:
        monkeypatch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            runs.append(row(1), [])
        assert runs.rows == []
    assert path.read_text().count("\n") == 2


def test_a_run_is_written_by_one_write_and_synced_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    write, fsync = os.write, os.fsync
    with open_runs(tmp_path / "runs.csv", iterations=tmp_path / "i.jsonl") as runs:
        monkeypatch.setattr(
            os, "write", lambda handle, line: (calls.append(bytes(line[:2]).decode()), write(handle, line))[1]
        )
        monkeypatch.setattr(os, "fsync", lambda handle: (calls.append("sync"), fsync(handle))[1])
        runs.append(row(1), [5])
        runs.append(row(2), [5])
    assert calls == ['{"', "sync", "a,", "sync"] * 2


@pytest.mark.slow
def test_cut_anywhere_only_the_half_line_goes(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    whole = fill(path, 2)
    for end in range(len(whole) + 1):
        path.write_bytes(whole[:end])
        kept = whole[: whole[:end].rfind(b"\n") + 1] or HEADER.encode()
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            with open_runs(path) as runs:
                assert len(runs.rows) == kept.count(b"\n") - 1
        assert path.read_bytes() == kept
        assert [w.category for w in given] == [RepairWarning] * (end > 0 and whole[end - 1 : end] != b"\n")
        assert all("found a half-written last line" in str(w.message) for w in given)


@pytest.mark.slow
def test_the_half_line_is_cut_behind_an_accuracy_too(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    fill(path, 2)
    with open_runs(path) as runs:
        runs.rewrite([cells | {"top1": "76.15"} for cells in runs.rows], ["top1"])
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RepairWarning)
            with open_runs(path) as runs:
                assert all(cells["top1"] == "76.15" for cells in runs.rows)


def test_zero_bytes_after_a_power_failure_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    whole = fill(path)
    for end in (b"a,t,4,20\0\0\0\0", b"\0" * 500):
        path.write_bytes(whole + end)
        with pytest.warns(RepairWarning, match="half-written last line"), open_runs(path) as runs:
            assert len(runs.rows) == 3
        assert path.read_bytes() == whole


@pytest.mark.slow
def test_iterations_are_mended_too_and_orphans_passed_over(tmp_path: Path) -> None:
    path, times = tmp_path / "runs.csv", tmp_path / "times.jsonl"
    fill(path, 2, iterations=times)
    whole = times.read_bytes()
    orphan = json.dumps(
        {"model": "a", "target": "t", "run": "3", "started": "2024-05-01T10:00:09Z", "iterations_ns": [7]}
    )
    for end in range(1, len(orphan)):
        times.write_bytes(whole + orphan[:end].encode())
        with pytest.warns(RepairWarning), open_runs(path, iterations=times):
            pass
        assert times.read_bytes() == whole
    times.write_bytes(whole + orphan.encode() + b"\n")
    with open_runs(path, iterations=times) as runs:
        runs.append(row(3), [8, 9])
        found = [(label["run"], values) for label, values in read_iterations(times, runs.rows)]
    assert found == [("1", [1000, 2000]), ("2", [1000, 2000]), ("3", [8, 9])]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "model,latency_ms\na,1\n",
            r"line 1: found the columns model, latency_ms; expected model, target, .*another out",
        ),
        ("model,latency_ms\na,1", r"line 1: found the columns model, latency_ms; .*give another out"),
        (
            "command,mean,stddev,median,user,system,min,max\nls,1,1,1,1,1,1,1\n",
            r"found the columns command, mean, .*, \.\.\.",
        ),
        ("\n", "line 1: found the columns none; expected model"),
        (HEADER.replace(",", ";"), "line 1: found the columns model;target;run"),
        (HEADER.replace("started", "when"), "line 1: found the columns model, target, run, when"),
        (HEADER + "a,t,1\n", "line 2: found 3 cells; expected 18 as in the header; mend the line or remove it"),
        (HEADER + "a,t,x" + "," * 15 + "\n", "line 2, column 'run': found 'x'; expected a number from 1 on"),
        (HEADER + ("a,t,1" + "," * 15 + "\n") * 2, "line 3: found run 1 of 'a' on 't' a second time; expected it once"),
        (HEADER + 'a,"t,1' + "," * 15 + "\n", r"cannot be read as CSV \(unexpected end of data\)"),
        (HEADER.replace("\n", "\r") + "a,t,1" + "," * 15 + "\r", "found lines that do not end with a line feed"),
        ("model\0,", "line 1: found the columns"),
    ],
)
def test_another_file_is_refused_and_left_alone(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "runs.csv"
    path.write_bytes(content.encode())
    with pytest.raises(ps.DataError, match=message), open_runs(path):
        pass
    assert path.read_bytes() == content.encode()


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(ps.DataError, match=r"runs\.csv: cannot be read as CSV .*give another out"), open_runs(path):
        pass


def test_other_iterations_are_refused_and_left_alone(tmp_path: Path) -> None:
    times = tmp_path / "times.jsonl"
    for content in ("model,run\n", "[1, 2]"):
        times.write_text(content)
        with pytest.raises(ps.DataError, match=r"times\.jsonl, line 1: found .*; expected iterations"):
            open_runs(tmp_path / "runs.csv", iterations=times).__enter__()
        assert times.read_text() == content
    times.write_text('{"model": "a"}\n')
    with pytest.raises(
        ps.DataError,
        match=r"times\.jsonl, line 1: found no iterations of a run \(Object missing .*`target`",
    ):
        list(read_iterations(times, []))


def test_an_editor_may_have_been_there(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    whole = fill(path)
    path.write_bytes(b"\xef\xbb\xbf" + whole.replace(b"\n", b"\r\n"))
    with open_runs(path) as runs:
        runs.append(row(4), [])
    with open_runs(path) as runs:
        assert [cells["run"] for cells in runs.rows] == ["1", "2", "3", "4"]
    path.write_text(
        "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in whole.decode().split("\n")[:-1])
    )
    with pytest.warns(RepairWarning), open_runs(path) as runs:  # a last line without its end may be cut anywhere
        assert len(runs.rows) == 2


def test_names_are_quoted_as_csv_wants_it(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    with open_runs(path) as runs:
        runs.append(row(1, model='a,"b" ö'), [])
    with open_runs(path) as runs:
        assert runs.rows[0]["model"] == 'a,"b" ö'


def test_a_full_disk_takes_the_run_in_flight_only(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    whole = fill(path, 40)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_runs(path) as runs:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 20, hard))
            with pytest.raises(
                ps.DataError,
                match=r"the last run could not be written \(File too large\); its 40 finished runs are safe",
            ):
                runs.append(row(41), [])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert path.read_bytes() == whole
        runs.append(row(41), [])
    assert path.read_bytes().count(b"\n") == 42


def test_no_space_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    room = iter([10])

    def fails(handle: int, line: bytes) -> int:
        if n_bytes := next(room, 0):
            return write(handle, line[:n_bytes])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "runs.csv"
    whole = fill(path)
    with open_runs(path) as runs, monkeypatch.context() as patched:
        patched.setattr(os, "write", fails)
        with pytest.raises(ps.DataError, match=r"No space left on device\); its 3 .* make room, and give the same"):
            runs.append(row(4), [])
    assert path.read_bytes() == whole


def test_a_file_that_is_taken_away_is_told(tmp_path: Path) -> None:
    with open_runs(tmp_path / "runs.csv") as runs:
        runs.path.unlink()
        with pytest.raises(ps.DataError, match=r"No such file or directory.*leave the file where it is"):
            runs.append(row(1), [])


def test_places_that_cannot_be_written_to_are_told(tmp_path: Path) -> None:
    with pytest.raises(ps.DataError, match="no such folder"), open_runs(tmp_path / "no" / "runs.csv"):
        pass
    with pytest.raises(ps.DataError, match="found a folder"), open_runs(tmp_path):
        pass
    path = tmp_path / "runs.csv"
    with pytest.raises(ps.DataError, match="found the file of runs"), open_runs(path, iterations=path):
        pass


ATTEMPT = """
import sys
from paretoscope.errors import DataError
from paretoscope.measuring.runfile.recording import open_runs
try:
    with open_runs(sys.argv[1]):
        print("open")
except DataError as error:
    print(error)
"""


def attempt(path: Path) -> str:
    command = [sys.executable, "-c", ATTEMPT, path]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment()).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files")
@pytest.mark.parametrize(
    ("modes", "message"),
    [
        ((0o755, 0o444), r"cannot be written to \(Permission denied\); expected a file that can; change its mode"),
        (
            (0o555, 0o644),
            r"lock: cannot be locked \(Permission denied\); expected a folder that exists",
        ),
        ((0o755, 0o000), r"cannot be read as CSV \(Permission denied\)"),
    ],
)
def test_read_only_places_are_told(modes: tuple[int, int], message: str) -> None:
    folder, user = Path(tempfile.mkdtemp(dir="/tmp")), os.geteuid()
    path = folder / "runs.csv"
    try:
        fill(path)
        path.read_text("utf-8-sig")  # loads the codec, which another user may not be allowed to
        path.chmod(modes[1])
        folder.chmod(modes[0])
        if user == 0:  # whom nothing is forbidden
            os.chown(folder, 65534, -1)
            os.chown(path, 65534, -1)
            os.seteuid(65534)
        with pytest.raises(ps.DataError, match=message), open_runs(path):
            pass
    finally:
        if user == 0:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.slow
def test_a_second_writer_is_refused_and_told_who_is_first(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    link = tmp_path / "link.csv"
    fill(path)
    link.symlink_to(path)
    with open_runs(path):
        for name in (path, link):
            found = attempt(name)
            assert f"found another writer (process {os.getpid()} on " in found
            assert "expected one at a time; wait for it, or give another file" in found
        refused = []

        def second() -> None:
            with pytest.raises(ps.DataError, match="another writer"), open_runs(path):
                pass
            refused.append(True)

        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        assert refused
    assert attempt(path) == attempt(link) == "open\n"
    assert link.is_symlink()


def test_a_killed_writer_leaves_a_lock_that_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    script = f"""
import os, signal
from pathlib import Path
from paretoscope.measuring.runfile.locking import locked
with locked(Path({str(path)!r})):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", script], env=environment(), check=False).returncode == -9
    assert path.with_name("runs.csv.lock").exists()
    with locked(path):
        pass
    assert not path.with_name("runs.csv.lock").exists()


def test_locks_that_come_and_go_never_overlap(tmp_path: Path) -> None:
    """The lock file is removed by its holder, while others may just be opening it."""
    path, inside, most = tmp_path / "runs.csv", [], []

    def contend() -> None:
        for _ in range(200):
            try:
                with locked(path):
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()
            except ps.DataError:
                pass

    threads = [threading.Thread(target=contend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1


def test_rewriting_keeps_the_file_whole_and_writes_only_what_changes(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    whole = fill(path)
    with open_runs(path) as runs:
        before = path.stat().st_ino
        runs.rewrite(list(runs.rows), runs.accuracies)
        assert path.stat().st_ino == before
        runs.rewrite([cells | {"top1": "70.5"} for cells in runs.rows], ["top1"])
        runs.append(row(4) | {"top1": 70.5}, [])
    lines = path.read_text().splitlines()
    assert lines[0] == HEADER.strip() + ",top1"
    assert lines[1:4] == [line + ",70.5" for line in whole.decode().splitlines()[1:]]
    with open_runs(path) as runs:
        assert runs.accuracies == ("top1",)
        assert len(runs.rows) == 4
