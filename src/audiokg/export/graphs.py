"""The network in the formats of Gephi and of Cytoscape, written by networkx.

GraphML: http://graphml.graphdrawing.org/specification.html, whose identifiers are NMTOKENs: a node
is its prefixed name, an edge its triple. Cytoscape JSON is what Cytoscape.js takes as `elements`,
and what Cytoscape itself opens: `name` and `interaction` are its words for label and relation.
"""

import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import networkx as nx
import pyoxigraph as ox
from networkx.readwrite.graphml import GraphMLWriter

from audiokg.export.material import Material
from audiokg.export.network import Network, make_network

#: What XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets), and the carriage return, which
#: its readers turn into a line feed.
_NO_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def export_graphml(material: Material, names: Sequence[ox.NamedNode]) -> bytes:
    """Write the network, or what lies around some things, as GraphML. Raises InputError."""
    network = make_network(material, names)
    for data in _attributes(network):
        data.update({key: _for_xml(value) for key, value in data.items()})
    writer = GraphMLWriter(graph=network, encoding="utf-8", prettyprint=True)
    _write_truth_values(writer)
    stream = io.BytesIO()
    writer.dump(stream)
    return stream.getvalue()


def export_cytoscape(material: Material, names: Sequence[ox.NamedNode]) -> bytes:
    """Write the network, or what lies around some things, as Cytoscape JSON. Raises InputError."""
    network = make_network(material, names)
    document = nx.cytoscape_data(network, name="label")
    document["data"] = dict(document["data"])
    for edge in document["elements"]["edges"]:
        data = edge["data"]
        data |= {"id": data["key"], "name": data["label"], "interaction": data["label"]}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _attributes(network: Network) -> list[dict[str, Any]]:
    nodes = (data for _, data in network.nodes(data=True))
    edges = (data for _, _, data in network.edges(data=True))
    return [network.graph, *nodes, *edges]


def _for_xml(value: object) -> object:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else value


def _write_truth_values(writer: GraphMLWriter) -> None:
    """Write truth values as XML has them; networkx writes them as Python."""
    root = writer.xml
    types: Mapping[str, str] = {key.get("id"): key.get("attr.type") for key in root.iter("key")}
    for data in root.iter("data"):
        if types[data.get("key")] == "boolean":
            data.text = data.text.lower()
