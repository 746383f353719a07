"""Folders for work that is not done: gone afterwards, whatever ends the work."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from audiokg.files import scratch

HOLD = """
import sys, time
from pathlib import Path
from audiokg.files import scratch
with scratch(Path(sys.argv[1])) as place:
    (place / "half").write_text("done")
    print(place, flush=True)
    time.sleep(60)
"""


def age(place: Path) -> None:
    """Let a folder look as if it had been made an hour ago."""
    then = time.time() - 3600
    os.utime(place, (then, then))


def test_scratch_is_gone_afterwards(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), scratch(tmp_path / "new") as place:
        (place / "half").write_text("done")
        raise ZeroDivisionError
    assert list((tmp_path / "new").iterdir()) == []


def test_scratch_of_a_killed_process_is_removed_by_the_next(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        left = Path(process.stdout.readline().strip())
        age(left)
        with scratch(tmp_path):
            assert (left / "half").exists(), "its process lives"
        process.kill()
    with scratch(tmp_path):
        assert not left.exists()


def test_scratch_is_given_where_folders_cannot_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    left = tmp_path / ".scratch.left"
    left.mkdir()
    age(left)
    with scratch(tmp_path) as place:
        assert place.is_dir()
    assert left.exists(), "nobody can tell whether it is held"


def test_scratch_does_not_wait_for_what_is_no_folder(tmp_path: Path) -> None:
    pipe = tmp_path / ".scratch.pipe"
    os.mkfifo(pipe)
    age(pipe)
    with scratch(tmp_path) as place:
        assert place.is_dir()


def test_young_scratch_may_be_about_to_be_held(tmp_path: Path) -> None:
    young = tmp_path / ".scratch.young"
    young.mkdir()
    with scratch(tmp_path):
        assert young.exists()
    age(young)
    with scratch(tmp_path):
        assert not young.exists()
