"""Commands that work on the graph: build, check, format."""

import json
import sys
from pathlib import Path

import click

from audiokg.cli.frame import PATH, PROBLEMS, build_snapshot, near, progress, tell
from audiokg.errors import InputError
from audiokg.paths import find_root, turtle_files
from audiokg.snapshot import snapshot_folder


@click.command()
@tell
def build() -> None:
    """Build the snapshot (in $AUDIOKG_SNAPSHOT, else build/)."""
    manifest = build_snapshot()
    click.echo(
        f"{snapshot_folder()}: version {manifest.version}, data of {manifest.modified}, "
        f"{manifest.triples:,} triples in {len(manifest.graphs)} graphs, sha256 {manifest.sha256}"
    )


@click.command()
@click.argument("paths", nargs=-1, type=PATH)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--quiet", is_flag=True, help="Print errors; only count warnings.")
@tell
def check(paths: tuple[Path, ...], form: str, quiet: bool) -> None:
    """Check the graph, or some of its files; print all problems as file:line: subject: message."""
    from audiokg.check.problem import Severity
    from audiokg.check.run import check as run_checks

    with progress() as show:
        problems = run_checks(find_root(), paths, show)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    shown = errors if quiet else problems
    if form == "json":
        click.echo(json.dumps([problem.as_json() for problem in shown], indent=2))
    else:
        for problem in shown:
            click.echo(str(problem))
        click.echo(f"{len(errors)} errors, {len(problems) - len(errors)} warnings", err=True)
    sys.exit(PROBLEMS if errors else 0)


@click.command("format")
@click.argument("paths", nargs=-1, type=PATH)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; list what would change.")
@tell
def format_(paths: tuple[Path, ...], only_check: bool) -> None:
    """Write Turtle files in their canonical form."""
    from audiokg.formatting import format_file

    root = find_root()
    files = [file for path in paths or (root,) for file in _files_below(path.resolve(), root)]
    changed = [file for file in files if format_file(file, root, write=not only_check)]
    for file in changed:
        click.echo(f"{near(file)}: {'not canonical' if only_check else 'written'}")
    sys.exit(PROBLEMS if only_check and changed else 0)


def _files_below(path: Path, root: Path) -> list[Path]:
    files = [file for file in turtle_files(root) if file == path or path in file.parents]
    if not files:
        raise InputError(f"{path}: no Turtle file below {root}/data or {root}/ontology")
    return files
