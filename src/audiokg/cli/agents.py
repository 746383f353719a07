"""The command for agents: mcp."""

import click

from audiokg.cli.frame import tell


@click.command()
@click.option("--engine", envvar="AUDIOKG_ENGINE", help="URL of a SPARQL server to ask instead.")
@click.option("--timeout", default=10.0, show_default=True, help="Seconds that a query may take.")
@tell
def mcp(engine: str | None, timeout: float) -> None:
    """Answer agents over the Model Context Protocol, on standard input and output.

    Builds the snapshot first where an installed package has none.
    """
    from audiokg.engine.protocol import Limits
    from audiokg.graph.opened import open_graph
    from audiokg.mcp.server import make_server

    with open_graph(engine=engine, limits=Limits(timeout=timeout)) as graph:
        make_server(graph).run("stdio")
