"""Commands that give what the snapshot holds: query, export."""

import sys
from pathlib import Path

import click

from audiokg.cli.frame import tell
from audiokg.errors import InputError
from audiokg.export.formats import EXPORTS, write_files
from audiokg.export.formats import export as write_export
from audiokg.export.material import Material
from audiokg.paths import find_root
from audiokg.snapshot import snapshot_folder

_ANYWHERE = click.Path(path_type=Path)


@click.command()
@click.argument("source")
@click.option("--format", "form", help="json, xml, csv, tsv; ttl, nt, nq, trig, rdf, jsonld.")
@click.option("--param", "params", multiple=True, help="name=term, the term as in Turtle.")
@click.option("--as-of", metavar="VERSION", help="Ask a release, in $AUDIOKG_RELEASES.")
@tell
def query(source: str, form: str | None, params: tuple[str, ...], as_of: str | None) -> None:
    """Ask the snapshot: a file, the name of an example query, or - for standard input.

    Prints a table on a terminal, CSV or Turtle into a pipe.
    """
    from audiokg.asking import ask, show_table
    from audiokg.release.found import open_snapshot

    with open_snapshot(as_of) as folder:
        answer = ask(source, form, params, find_root(), folder)
    if answer.is_rows and form is None and sys.stdout.isatty():
        show_table(answer)
    else:
        sys.stdout.buffer.write(answer.body)


@click.command(epilog="Formats: " + "; ".join(f"{k}: {v.what}" for k, v in EXPORTS.items()) + ".")
@click.argument("form", metavar="FORMAT", type=click.Choice([*EXPORTS]))
@click.argument("names", metavar="[RESOURCE]...", nargs=-1)
@click.option("--output", type=_ANYWHERE, help="A file, or a folder for several. Default: stdout.")
@tell
def export(form: str, names: tuple[str, ...], output: Path | None) -> None:
    """Export the graph, or some of its resources, in a format."""
    files = write_export(form, names, Material(snapshot_folder(), find_root()))
    if output is not None:
        for path in write_files(files, output):
            click.echo(f"{path}: written", err=True)
    elif isinstance(files, bytes):
        sys.stdout.buffer.write(files)
    else:
        raise InputError(f"{form} is {len(files)} files; name a folder with --output")
