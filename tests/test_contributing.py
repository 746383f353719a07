"""CONTRIBUTING is true: its transcript is replayed in a copy of the graph, command by command."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from audiokg.cli import main
from conftest import ROOT

CONTRIBUTING = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTION = CONTRIBUTING.partition("## Add a model in five minutes")[2].partition("\n## ")[0]
TRANSCRIPT = "\n".join(re.findall(r"```console\n(.*?)```", SECTION, re.DOTALL))
#: Each command with the output that the text shows.
STEPS = re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", TRANSCRIPT, re.MULTILINE)
PROGRAM = ".venv/bin/audiokg"
#: The day of the transcript, 2026-11-21.
DAY = "1795219200"


def test_transcript_has_commands() -> None:
    assert len(STEPS) >= 9
    assert {step.split()[0] for step, _ in STEPS} == {PROGRAM, "sed"}


def test_each_command_says_what_the_text_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("data", "ontology", "queries", "shapes"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUDIOKG_ROOT", str(tmp_path))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    for number, (command, expected) in enumerate(STEPS, start=1):
        said = run(command).strip()
        assert said == expected.strip(), f"step {number} of {len(STEPS)}: {command}"


def run(command: str) -> str:
    """Run a command of the text: ours in this process, another one by the shell."""
    program, *words = shlex.split(command)
    if program == PROGRAM:
        return CliRunner().invoke(main, words).output
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    return done.stdout
