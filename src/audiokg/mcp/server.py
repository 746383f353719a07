"""The MCP server: the tools, the ontology and the resources as documents, and how to ask."""

from typing import Final

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from mcp_types import ToolAnnotations

from audiokg import __version__
from audiokg.errors import AudioKGError
from audiokg.graph.opened import Graph
from audiokg.mcp.tools import Tools
from audiokg.terms import BASE, PREFIXES

_INSTRUCTIONS: Final = (
    "The knowledge graph of large audio models: speech language models, neural audio codecs, "
    "representation models, datasets, papers, and which document says what. Begin with search for "
    "a name, with list_queries for a question; describe gives facts with their sources. Before "
    "sparql, look at schema. What the graph does not say is unknown, not false. Cite the sources."
)
_READS: Final = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_PROMPT: Final = """Answer this question from the knowledge graph audiokg: {question}

1. search finds the IRIs of the things that are named; describe tells what is known of one.
2. list_queries may have the question already: run_query answers it, with other parameters too.
3. Else write SPARQL: schema lists the classes; of one class, its properties and their values.
   - A configuration of a model (EnCodec 24 kHz) is a model of its own with akg:variantOf.
   - The figures of a model are direct facts (akg:frameRateHz 75.0); akg:hasEvidence says where each
     stands. GRAPH ?g {{ ... }} ?g dcterms:source ?source says from which documents a file was made.
   - What a list or survey states is an akg:Claim or akg:SizeStatement with akg:statedIn; what
     disagrees is an akg:Conflict. A subclass is not inferred: use a/rdfs:subClassOf*.
   - Prefixes: {prefixes}
4. Say which document says so. What the graph does not say is unknown; say that, do not guess."""
_PROMPTED: Final = ("akg", "dcterms", "rdfs", "skos", "model", "dataset", "task")


def make_server(graph: Graph) -> MCPServer:
    """Make the server over an open graph."""
    server = MCPServer(
        "audiokg", version=__version__, instructions=_INSTRUCTIONS, log_level="WARNING"
    )
    tools = Tools(graph)
    for tool in (
        *(tools.search, tools.describe, tools.compare, tools.schema),
        *(tools.list_queries, tools.run_query, tools.sparql),
    ):
        # Text alone: as structured content the same text would be sent twice.
        server.add_tool(tool, annotations=_READS, structured_output=False)
    _add_documents(server, graph)
    server.prompt(name="ask", description="How to answer a question from the graph.")(_prompt)
    return server


def _add_documents(server: MCPServer, graph: Graph) -> None:
    @server.resource(BASE + "ontology", mime_type="text/turtle", title="The ontology of audiokg")
    def ontology() -> str:
        """Give the classes and properties with their definitions, in Turtle."""
        return graph.turtle(BASE + "graph/audiokg")

    @server.resource(BASE + "{segment}/{ident}", mime_type="text/turtle", title="One resource")
    def resource(segment: str, ident: str) -> str:
        """Give what is said of one resource, in Turtle."""
        try:
            return graph.get(f"{BASE}{segment}/{ident}").turtle()
        except AudioKGError as error:
            raise ResourceNotFoundError(str(error)) from error


def _prompt(question: str) -> str:
    prefixes = ", ".join(f"{name}: <{PREFIXES[name]}>" for name in _PROMPTED)
    return _PROMPT.format(question=question, prefixes=prefixes)
