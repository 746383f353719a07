"""The command line: verbs, exit codes, clean pipes."""

import json
from pathlib import Path

import click
import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from audiokg.cli import main
from audiokg.snapshot import load_store


@pytest.mark.parametrize("name", main.commands)
def test_every_command_has_help_and_few_options(name: str, runner: CliRunner) -> None:
    command = main.commands[name]
    assert command.help
    assert sum(isinstance(one, click.Option) for one in command.params) <= 6
    assert runner.invoke(main, [name, "--help"]).exit_code == 0


def test_query_by_name_prints_csv_into_a_pipe(runner: CliRunner) -> None:
    result = runner.invoke(main, ["query", "full-duplex-dialogue"])
    assert result.exit_code == 0
    assert result.stdout.startswith("model,name,released\n")
    assert "Moshi,2024-09" in result.stdout


def test_query_from_standard_input_in_any_format(runner: CliRunner) -> None:
    text = "DESCRIBE <https://w3id.org/audiokg/model/mimi>"
    turtle = runner.invoke(main, ["query", "-"], input=text)
    triples = runner.invoke(main, ["query", "-", "--format", "nt"], input=text)
    assert '"Mimi"' in turtle.stdout
    assert triples.stdout.count(" .\n") > 5


def test_query_from_a_file_with_a_parameter(runner: CliRunner, root: Path) -> None:
    file = str(root / "queries" / "example" / "who-says-so.rq")
    result = runner.invoke(main, ["query", file, "--param", "model=model:moshi"])
    assert "https://w3id.org/audiokg/model/moshi" in result.stdout
    assert "model/mimi" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["query", "no-such-query"], "no query “no-such-query”"),
        (["query", "conflicts", "--format", "docx"], "unknown format “docx”"),
        (["query", "who-says-so", "--param", "model"], "name=term"),
        (["query", "who-says-so", "--param", "model=nope:x"], "is no term"),
        (["ingest", "nothing", __file__], "unknown source “nothing”"),
        (["format", __file__], "no Turtle file below"),
    ],
)
def test_what_cannot_run_says_why_and_exits_with_2(
    runner: CliRunner, arguments: list[str], said: str
) -> None:
    result = runner.invoke(main, arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_bad_query_names_line_and_column(runner: CliRunner) -> None:
    result = runner.invoke(main, ["query", "-"], input="SELECT *\nWHERE { ?s ?p }")
    assert result.exit_code == 2
    assert "-:2:16: " in result.stderr


def test_missing_snapshot_says_what_to_run(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["query", "conflicts"], env={"AUDIOKG_SNAPSHOT": str(tmp_path)}
    )
    assert result.exit_code == 2
    assert "audiokg build" in result.stderr


def test_build_says_what_it_built(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["build"], env={"AUDIOKG_SNAPSHOT": str(tmp_path / "b")})
    assert result.exit_code == 0
    assert "sha256" in result.stdout
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["sha256"] in result.stdout


def test_exported_json_ld_is_the_whole_graph(
    runner: CliRunner, snapshot: Path, tmp_path: Path
) -> None:
    file = tmp_path / "audiokg.jsonld"
    assert runner.invoke(main, ["export", "jsonld", "--output", str(file)]).exit_code == 0
    parsed = {q.triple for q in ox.parse(file.read_bytes(), format=ox.RdfFormat.JSON_LD)}
    store = load_store(snapshot)
    assert parsed == {
        quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())
    }


def test_query_that_is_no_text_is_told(runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "odd.rq").write_bytes(b"\xff\xfe\x00")
    result = runner.invoke(main, ["query", str(tmp_path / "odd.rq")])
    assert (result.exit_code, "no UTF-8 text" in result.stderr) == (2, True)


def test_place_that_cannot_be_written_is_told(runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    result = runner.invoke(main, ["report", "--output", str(tmp_path / "taken")])
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
    assert (tmp_path / "taken").read_text() == "mine"
