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
    for shape in SHAPES.subjects(RDF.type, SH.NodeShape):
        target = SHAPES.value(shape, SH.targetClass)
        assert isinstance(target, rdflib.URIRef)
        name = str(shape).rsplit("/", 1)[-1]
        for property_shape in SHAPES.objects(shape, SH.property):
            path = SHAPES.value(property_shape, SH.path)
            assert isinstance(path, rdflib.URIRef)
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
    for shape in SHAPES.subjects(RDF.type, SH.NodeShape):
        assert SHAPES.value(shape, SH.closed), shape
        assert SHAPES.value(shape, SH.message), shape
        for property_shape in SHAPES.objects(shape, SH.property):
            assert SHAPES.value(property_shape, SH.message), (shape, property_shape)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.node).removeprefix(BAD))
def test_constraint_is_enforced(case: Case, results: set[tuple[str, ...]]) -> None:
    found = (str(case.node), str(case.path), str(case.component), case.message)
    assert found in results
