"""SHACL: every resource against the shapes of its class, by pySHACL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib.namespace import SH

from audiokg.canonical import to_rdflib
from audiokg.check.problem import Severity
from audiokg.terms import AKG, RDF_TYPE, RDFS_SUBCLASS_OF, shorten

#: Shapes ask the class of an object, and of the model that one is a variant of what it does.
_ASKED_OF_OTHERS = {
    RDF_TYPE,
    RDFS_SUBCLASS_OF,
    AKG + "variantOf",
    AKG + "inputModality",
    AKG + "supportsTask",
}


@dataclass(frozen=True)
class ShapeResult:
    """One result of a validation; `object` and `path` are empty where no triple offends.

    `shown` is the object as in Turtle.
    """

    subject: str
    path: str
    object: str
    shown: str
    message: str
    severity: Severity


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
    asked = (t for t in context if t.predicate.value in _ASKED_OF_OTHERS)
    data = to_rdflib([*triples, *asked])
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
    yield from _results(report)


def _results(report: rdflib.Graph) -> Iterator[ShapeResult]:
    for result in report.objects(None, SH.result):
        severity = report.value(result, SH.resultSeverity)
        path = report.value(result, SH.resultPath)
        value = report.value(result, SH.value)
        focus = report.value(result, SH.focusNode)
        yield ShapeResult(
            subject=str(focus),
            path=str(path) if isinstance(path, rdflib.URIRef) else "",
            object=str(value) if value is not None else "",
            shown=_show(value) if value is not None and value != focus else "",
            message=str(report.value(result, SH.resultMessage)),
            severity=Severity.ERROR if severity == SH.Violation else Severity.WARNING,
        )


def _show(value: rdflib.term.Node) -> str:
    if isinstance(value, rdflib.URIRef):
        return shorten(str(value))
    return value.n3() if isinstance(value, rdflib.Literal) else ""
