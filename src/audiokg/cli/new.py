"""The command that adds: new."""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audiokg.cli.frame import FILE, near, tell
from audiokg.errors import InputError
from audiokg.new.fields import FIELDS
from audiokg.paths import find_root

if TYPE_CHECKING:
    from audiokg.new.draft import Desk
    from audiokg.new.request import Request

_ANYWAY = click.option("--anyway", is_flag=True, help="Write it though something like it is there.")


@click.group()
def new() -> None:
    """Add a resource: write its file with what you know, and the file of its paper.

    Leave out what you do not know; at a terminal you are asked for it. A value is a name or an id,
    and is looked up. `audiokg check FILE` says what is still missing.
    """


def _make_adder(kind: str) -> click.Command:
    """Make the command that adds one kind of resource."""
    words = ", ".join([*(field.word for field in FIELDS[kind]), "title", "source"])

    @click.command(kind, help=f"Write data/{kind}/ID.ttl, and the file of its paper.")
    @click.argument("id_", metavar="ID")
    @click.option("--label", default="", help="Its name, as its makers spell it; a paper's title.")
    @click.option("--arxiv", default="", help="arXiv id of the paper that introduces it.")
    @click.option("--kind", "classes", multiple=True, help="What it is: codec, akg:Vocoder, …")
    @click.option("--set", "settings", multiple=True, help=f"FIELD=VALUE; fields: {words}.")
    @_ANYWAY
    @tell
    def add(
        id_: str,
        label: str,
        arxiv: str,
        classes: tuple[str, ...],
        settings: tuple[str, ...],
        anyway: bool,
    ) -> None:
        from audiokg.new.draft import Desk
        from audiokg.new.request import Request, with_settings

        desk = Desk(find_root(), _today())
        request = Request(kind, id_, label, arxiv=arxiv, classes=classes)
        request = with_settings(request, map(_split, settings))
        _write(desk, _complete(request, desk) if _is_terminal() else request, anyway)

    return add


for _kind in FIELDS:
    new.add_command(_make_adder(_kind))


@new.command()
@click.argument("file", type=FILE)
@_ANYWAY
@tell
def form(file: Path, anyway: bool) -> None:
    """Add what the text of a filled issue form asks for."""
    from audiokg.new.draft import Desk

    _write(Desk(find_root(), _today()), _read_form(file), anyway)


def _write(desk: "Desk", request: "Request", anyway: bool) -> None:
    from audiokg.stub import write_stubs

    draft = desk.draft(request)
    if draft.doubts and not anyway:
        doubts = "\n".join(draft.doubts)
        raise InputError(f"{doubts}\nno file was written; if it is another one, add --anyway")
    paths = [near(path) for path in write_stubs(draft.stubs, desk.root)]
    for path in paths:
        click.echo(f"{path}: written")
    click.echo(f"next: audiokg check {' '.join(paths)}", err=True)


def _read_form(file: Path) -> "Request":
    from audiokg.new.form import read_form

    try:
        filled = read_form(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: this is not UTF-8 text") from error
    if filled.orcid:
        click.echo(f"end the commit message with: Data-by: {filled.orcid}", err=True)
    if filled.notes:
        click.echo(f"not in the file: {filled.notes}", err=True)
    return filled.request


def _complete(request: "Request", desk: "Desk") -> "Request":
    from audiokg.new.interview import complete

    click.echo("Leave empty what you do not know.", err=True)
    return complete(request, desk, _ask)


def _ask(question: str, check: Callable[[str], object]) -> str:
    def read(answer: str) -> str:
        try:
            check(answer) if answer else None
        except InputError as error:
            raise click.UsageError(str(error)) from error
        return answer

    answer: str = click.prompt(question, default="", show_default=False, value_proc=read, err=True)
    return answer


def _split(setting: str) -> tuple[str, str]:
    word, sign, value = setting.partition("=")
    if not sign or not value.strip():
        raise InputError(f"--set {setting}: expected FIELD=VALUE, as in --set task=text-to-speech")
    return word.strip(), value


def _today() -> str:
    """Give the day; $SOURCE_DATE_EPOCH fixes it (https://reproducible-builds.org/specs/)."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    if fixed and not fixed.isdecimal():
        raise InputError(f"$SOURCE_DATE_EPOCH: expected seconds since 1970, found “{fixed}”")
    now = datetime.fromtimestamp(int(fixed), UTC) if fixed else datetime.now(UTC)
    return now.date().isoformat()


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
