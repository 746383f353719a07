"""The gate: the graph passes it, and each fault is found where it is and said in its own words."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from audiokg.check.problem import Problem, Severity
from audiokg.check.run import check
from audiokg.cli import main
from audiokg.errors import InputError, QueryFileError
from conftest import ROOT

#: Each fault is a file tests/bad/NAME.ttl, whose first line says where it goes, and NAME.txt,
#: the problem that must be found, as printed.
FAULTS = sorted((ROOT / "tests" / "bad").glob("*.ttl"))


@pytest.fixture(scope="session")
def problems(root: Path) -> list[Problem]:
    return check(root)


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the graph with all faults in it."""
    copy = copy_graph(tmp_path_factory.mktemp("faulty"))
    for fault in FAULTS:
        place(fault, copy)
    return copy


@pytest.fixture(scope="session")
def found(faulty: Path) -> set[str]:
    return {str(problem) for problem in check(faulty)}


def copy_graph(folder: Path) -> Path:
    for name in ("data", "ontology", "queries", "shapes"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def place(fault: Path, root: Path) -> Path:
    first, _, text = fault.read_text(encoding="utf-8").partition("\n")
    target = root / first.removeprefix("# ")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target


def test_graph_has_no_errors(problems: list[Problem]) -> None:
    assert [str(p) for p in problems if p.severity is Severity.ERROR] == []


def test_there_is_a_fault_for_every_rule() -> None:
    rules = {path.stem for path in (ROOT / "queries" / "check").glob("*.rq")}
    assert rules <= {fault.stem.partition("--")[0] for fault in FAULTS}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda path: path.stem)
def test_fault_is_found(fault: Path, found: set[str]) -> None:
    expected = fault.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert expected
    assert set(expected) <= found


def test_all_problems_come_at_once_sorted_and_as_json(faulty: Path) -> None:
    environment = {"AUDIOKG_ROOT": str(faulty)}
    path = str(faulty / "data" / "model" / "bad-datatype.ttl")
    text = CliRunner().invoke(main, ["check", path], env=environment)
    assert text.exit_code == 1
    lines = text.stdout.splitlines()
    assert lines == sorted(lines)
    assert all(re.match(r"^[\w/.-]+:\d+: \S+: .+", line) for line in lines)
    parsed = json.loads(
        CliRunner().invoke(main, ["check", path, "--format", "json"], env=environment).stdout
    )
    assert [p["message"] in line for p, line in zip(parsed, lines, strict=True)]


def test_quiet_check_prints_errors_and_counts_warnings(faulty: Path) -> None:
    environment = {"AUDIOKG_ROOT": str(faulty)}
    paths = [str(faulty / "data" / "model" / f"{name}.ttl") for name in ("bad-datatype", "wavenet")]
    whole = CliRunner().invoke(main, ["check", *paths], env=environment)
    quiet = CliRunner().invoke(main, ["check", *paths, "--quiet"], env=environment)
    lines = whole.stdout.splitlines()
    errors = [line for line in lines if ": warning: " not in line]
    assert 0 < len(errors) < len(lines)
    assert (quiet.exit_code, quiet.stdout.splitlines()) == (1, errors)
    assert quiet.stderr == whole.stderr
    assert f"{len(lines) - len(errors)} warnings" in quiet.stderr


def test_path_outside_the_graph_could_not_run(root: Path) -> None:
    with pytest.raises(InputError, match="no Turtle file below"):
        check(root, [root / "README.md"])
    assert CliRunner().invoke(main, ["check", str(root / "README.md")]).exit_code == 2


def test_rule_that_does_not_parse_could_not_run(tmp_path: Path) -> None:
    copy = copy_graph(tmp_path)
    broken = "#+ title: Broken\n#+ description: Broken.\nSELECT ?subject {"
    (copy / "queries" / "check" / "broken.rq").write_text(broken, encoding="utf-8")
    with pytest.raises(QueryFileError, match=r"broken\.rq"):
        check(copy)


def test_format_mends_what_check_calls_not_canonical(tmp_path: Path) -> None:
    copy = copy_graph(tmp_path)
    file = copy / "data" / "model" / "moshi.ttl"
    good = file.read_text(encoding="utf-8")
    head, _, body = good.partition("\n\n")
    blocks = body.rstrip("\n").split("\n\n")
    file.write_text(f"{head}\n\n" + "\n\n".join(reversed(blocks)) + "\n", encoding="utf-8")
    environment = {"AUDIOKG_ROOT": str(copy)}
    assert CliRunner().invoke(main, ["format", "--check"], env=environment).exit_code == 1
    assert CliRunner().invoke(main, ["format", str(file)], env=environment).exit_code == 0
    assert file.read_text(encoding="utf-8") == good
    assert CliRunner().invoke(main, ["format", "--check"], env=environment).exit_code == 0


def test_file_that_others_speak_of_is_as_clean_alone(root: Path) -> None:
    file = root / "data" / "model" / "encodec-24-khz.ttl"  # encodec-48-khz.ttl says more of it
    assert [str(p) for p in check(root, [file]) if p.severity is Severity.ERROR] == []
