"""The command line: one command a verb; each parses, calls, prints.

Exit codes: 0 clean, 1 problems found, 2 could not run.
"""

import click

from audiokg import __version__
from audiokg.cli import agents, give, graph, link, new, release, report, serve, sources


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Build, check, query and serve the knowledge graph of large audio models."""


for command in (
    graph.build,
    graph.check,
    graph.format_,
    serve.serve,
    serve.publish,
    agents.mcp,
    new.new,
    give.query,
    give.export,
    sources.ingest,
    link.link,
    report.report,
    release.release,
):
    main.add_command(command)
