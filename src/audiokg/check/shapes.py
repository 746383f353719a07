"""SHACL: every resource against the shapes of its class, by pySHACL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib.namespace import SH

from audiokg.canonical import to_rdflib
from audiokg.check.lexical import show
from audiokg.check.problem import Severity
from audiokg.terms import AKG, RDFS_SUBCLASS_OF, shorten

#: Shapes ask the class of an object, and of the model that one is a variant of what it does.
ASKED_OF_OTHERS = {
    RDFS_SUBCLASS_OF,
    AKG + "variantOf",
    AKG + "inputModality",
    AKG + "supportsTask",
}
#: Component of SHACL -> the parameter that says what a value should be.
_WANTED: dict[rdflib.term.Node | None, rdflib.URIRef] = {
    SH.ClassConstraintComponent: SH["class"],
    SH.DatatypeConstraintComponent: SH.datatype,
}


@dataclass(frozen=True)
class ShapeResult:
    """One result of a validation; `object` and `path` are empty where no triple offends.

    `shown` is the object as in Turtle; `wanted` the class or datatype that it should have; `known`
    the properties that there are, where the path is none of them.
    """

    subject: str
    path: str
    object: str
    shown: str
    message: str
    severity: Severity
    wanted: str = ""
    known: frozenset[str] = frozenset()


def read_shapes(root: Path) -> rdflib.Graph:
    """Read all shapes."""
    graph = rdflib.Graph()
    for path in sorted((root / "shapes").glob("*.ttl")):
        graph.parse(path)
    return graph


def check_shapes(
    triples: Sequence[ox.Triple], context: Sequence[ox.Triple], shapes: rdflib.Graph
) -> Iterator[ShapeResult]:
    """Validate what `triples` say of their subjects; `context` tells of the rest what shapes ask.

    Without a context, `triples` are the whole graph.
    """
    data = to_rdflib([*triples, *context])
    named = {t.subject.value for t in triples if isinstance(t.subject, ox.NamedNode)}
    subjects: list[str | rdflib.URIRef] = [rdflib.URIRef(iri) for iri in sorted(named)]
    _, report, _ = pyshacl.validate(
        data,
        shacl_graph=shapes,
        # pySHACL compares every focus node with every target: only for a few of them.
        focus_nodes=subjects if context else None,
        inplace=True,
        allow_infos=True,
    )
    yield from _results(report, shapes)


def _results(report: rdflib.Graph, shapes: rdflib.Graph) -> Iterator[ShapeResult]:
    for result in report.objects(None, SH.result):
        severity = report.value(result, SH.resultSeverity)
        path = report.value(result, SH.resultPath)
        value = report.value(result, SH.value)
        focus = report.value(result, SH.focusNode)
        shape = report.value(result, SH.sourceShape)
        component = report.value(result, SH.sourceConstraintComponent)
        yield ShapeResult(
            subject=str(focus),
            path=str(path) if isinstance(path, rdflib.URIRef) else "",
            object=str(value) if value is not None else "",
            shown=_show(value) if value is not None and value != focus else "",
            message=str(report.value(result, SH.resultMessage)),
            severity=Severity.ERROR if severity == SH.Violation else Severity.WARNING,
            wanted=str(shapes.value(shape, _WANTED[component])) if component in _WANTED else "",
            known=_paths(shapes, shape if component == SH.ClosedConstraintComponent else None),
        )


def _paths(shapes: rdflib.Graph, shape: rdflib.term.Node | None) -> frozenset[str]:
    if shape is None:
        return frozenset()
    paths = (shapes.value(one, SH.path) for one in shapes.objects(shape, SH.property))
    return frozenset(str(path) for path in paths if isinstance(path, rdflib.URIRef))


def _show(value: rdflib.term.Node) -> str:
    if isinstance(value, rdflib.URIRef):
        return shorten(str(value))
    if isinstance(value, rdflib.Literal):
        datatype = ox.NamedNode(str(value.datatype)) if value.datatype else None
        return show(ox.Literal(str(value), language=value.language, datatype=datatype))
    return ""
