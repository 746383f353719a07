"""Every constraint of every shape: a node that breaks it gets its message.

For each property shape and each constraint of it, one node is made that breaks just that; all nodes
are validated in one run, and each must be reported for that path, by that component, with the
message of the shape.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyshacl
import pytest
import rdflib
from rdflib.namespace import RDF, SH, XSD

from audiokg.check.shapes import read_shapes
from conftest import ROOT

BAD = rdflib.Namespace("https://example.org/bad/")
SHAPES = read_shapes(ROOT)


@dataclass(frozen=True)
class Case:
    """A constraint of a shape, and values of its path that break it."""

    shape: str
    target: rdflib.URIRef
    path: rdflib.URIRef
    component: rdflib.URIRef
    message: str
    values: tuple[rdflib.term.Node, ...]

    @property
    def node(self) -> rdflib.URIRef:
        name = "-".join(part.split("/")[-1].split("#")[-1] for part in (self.path, self.component))
        return BAD[f"{self.shape}-{name}"]


def breaking_values(constraint: rdflib.URIRef) -> tuple[rdflib.term.Node, ...] | None:
    """Values that break a constraint, whatever its own parameter is; None for no constraint."""
    nothing = BAD["nothing"]
    return {
        SH.minCount: (),
        SH.maxCount: (rdflib.Literal("one"), rdflib.Literal("two")),
        SH.datatype: (rdflib.Literal("x", datatype=XSD.hexBinary),),
        SH.nodeKind: (rdflib.BNode(),),
        SH["class"]: (nothing,),
        SH["in"]: (rdflib.Literal("none of these"),),
        SH.pattern: (rdflib.Literal(" ###"),),
        SH.languageIn: (rdflib.Literal("x", lang="tlh"),),
        SH.minInclusive: (rdflib.Literal(-1),),
        SH.minExclusive: (rdflib.Literal(-1),),
        SH.hasValue: (nothing,),
        SH.equals: (nothing,),
    }.get(constraint)


def component(constraint: rdflib.URIRef) -> rdflib.URIRef:
    name = constraint.removeprefix(str(SH))
    return SH[f"{name[0].upper()}{name[1:]}ConstraintComponent"]


def cases() -> Iterator[Case]:
    for shape, target in SHAPES.subject_objects(SH.targetClass):
        assert isinstance(target, rdflib.URIRef)
        name = str(shape).rsplit("/", 1)[-1]
        for property_shape in SHAPES.objects(shape, SH.property):
            path = SHAPES.value(property_shape, SH.path)
            if not isinstance(path, rdflib.URIRef):
                continue  # a path of several steps: see the tests of variants below
            message = str(SHAPES.value(property_shape, SH.message))
            for constraint in SHAPES.predicates(property_shape):
                assert isinstance(constraint, rdflib.URIRef)
                values = breaking_values(constraint)
                if values is not None:
                    yield Case(name, target, path, component(constraint), message, values)
        closed = str(SHAPES.value(shape, SH.message))
        extra = (rdflib.Literal("x"),)
        yield Case(name, target, BAD["p"], SH.ClosedConstraintComponent, closed, extra)


CASES = sorted(cases(), key=lambda case: case.node)


@pytest.fixture(scope="module")
def results() -> set[tuple[str, ...]]:
    data = rdflib.Graph()
    for case in CASES:
        data.add((case.node, RDF.type, case.target))
        for value in case.values:
            data.add((case.node, case.path, value))
    _, report, _ = pyshacl.validate(data, shacl_graph=SHAPES, inplace=True)
    keys = (SH.focusNode, SH.resultPath, SH.sourceConstraintComponent, SH.resultMessage)
    return {
        tuple(str(report.value(result, key)) for key in keys)
        for result in report.objects(None, SH.result)
    }


def test_every_constraint_has_a_case() -> None:
    known = {SH.path, SH.message, SH.severity, RDF.type}
    used = {
        constraint
        for property_shape in SHAPES.objects(None, SH.property)
        if SHAPES.value(property_shape, SH.message)
        for constraint in SHAPES.predicates(property_shape)
    }
    assert {c for c in used - known if breaking_values(rdflib.URIRef(str(c))) is None} == set()
    assert len(CASES) > 300


def test_every_shape_is_closed_and_every_constraint_has_a_message() -> None:
    for shape in SHAPES.subjects(SH.targetClass, None):
        assert SHAPES.value(shape, SH.closed), shape
        assert SHAPES.value(shape, SH.message), shape
        for property_shape in SHAPES.objects(shape, SH.property):
            assert SHAPES.value(property_shape, SH.message), (shape, property_shape)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.node).removeprefix(BAD))
def test_constraint_is_enforced(case: Case, results: set[tuple[str, ...]]) -> None:
    found = (str(case.node), str(case.path), str(case.component), case.message)
    assert found in results


def validate(turtle: str) -> list[tuple[str, str]]:
    """Give focus node and message of each result."""
    data = rdflib.Graph().parse(data=PREFIXES + turtle)
    _, report, _ = pyshacl.validate(data, shacl_graph=SHAPES, inplace=True, allow_infos=True)
    return [
        (str(report.value(result, SH.focusNode)), str(report.value(result, SH.resultMessage)))
        for result in report.objects(None, SH.result)
    ]


PREFIXES = """@prefix akg: <https://w3id.org/audiokg/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix x: <https://example.org/bad/> .
"""
FAMILY = (
    'x:family a akg:Model ; rdfs:label "Family" ; akg:inputModality x:m ; akg:supportsTask x:t .'
)


def test_a_variant_need_not_say_what_its_family_says() -> None:
    variant = 'x:variant a akg:Model ; rdfs:label "Variant" ; akg:variantOf x:family .'
    told = {message for node, message in validate(FAMILY + variant) if node == str(BAD["variant"])}
    assert told == set()
    alone = 'x:variant a akg:Model ; rdfs:label "Variant" .'
    asked = {message for node, message in validate(alone) if node == str(BAD["variant"])}
    assert len(asked) == 2
    assert all("here or at the model that this is a variant of" in message for message in asked)


@pytest.mark.parametrize(("stated", "adds_up"), [("6.0", True), ("6.11", True), ("6.2", False)])
def test_a_bitrate_may_differ_by_two_percent(stated: str, adds_up: bool) -> None:
    turtle = f"x:m akg:bitrateKbps {stated} ; akg:computedBitrateKbps 6.0 ."
    messages = [message for _, message in validate(turtle)]
    said = f"{stated} kbit/s are stated, but the token streams add up to 6.0 kbit/s"
    assert [message.startswith(said) for message in messages] == ([] if adds_up else [True])
