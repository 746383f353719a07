"""Commands that make releases: release."""

from datetime import UTC, datetime
from pathlib import Path

import click

from audiokg.cli.frame import progress, tell
from audiokg.errors import InputError
from audiokg.paths import find_root
from audiokg.release.found import RELEASES

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("version")
@click.option("--previous", metavar="FOLDER|VERSION", help="The release before, to compare with.")
@click.option(
    "--output",
    type=_FOLDER,
    envvar="AUDIOKG_RELEASES",
    default=Path(RELEASES),
    show_default=True,
    help="Where releases are; this one gets a folder named after its version.",
)
@click.option("--prepare", is_flag=True, help="Write the version into the files that state it.")
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    help="With --prepare: the day of publication, else today.",
)
@tell
def release(
    version: str, previous: str | None, output: Path, prepare: bool, date: datetime | None
) -> None:
    """Make a release: dumps, checksums, metadata, and what changed since the one before.

    The same checkout gives the same bytes. First --prepare, then commit, then again without it.
    """
    from audiokg.release.run import find_previous, prepare_files
    from audiokg.release.run import release as make
    from audiokg.release.versions import read_version

    root, wanted = find_root(), read_version(version)
    if prepare:
        day = (date or datetime.now(UTC)).date().isoformat()
        for line in prepare_files(root, wanted, previous, output, day):
            click.echo(line)
        return
    if date:
        raise InputError("--date goes with --prepare; a release has the day that it was given then")
    with progress() as show:
        made = make(root, wanted, output, find_previous(root, previous, output), show)
    click.echo(f"{made.folder}: {len(made.files)} files; {made.changelog.summary}")
