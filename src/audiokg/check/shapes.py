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
from audiokg.terms import RDF_TYPE, RDFS_SUBCLASS_OF, shorten


@dataclass(frozen=True)
class ShapeResult:
    """One result of a validation, with the term of the offending triple where there is one."""

    subject: str
    path: str
    value: str
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
    """Validate what `triples` say of their subjects; `context` tells the classes of the rest.

    Without a context, `triples` are the whole graph.
    """
    classes = (t for t in context if t.predicate.value in (RDF_TYPE, RDFS_SUBCLASS_OF))
    data = to_rdflib([*triples, *classes])
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
        yield ShapeResult(
            subject=str(report.value(result, SH.focusNode)),
            path=str(path) if path else "",
            value=_show(value) if value is not None else "",
            message=str(report.value(result, SH.resultMessage)),
            severity=Severity.ERROR if severity == SH.Violation else Severity.WARNING,
        )


def _show(value: rdflib.term.Node) -> str:
    if isinstance(value, rdflib.URIRef):
        return shorten(str(value))
    return value.n3() if isinstance(value, rdflib.Literal) else ""
