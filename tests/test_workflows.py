"""What the forge runs: pinned, with the least permissions, and each step runs here by make, too."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
NAMES = {"check", "links", "release"}
#: The one job that may write, and what.
WRITES = {("release", "publish"): {"contents": "write"}}
PINNED = re.compile(r"^\s*- uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
HOSTS = re.compile(r"pypi\.org|npmjs|pythonhosted|docker\.io|ghcr\.io|conda", re.IGNORECASE)


def tool(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name(name))
    return subprocess.run([program, *words], capture_output=True, text=True, check=False)


def jobs(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"])


def steps(key: str) -> Iterator[str]:
    for path in WORKFLOWS:
        for job in jobs(path).values():
            yield from (step[key] for step in job["steps"] if key in step)


def test_there_is_a_workflow_for_each_occasion() -> None:
    assert {path.stem for path in WORKFLOWS} == NAMES
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["name"] == path.stem


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_is_permitted_that_a_job_does_not_state(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"] == {}
    for name, job in jobs(path).items():
        assert job["permissions"] == WRITES.get((path.stem, name), {"contents": "read"})
        assert job["timeout-minutes"] <= 300


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_its_commit(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert lines
    assert [line for line in lines if not PINNED.match(line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_registry_is_named(path: Path) -> None:
    assert not HOSTS.search(path.read_text(encoding="utf-8"))


def test_checkout_leaves_no_credentials() -> None:
    checkouts = [
        step
        for path in WORKFLOWS
        for job in jobs(path).values()
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


TARGETS = sorted({run.split()[1] for run in steps("run") if run.startswith("make ")})


@pytest.mark.parametrize("target", [*TARGETS, "reports"])
def test_every_make_target_exists(target: str) -> None:
    words = ["make", "--dry-run", target, "VERSION=1.2.3"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_run_is_make_a_script_or_a_line_of_the_forge() -> None:
    assert set(TARGETS) == {"lint", "summary", "links", "release"}
    for run in steps("run"):
        assert run.startswith(("make ", ".ci/", "cat build/reports/", "gh release create "))
        if run.startswith(".ci/"):
            assert os.access(ROOT / run.split()[0], os.X_OK)


@pytest.mark.parametrize(
    ("schema", "files"),
    [("github-workflows", WORKFLOWS), ("dependabot", [ROOT / ".github" / "dependabot.yml"])],
)
def test_forge_understands_the_files(schema: str, files: list[Path]) -> None:
    done = tool("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files))
    assert done.returncode == 0, done.stdout


def test_file_that_the_forge_does_not_understand_is_found(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text("on: push\njobs:\n  one:\n    runs-in: ubuntu\n")
    done = tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(bad))
    assert done.returncode == 1


def test_nothing_in_the_workflows_is_unsafe() -> None:
    done = tool("zizmor", "--offline", "--no-progress", str(ROOT / ".github"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_unsafe_is_found(tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for path in WORKFLOWS:
        text = path.read_text(encoding="utf-8").replace("permissions: {}", "permissions: write-all")
        (folder / path.name).write_text(re.sub(r"@[0-9a-f]{40} # ", "@", text))
    done = tool("zizmor", "--offline", "--no-progress", str(tmp_path))
    assert done.returncode != 0
    assert "unpinned-uses" in done.stdout


@pytest.mark.parametrize("status", [0, 1])
def test_summary_is_written_and_keeps_the_exit_code_of_the_check(
    tmp_path: Path, status: int
) -> None:
    program = tmp_path / "audiokg"
    ours = Path(sys.executable).with_name("audiokg")
    problem = '{"file": "a.ttl", "line": 3, "subject": "x", "message": "y", "severity": "error"}'
    printed = f"[{problem}]" if status else "[]"
    lines = [f"if [ $1 = check ]; then echo '{printed}'; exit {status}; fi", f'exec {ours} "$@"']
    program.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    program.chmod(0o755)
    words = ["make", "-f", str(ROOT / "Makefile"), "summary", f"BIN={tmp_path}", "READY="]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert bool(done.returncode) is bool(status), done.stderr
    summary = (tmp_path / "build" / "reports" / "check.md").read_text(encoding="utf-8")
    assert ("a.ttl:3" in summary) is bool(status)


def test_release_without_a_version_says_how() -> None:
    words = ["make", "release", "READY=", "VERSION="]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "make release VERSION=1.2.3" in done.stderr
