"""Commands that tell curators what there is to do: report."""

import sys
from pathlib import Path

import click

from audiokg.cli.frame import progress, tell
from audiokg.errors import InputError
from audiokg.paths import find_root
from audiokg.snapshot import snapshot_folder

_WORDS = ("missing", "conflicts", "identity", "links", "next")
_CHECK = "check"


@click.command()
@click.argument("what", type=click.Choice([*_WORDS, _CHECK]), required=False)
@click.option("--format", "form", type=click.Choice(["md", "json", "csv"]), default="md")
@click.option("--output", type=click.Path(path_type=Path), help="A folder; a file for each report.")
@tell
def report(what: str | None, form: str, output: Path | None) -> None:
    """Report what is missing, disputed, suspect or broken, and what to do next.

    All reports into a folder, or one of them. “check” turns what “audiokg check --format json”
    prints, from standard input, into Markdown.
    """
    from audiokg.files import write_text

    if what == _CHECK:
        texts = {_CHECK: _summarise_check(form)}
    elif what is None and output is None:
        raise InputError(f"name one of {', '.join(_WORDS)}, or a folder with --output for all")
    else:
        texts = _write_reports((what,) if what else _WORDS, form)
    for name, text in texts.items():
        if output is None:
            click.echo(text, nl=False)
        else:
            write_text(output / f"{name}.{form}", text)
            click.echo(f"{output / f'{name}.{form}'}: written", err=True)


def _summarise_check(form: str) -> str:
    from audiokg.curation.summary import read_problems, write_summary

    if form != "md":
        raise InputError("report check writes Markdown only; “audiokg check” writes the JSON")
    return write_summary(read_problems(sys.stdin.read()))


def _write_reports(names: tuple[str, ...], form: str) -> dict[str, str]:
    from audiokg.engine.local import LocalEngine
    from audiokg.queries import read_library
    from audiokg.web.curation.desk import Desk
    from audiokg.web.curation.reports import REPORTS

    root = find_root()
    engine = LocalEngine(snapshot_folder(), workers=1)
    try:
        desk = Desk.of(engine, read_library("page", root), read_library("example", root))
        texts = {}
        with progress() as show:
            for name in names:
                show(name)
                texts[name] = REPORTS[name](desk).write(form)
        return texts
    finally:
        engine.close()
