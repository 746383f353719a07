"""Commands that read sources: ingest."""

import json
import sys
from pathlib import Path

import click

from audiokg.cli.frame import FILE, PROBLEMS, tell
from audiokg.errors import InputError
from audiokg.paths import find_root

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("source")
@click.argument("file", type=FILE)
@click.option("--diff", is_flag=True, help="Say what became of each row, writing no source.")
@click.option("--replace", is_flag=True, help="The text is another one on purpose.")
@click.option("--against", metavar="SOURCE", help="With --diff: compare with another source.")
@click.option("--write", "folder", type=_FOLDER, help="With --diff: a new folder for a proposal.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@tell
def ingest(
    source: str,
    file: Path,
    diff: bool,
    replace: bool,
    against: str | None,
    folder: Path | None,
    form: str,
) -> None:
    """Turn the text of a source into data/source/SOURCE.ttl.

    With --diff compare a newer text of a list with the rows that were read before: which are new,
    changed, moved, gone, repeated, broken, and what the new ones refer to. Nothing in data/ is
    touched; --write puts a proposal into a folder of its own. Exit code 1: a row cannot be read.
    """
    if diff and replace:
        raise InputError("--diff writes no source; run it without --replace")
    if diff:
        _compare(source, file, against or source, folder, form)
        return
    if against or folder or form != "text":
        raise InputError("--against, --write and --format go with --diff")
    _read(source, file, replace)


def _read(source: str, file: Path, replace: bool) -> None:
    from audiokg.ingest.sources import ingest as read_source
    from audiokg.ingest.sources import write

    data = find_root() / "data"
    path, changed = write(source, read_source(source, file, data), data, file, replace)
    click.echo(f"{path}: {'written' if changed else 'unchanged'}")


def _compare(source: str, file: Path, against: str, folder: Path | None, form: str) -> None:
    from audiokg.ingest.diff.folder import write_proposal
    from audiokg.ingest.diff.report import as_json
    from audiokg.ingest.diff.report import tell as tell_rows
    from audiokg.ingest.diff.run import compare_list

    root = find_root()
    comparison = compare_list(source, file, against, root)
    if form == "json":
        click.echo(json.dumps(as_json(comparison), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(tell_rows(comparison)))
    for path in write_proposal(comparison, folder, root) if folder else ():
        click.echo(f"{path}: written", err=True)
    sys.exit(PROBLEMS if any(row.fault for row in comparison.rows) else 0)
