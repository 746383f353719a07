"""Commands that look at other places: link."""

import sys
from pathlib import Path

import click

from audiokg.cli.frame import PROBLEMS, progress, tell
from audiokg.paths import find_root
from audiokg.snapshot import snapshot_folder


@click.command()
@click.argument("target", type=click.Choice(["wikidata", "dblp"]))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="[default: link/TARGET.ttl beside the snapshot]",
)
@click.option("--service", "services", multiple=True, help="NAME=URL: ask this address instead.")
@click.option("--batch", default=50, show_default=True, help="Keys a question.")
@click.option("--pause", default=1.0, show_default=True, help="Seconds between questions.")
@click.option("--tries", default=5, show_default=True, help="Tries a question.")
@tell
def link(
    target: str,
    output: Path | None,
    services: tuple[str, ...],
    batch: int,
    pause: float,
    tries: int,
) -> None:
    """Ask Wikidata or DBLP for our publications and links; write a proposal to review.

    Reviewed links (data/link/) are never touched. What a service did not answer is asked for when
    the command runs again.
    """
    from audiokg.link.client import Manners
    from audiokg.link.command import propose

    with progress() as show:
        manners = Manners(pause=pause, tries=tries)
        path, lines, is_whole = propose(
            target, snapshot_folder(), find_root(), output, services, manners, batch, show
        )
    for line in lines:
        click.echo(line)
    click.echo(f"{path}: written")
    sys.exit(0 if is_whole else PROBLEMS)
