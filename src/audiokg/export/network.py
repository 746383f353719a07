"""The graph as a network: things with typed attributes, and typed relations between them.

What is a thing, a relation and an attribute comes from the ontology (queries/export/graph-*.rq).
Where a more special property holds between the same two things, only that one is an edge.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeAlias

import networkx as nx
import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.export.attributes import read_attributes
from audiokg.export.material import Material
from audiokg.export.relations import FAMILY, Relation, read_relations
from audiokg.terms import BASE, Term, shorten

Network: TypeAlias = "nx.MultiDiGraph[str]"


def make_network(material: Material, names: Sequence[ox.NamedNode]) -> Network:
    """Make the whole network, or what lies around some things; the same snapshot, the same order.

    Raises InputError for a name that is no thing of the network.
    """
    network: Network = nx.MultiDiGraph()
    network.graph.update(_about(material))
    things = _read_things(material)
    attributes = read_attributes(material, things)
    for iri in sorted(things):
        network.add_node(shorten(iri), **things[iri], **attributes.get(iri, {}))
    for relation in read_relations(material, things):
        _add_edge(network, relation)
    return _around(network, [_node(network, name) for name in names]) if names else network


def _about(material: Material) -> dict[str, str]:
    manifest = material.manifest
    return {"name": "audiokg", "version": manifest.version, "modified": manifest.modified}


def _read_things(material: Material) -> dict[str, dict[str, str]]:
    """Read each thing with its label, its segment and its most special classes."""
    kinds: dict[str, dict[str, int]] = defaultdict(dict)
    things: dict[str, dict[str, str]] = {}
    for row in sorted(material.rows("graph-things"), key=_key):
        iri = row["thing"].value
        segment = row["segment"].value
        things.setdefault(iri, {"label": row["label"].value, "iri": iri, "segment": segment})
        kind = row["kindLabel"].value if "kindLabel" in row else segment
        kinds[iri][kind] = int(row["depth"].value)
    for iri, depths in kinds.items():
        special = sorted(depths, key=lambda kind: (-depths[kind], kind))
        things[iri] |= {"kind": special[0], "kinds": " | ".join(special)}
    return things


def _key(row: Mapping[str, Term]) -> tuple[str, ...]:
    return tuple(row[name].value for name in ("thing", "label", "segment"))


def _add_edge(network: Network, relation: Relation) -> None:
    source, name, target = (shorten(iri) for iri in relation.triple)
    network.add_edge(
        source,
        target,
        key=".".join((source, name, target)),
        label=relation.label,
        property=name,
        role=relation.role,
        statedIn=" ".join(relation.graphs),
    )


def _node(network: Network, name: ox.NamedNode) -> str:
    node = shorten(name.value)
    if node not in network:
        path = name.value.removeprefix(BASE)
        kinds = sorted({str(kind) for _, kind in network.nodes(data="segment")})
        raise InputError(f"{path} is no node of the network, whose nodes are: {', '.join(kinds)}")
    return node


def _around(network: Network, nodes: Iterable[str]) -> Network:
    """Keep what is one relation away; configurations, versions and parts count as the thing."""
    family: Network = nx.MultiDiGraph()
    family.add_nodes_from(network)
    family.add_edges_from(_family_edges(network))
    members = list(chain.from_iterable((node, *nx.ancestors(family, node)) for node in nodes))
    near = {*members, *chain.from_iterable(nx.all_neighbors(network, it) for it in members)}
    network.remove_nodes_from(set(network) - near)
    return network


def _family_edges(network: Network) -> Iterator[tuple[str, str]]:
    for source, target, data in network.edges(data=True):
        if data["property"] in FAMILY:
            yield source, target
