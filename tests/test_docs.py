"""The README and its neighbours are true: commands run, queries answer, versions agree."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import QueryRequest
from audiokg.snapshot import read_manifest
from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (.+)$", README, re.MULTILINE)


def test_readme_is_short_and_has_commands() -> None:
    assert README.count("\n") < 150
    assert len(COMMANDS) >= 5


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith(".venv/bin/audiokg ")])
def test_command_of_the_readme_runs(
    command: str, snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIOKG_SNAPSHOT", str(snapshot))
    words = [word.replace("build/", f"{tmp_path}/") for word in shlex.split(command)]
    words[0] = str(Path(sys.executable).with_name("audiokg"))
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_make_target_of_the_readme_exists(command: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", command.split()[1]], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0


def test_every_command_is_run_by_a_test() -> None:
    assert all(c.startswith((".venv/bin/audiokg ", "make ")) for c in COMMANDS)


def test_python_of_the_readme_runs(snapshot: Path) -> None:
    [program] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    environment = os.environ | {"AUDIOKG_SNAPSHOT": str(snapshot)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[-2:] == ["2025-01 MinMo", "[75.0]"]


def test_what_a_grown_list_changes_is_told_as_shown(tmp_path: Path) -> None:
    section = CONTRIBUTING.partition("## When a list has grown")[2]
    [command, *shown] = re.findall(r"```console\n(.*?)…", section, re.DOTALL)[0].splitlines()
    words = [word.replace("proposal", f"{tmp_path}/new") for word in shlex.split(command)[2:]]
    program = Path(sys.executable).with_name("audiokg")
    done = subprocess.run([program, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines()[: len(shown)] == shown


def test_query_of_the_readme_has_the_answer_shown(engine: LocalEngine) -> None:
    [query] = re.findall(r"```sparql\n(.*?)```", README, re.DOTALL)
    [answer] = re.findall(r"```csv\n(.*?)```", README, re.DOTALL)
    body = engine.answer(QueryRequest(query, "csv")).body.decode()
    assert body.replace("\r\n", "\n") == answer


def test_paths_that_the_documents_name_exist() -> None:
    named = re.findall(r"`((?:data|ontology|queries|shapes|src|tests)/[\w./-]*)`", README)
    named += re.findall(r"`((?:data|ontology|queries|shapes|tests)/[\w./-]*)`", CONTRIBUTING)
    assert len(named) > 10
    missing = [path for path in named if not (ROOT / path).exists()]
    assert missing == []


def test_versions_agree(snapshot: Path) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    ontology = (ROOT / "ontology" / "audiokg.ttl").read_text(encoding="utf-8")
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f'owl:versionInfo "{version}"' in ontology
    assert f"/audiokg/ontology/{version}>" in ontology
    assert read_manifest(snapshot).version == version
