"""Commands that offer the snapshot: serve, publish."""

import os

import click

from audiokg.cli.frame import build_snapshot, progress, tell
from audiokg.snapshot import read_manifest, snapshot_folder

_PORT = click.IntRange(0, 65535)


@click.command()
@click.option("--host", envvar="AUDIOKG_HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="AUDIOKG_PORT", default=8000, show_default=True, type=_PORT)
@click.option("--engine", envvar="AUDIOKG_ENGINE", help="URL of a SPARQL server to ask instead.")
@tell
def serve(host: str, port: int, engine: str | None) -> None:
    """Answer over HTTP; builds the snapshot first where there is none."""
    from audiokg.engine.remote import check_url
    from audiokg.web.server import listen, run_server

    if engine:  # the process that answers reads it from the environment
        os.environ["AUDIOKG_ENGINE"] = check_url(engine)

    if not (snapshot_folder() / "manifest.json").is_file():
        build_snapshot()
    manifest = read_manifest(snapshot_folder())
    with listen(host, port) as listening:
        shown = f"[{host}]" if ":" in host else host
        where = f"http://{shown}:{listening.getsockname()[1]}/"
        click.echo(f"audiokg {manifest.version}: {manifest.facts:,} facts at {where}")
        run_server(listening, host)


@click.command()
@click.argument("store_url", metavar="STORE_URL")
@click.option("--query", "query_url", required=True, metavar="URL", help="Where it answers SPARQL.")
@click.option("--union", is_flag=True, help="Load the union of all graphs as the default graph.")
@click.option("--force", is_flag=True, help="Load the graphs whose count fits already, too.")
@click.option("--user", envvar="AUDIOKG_PUBLISH_USER", help="Name, where one is asked for.")
@click.option("--password", envvar="AUDIOKG_PUBLISH_PASSWORD", help="Better in the environment.")
@tell
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
    with progress() as show:
        done = load(snapshot_folder(), target, show, with_union=union, force=force)
    click.echo(f"{done.loaded} graphs loaded, {done.skipped} were there; every count fits")
    for graph in done.left_over:
        click.echo(f"still there, but no more ours: {graph}")
    if done.extra:
        click.echo(f"the default graph shows {done.extra} triples beyond ours")
