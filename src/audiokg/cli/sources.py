"""Commands that read sources: ingest."""

from pathlib import Path

import click

from audiokg.cli.frame import FILE, tell
from audiokg.paths import find_root


@click.command()
@click.argument("source")
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="The text is another one than before, on purpose.")
@tell
def ingest(source: str, file: Path, replace: bool) -> None:
    """Turn the text of a source into data/source/SOURCE.ttl."""
    from audiokg.ingest.sources import ingest as read_source
    from audiokg.ingest.sources import write

    data = find_root() / "data"
    path, changed = write(source, read_source(source, file, data), data, file, replace)
    click.echo(f"{path}: {'written' if changed else 'unchanged'}")
