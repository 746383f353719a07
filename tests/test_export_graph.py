"""GraphML and Cytoscape JSON: read back by networkx and by the real Cytoscape.js."""

import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import pytest
from click.testing import CliRunner

from audiokg.cli import main
from audiokg.export.graphs import export_cytoscape, export_graphml
from audiokg.export.material import Material
from small_graph import HOSTILE, ROOT, make_small

ASSETS = ROOT / "src" / "audiokg" / "web" / "assets"
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
#: What the identifiers of GraphML are: https://www.w3.org/TR/xml/#NT-Nmtoken.
NMTOKEN = re.compile(r"[\w.:-]+")
#: How GraphML writes the values of a type.
TYPES = {
    "boolean": re.compile("true|false"),
    "long": re.compile(r"-?\d{1,19}"),
    "double": re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?"),
    "string": re.compile(".*", re.DOTALL),
}
LOAD = """
const cytoscape = require("cytoscape");
const document = JSON.parse(require("fs").readFileSync(0));
const network = cytoscape({ headless: true, elements: document.elements, data: document.data });
const names = network.$id("model:moshika").outgoers("node").map((node) => node.data("name"));
const kinds = network.$id("model:moshika").outgoers("edge").map((it) => it.data("interaction"));
console.log(JSON.stringify({ nodes: network.nodes().length, edges: network.edges().length,
  version: network.data("version"), names, kinds }));
"""
ODD = """
model:odd a akg:NeuralAudioCodec ; rdfs:label {hostile} ;
    akg:streaming {hostile}, "yes" ; akg:isFullDuplex true, false ;
    akg:parameterCount 100000000000000000000 ; akg:frameRateHz 75.0 ;
    akg:bitrateKbps 1.5, 24.0 ; akg:variantOf model:whole ; akg:hopLength 320 .
model:whole a akg:NeuralAudioCodec ; rdfs:label "Whole" ; akg:parameterCount 7 .
model:user a akg:AudioLanguageModel ; rdfs:label "User" ;
    akg:usesTokenizer model:odd ; akg:usesInputTokenizer model:odd ; akg:trainedOn dataset:corpus .
dataset:corpus a akg:Dataset ; rdfs:label "Corpus" .
model:far a akg:AudioLanguageModel ; rdfs:label "Far" ; akg:trainedOn dataset:corpus .
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_small(tmp_path_factory.mktemp("small"), "model/odd", ODD)


@pytest.fixture(scope="module")
def graphml(material: Material) -> bytes:
    return export_graphml(material, [])


@pytest.fixture(scope="module")
def cytoscape(material: Material) -> bytes:
    return export_cytoscape(material, [])


@pytest.fixture(scope="module")
def network(graphml: bytes) -> Any:
    return read_graphml(graphml)


@pytest.fixture(scope="module")
def odd(small: Material) -> Any:
    return read_graphml(export_graphml(small, []))


def read_graphml(content: bytes) -> Any:
    return nx.read_graphml(io.BytesIO(content), force_multigraph=True)


def read_cytoscape(content: bytes) -> Any:
    return nx.cytoscape_graph(json.loads(content))


def load_in_cytoscape(content: bytes) -> dict[str, Any]:
    node = shutil.which("node")
    assert node, "node is missing: see .ci/run"
    done = subprocess.run(
        [node, "-e", LOAD], input=content, capture_output=True, check=False, cwd=ASSETS, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    loaded: dict[str, Any] = json.loads(done.stdout)
    return loaded


def test_both_formats_hold_the_same_network(network: Any, cytoscape: bytes) -> None:
    other = read_cytoscape(cytoscape)
    assert set(network) == set(other)
    assert set(network.edges(keys=True)) == set(other.edges(keys=True))
    assert len(network) > 1000


def test_every_relation_of_the_ontology_between_things_is_an_edge(network: Any) -> None:
    found = {name for *_, name in network.edges(data="property")}
    wanted = {"akg:usesInputTokenizer", "akg:trainedOn", "akg:variantOf", "akg:introducedBy"}
    assert found >= wanted | {"akg:introducedIn", "akg:supportsTask", "akg:usesBackbone"}


def test_an_edge_says_what_relates_and_which_files_say_so(network: Any) -> None:
    [edge] = network.get_edge_data("model:moshika", "model:helium-7b").values()
    assert edge["label"] == "uses backbone"
    assert edge["role"] == "uses component"
    assert "model/moshika" in edge["statedIn"].split()


def test_only_the_most_special_relation_is_an_edge(odd: Any) -> None:
    edges = odd.get_edge_data("model:user", "model:odd").values()
    assert [edge["property"] for edge in edges] == ["akg:usesInputTokenizer"]


def test_attributes_have_one_type_each(network: Any) -> None:
    nodes = network.nodes
    codec = nodes["model:encodec-24-khz"]
    assert (codec["frameRateHz"], codec["parameterCount"]) == (75.0, 14_900_000)
    assert (codec["bitrateKbpsLeast"], codec["bitrateKbpsGreatest"]) == (1.5, 24.0)
    assert nodes["model:moshika"]["isFullDuplex"] is True
    assert codec["kind"] == "neural audio codec"


def test_graphml_keeps_the_rules_of_its_schema(graphml: bytes, small: Material) -> None:
    for content in (graphml, export_graphml(small, [])):
        root = ElementTree.fromstring(content)  # noqa: S314
        keys = {key.get("id"): str(key.get("attr.type")) for key in root.iter(f"{GRAPHML}key")}
        for data in root.iter(f"{GRAPHML}data"):
            assert TYPES[keys[data.get("key")]].fullmatch(data.text or ""), data.text
        for kind in ("node", "edge"):
            names = [str(element.get("id")) for element in root.iter(GRAPHML + kind)]
            assert len(names) == len(set(names))
            assert all(NMTOKEN.fullmatch(name) for name in names)


def test_a_whole_number_beyond_64_bits_makes_its_column_decimal(odd: Any) -> None:
    assert odd.nodes["model:odd"]["parameterCount"] == 1e20
    assert isinstance(odd.nodes["model:whole"]["parameterCount"], float)


def test_a_truth_value_that_is_both_is_left_out(odd: Any) -> None:
    assert "isFullDuplex" not in odd.nodes["model:odd"]


def test_hostile_labels_come_back_but_for_what_xml_cannot_hold(odd: Any, small: Material) -> None:
    assert odd.nodes["model:odd"]["label"] == HOSTILE.replace("\x07", "\ufffd")
    assert odd.nodes["model:odd"]["streaming"].endswith(" | yes")
    content = export_cytoscape(small, [])
    assert read_cytoscape(content).nodes["model:odd"]["label"] == HOSTILE


def test_cytoscape_loads_the_network(network: Any, cytoscape: bytes, material: Material) -> None:
    loaded = load_in_cytoscape(cytoscape)
    assert (loaded["nodes"], loaded["edges"]) == (len(network), network.number_of_edges())
    assert loaded["version"] == material.manifest.version
    assert "Helium 7B" in loaded["names"]
    assert "uses backbone" in loaded["kinds"]


def test_a_name_gives_what_lies_around_it_and_its_configurations(small: Material) -> None:
    network = read_graphml(export_graphml(small, [small.find("whole")]))
    assert set(network) == {"model:whole", "model:odd", "model:user"}


def test_what_is_no_node_is_refused(exporter: CliRunner) -> None:
    result = exporter.invoke(main, ["export", "graphml", "licence/mit"])
    assert result.exit_code == 2
    assert "licence/mit is no node of the network" in result.output


def test_the_same_snapshot_gives_the_same_bytes(
    graphml: bytes, cytoscape: bytes, again: Material
) -> None:
    assert export_graphml(again, []) == graphml
    assert export_cytoscape(again, []) == cytoscape


def test_nquads_is_the_snapshot(snapshot: Path, exporter: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "all.nq"
    assert exporter.invoke(main, ["export", "nquads", "--output", str(path)]).exit_code == 0
    assert path.read_bytes() == (snapshot / "snapshot.nq").read_bytes()
