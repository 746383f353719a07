"""What is deployed fits what there is: files, settings, commands, and what systemd understands."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audiokg.cli import main
from conftest import ROOT

FOLDER = ROOT / ".deploy"
CONTAINER = (FOLDER / "Containerfile").read_text(encoding="utf-8")
UNIT = (FOLDER / "audiokg.service").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAM = Path(sys.executable).with_name("audiokg")
#: A machine without systemd can run the rest, but .ci/run installs and demands it.
needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze") and "AUDIOKG_ALL_CLIENTS" not in os.environ,
    reason="systemd-analyze is not installed: apt-get install systemd",
)


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", CONTAINER, re.MULTILINE)


def copied() -> Iterator[str]:
    for words in map(str.split, instructions("COPY")):
        if not words[0].startswith("--from="):
            yield from words[:-1]


def commands() -> Iterator[list[str]]:
    lines = [*instructions("RUN"), *re.findall(r"^ExecStart=(.+)$", UNIT, re.MULTILINE)]
    lines += [re.sub(r'[\[\],"]', " ", line) for line in instructions("CMD")]
    for words in map(shlex.split, lines):
        if Path(words[0]).name == "audiokg":
            yield words[1:]


def verify(unit: Path) -> str:
    words = ["systemd-analyze", "verify", str(unit)]
    return subprocess.run(words, capture_output=True, text=True, check=False).stderr


def test_what_the_container_copies_exists() -> None:
    assert len(list(copied())) > 5
    assert [path for path in copied() if not (ROOT / path).exists()] == []


def test_the_container_builds_the_editor_where_the_server_looks_for_it() -> None:
    [source] = [line.split() for line in instructions("COPY") if line.startswith("--from=assets")]
    script = (ROOT / "src/audiokg/web/assets/package.json").read_text(encoding="utf-8")
    assert "--outdir=../static/vendor" in script
    assert source[1:] == ["/web/static/vendor", "src/audiokg/web/static/vendor"]
    assert "/web/assets" in instructions("WORKDIR")


@pytest.mark.parametrize("text", [CONTAINER, UNIT], ids=["container", "unit"])
def test_every_setting_is_one_that_the_readme_lists(text: str) -> None:
    listed = re.findall(r"`(AUDIOKG_\w+)`", "".join(re.findall(r"^\| `.+", README, re.MULTILINE)))
    named = set(re.findall(r"AUDIOKG_\w+", text))
    assert named
    assert named <= set(listed)


def test_every_command_is_one_of_the_program() -> None:
    assert sorted(commands()) == [["build"], ["serve"], ["serve"]]
    assert {words[0] for words in commands()} <= set(main.commands)


@needs_systemd
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    [installed] = re.findall(r"^ExecStart=(\S+)", UNIT, re.MULTILINE)
    unit = tmp_path / "audiokg.service"
    unit.write_text(UNIT.replace(installed, str(PROGRAM)), encoding="utf-8")
    assert verify(unit) == ""


@needs_systemd
def test_what_systemd_does_not_understand_is_found(tmp_path: Path) -> None:
    unit = tmp_path / "audiokg.service"
    unit.write_text(UNIT.replace("=mixed", "=main").replace("OOMP", "OomP"), encoding="utf-8")
    said = verify(unit)
    assert "kill mode" in said
    assert "OomPolicy" in said
    assert "is not executable" in said
