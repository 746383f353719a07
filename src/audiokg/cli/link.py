"""Commands that look at other places: link wikidata, link dblp, link check."""

import sys
from pathlib import Path

import click

from audiokg.cli.frame import PATH, PROBLEMS, progress, tell
from audiokg.paths import find_root
from audiokg.snapshot import snapshot_folder

_OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.group()
def link() -> None:
    """Ask Wikidata or DBLP for links, or look whether links still lead somewhere.

    Reviewed links (data/link/) are never touched.
    """


def _make_proposer(target: str, name: str) -> click.Command:
    """Make the command that asks one target."""

    @click.command(target, help=f"Ask {name} for our publications and links; write a proposal.")
    @click.option("--output", type=_OUTPUT, help=f"[default: link/{target}.ttl by the snapshot]")
    @click.option("--service", "services", multiple=True, help="NAME=URL: ask there instead.")
    @click.option("--batch", default=50, show_default=True, help="Keys a question.")
    @click.option("--pause", default=1.0, show_default=True, help="Seconds between questions.")
    @click.option("--tries", default=5, show_default=True, help="Tries a question.")
    @tell
    def propose_links(
        output: Path | None, services: tuple[str, ...], batch: int, pause: float, tries: int
    ) -> None:
        from audiokg.link.command import propose
        from audiokg.link.manners import Manners

        with progress() as show:
            manners = Manners(pause=pause, tries=tries)
            path, lines, is_whole = propose(
                target, snapshot_folder(), find_root(), output, services, manners, batch, show
            )
        for line in lines:
            click.echo(line)
        click.echo(f"{path}: written")
        sys.exit(0 if is_whole else PROBLEMS)

    return propose_links


link.add_command(_make_proposer("wikidata", "Wikidata"))
link.add_command(_make_proposer("dblp", "DBLP"))


@link.command()
@click.argument("paths", nargs=-1, type=PATH)
@click.option("--output", type=_OUTPUT, help="[default: link/health.json by the snapshot]")
@click.option("--pause", default=1.0, show_default=True, help="Seconds between links of a host.")
@click.option("--tries", default=3, show_default=True, help="Tries a link.")
@click.option("--most", default=200, show_default=True, help="Links a host in one run.")
@click.option("--local", is_flag=True, help="Visit addresses of private nets, too.")
@tell
def check(
    paths: tuple[Path, ...],
    output: Path | None,
    pause: float,
    tries: int,
    most: int,
    local: bool,
) -> None:
    """Visit the links that lead out of the graph, or of some files; say which are broken or moved.

    A site that is down is no error: the exit code is 0. What one run leaves, the next begins with.
    """
    from datetime import UTC, datetime

    from audiokg.engine.federation import is_public
    from audiokg.link.checkup import check_links, summarise
    from audiokg.link.health import health_file
    from audiokg.link.manners import Manners
    from audiokg.link.rounds import Round

    file = output or health_file()
    day = datetime.now(UTC).date().isoformat()
    manners = Manners(pause=pause, timeout=20.0, tries=tries)
    with progress() as show:
        fits = (lambda address: True) if local else is_public
        done = check_links(find_root(), paths, file, Round(manners, most, day, fits, show=show))
    for line in summarise(done):
        click.echo(line)
    click.echo(f"{file}: written")
