"""Files are replaced whole behind links; pipes and devices are written to; what cannot be written is refused."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import paretoscope as ps
from helpers import environment
from paretoscope.cli import main
from paretoscope.files import write_whole

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs links, pipes and devices")
RANK = ["rank", "imagenet", "--resamples", "50", "--out"]


def put(path, content=b"new"):
    with write_whole(path) as stream:
        stream.write(content)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    return path


@pytest.mark.parametrize("place", ["absolute", "relative", "chain", "folder"])
def test_what_a_link_points_at_is_replaced_and_the_link_stays(tmp_path, file, place):
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "link"
    if place == "absolute":
        link.symlink_to(file)
    elif place == "relative":
        link.symlink_to("../file")
    elif place == "chain":
        (tmp_path / "links" / "other").symlink_to(Path("..") / "file")
        link.symlink_to("other")
    else:
        link.symlink_to(tmp_path)
        link = link / "file"
    before = file.stat().st_ino
    put(link)
    assert file.read_bytes() == b"new"
    assert file.stat().st_ino != before  # replaced, so never half written
    assert place == "folder" or link.is_symlink()
    assert not list(tmp_path.rglob("*.part"))


def test_a_link_to_nothing_creates_what_it_points_at(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("later")
    put(link)
    assert link.is_symlink()
    assert (tmp_path / "later").read_bytes() == b"new"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.symlink_to("missing/later")
    with pytest.raises(ps.DataError, match="elsewhere: cannot be written \\(no such folder\\)"):
        put(elsewhere)


def test_links_in_a_circle_are_refused(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    a.symlink_to(b)
    b.symlink_to(a)
    with pytest.raises(ps.DataError, match="a: cannot be written \\(a link to itself\\)"):
        put(a)
    assert a.is_symlink()
    assert b.is_symlink()


def test_the_mode_of_a_file_is_kept_and_a_new_one_has_that_of_any(tmp_path, file):
    file.chmod(0o640)
    put(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    mask = os.umask(0o027)
    try:
        put(tmp_path / "fresh")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "fresh").stat().st_mode) == 0o640


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_of_a_file_is_kept(file):
    os.chown(file, 12345, 12345)
    put(file)
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 12345)


def test_a_name_of_full_length_is_written(tmp_path):
    put(tmp_path / ("n" * 255))
    with pytest.raises(ps.DataError, match="cannot be written"):
        put(tmp_path / ("n" * 256))


@pytest.mark.parametrize("name", ["null", "zero"])
def test_a_device_is_written_to_and_stays(name):
    device = Path("/dev") / name
    before = device.stat()
    put(device)
    assert device.stat().st_ino == before.st_ino
    assert stat.S_ISCHR(device.stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_device_is_told_of(capsys):
    assert main([*RANK, "/dev/full"]) == 2
    err = capsys.readouterr().err
    assert err == (
        "error: /dev/full: could not be written to (No space left on device); expected room and the right to write\n"
    )
    with pytest.raises(ps.DataError, match="/dev/full"):
        ps.bootstrap(ps.load("imagenet"), n_resamples=20, rng=0).save("/dev/full")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_a_pipe_is_written_to_and_stays(tmp_path):
    pipe, found = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    put(pipe, b"x" * 300_000)  # more than a pipe holds
    reader.join()
    assert found == [b"x" * 300_000]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_pipe_gets_nothing_of_what_failed(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def fail():
        with write_whole(pipe) as stream:  # opened at the end only, or this would wait for a reader
            stream.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()


def test_sockets_and_folders_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
        with pytest.raises(ps.DataError, match="socket: found a socket; expected the name of a file"):
            put("socket")
    (tmp_path / "link").symlink_to(tmp_path)
    for folder in (".", "/", "link", ".."):
        with pytest.raises(ps.DataError, match="found a folder; expected the name of a file"):
            put(folder)


@pytest.mark.parametrize("name", ["a\0b", "missing/file", "file/below"])
def test_names_that_no_file_has(tmp_path, file, name):
    with pytest.raises(ps.DataError, match="cannot be written") as caught:
        put(tmp_path / name)
    assert str(caught.value).isprintable()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="needs a name for standard output")
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1"])
def test_standard_output_is_written_to_where_it_stands(tmp_path, name):
    command = f"(echo before; {sys.executable} -m paretoscope {' '.join(RANK)} {name}; echo after) > all.txt"
    done = subprocess.run(command, shell=True, cwd=tmp_path, env=environment("0"), capture_output=True, check=False)
    assert done.stderr == b""
    lines = (tmp_path / "all.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "before"
    assert lines[1].startswith("17 models")
    assert lines[-1] == "after"
    assert [path.name for path in tmp_path.iterdir()] == ["all.txt"]


def test_runs_are_added_to_files_only(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    for name in ("/dev/null", str(tmp_path / "pipe")):
        assert main(["measure", "onnx:alexnet", "--out", name]) == 2
        assert "expected a file, which is read and added to" in capsys.readouterr().err
        assert main(["measure", "onnx:alexnet", "--out", str(tmp_path / "m.csv"), "--iterations", name]) == 2
        assert "expected a file, which is read and added to" in capsys.readouterr().err
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_figures_and_reports_say_what_they_wrote(tmp_path, capsys):
    figure, page = tmp_path / "f.svg", tmp_path / "p.html"
    for command in (["plot", "noise", "imagenet"], ["report", "imagenet", "--resamples", "50"]):
        path = figure if command[0] == "plot" else page
        assert main([*command, "--out", str(path)]) == 0
        out, err = capsys.readouterr()
        size = path.stat().st_size
        amount = f"{size / 1e3:.0f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
        assert (out, err) == (f"wrote {path} ({amount})\n", "")
    assert main(["report", "imagenet", "--resamples", "50", "--out", "/dev/null"]) == 0
    assert capsys.readouterr() == ("", "")
    loop = tmp_path / "loop.svg"
    loop.symlink_to(loop)
    assert main(["plot", "noise", "imagenet", "--out", str(loop)]) == 2
    assert "a link to itself" in capsys.readouterr().err
