"""SHACL: every resource against the shapes of its class, by pySHACL."""

from collections.abc import Iterable, Iterator
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
    triples: Iterable[ox.Triple], context: Iterable[ox.Triple], shapes: rdflib.Graph
) -> Iterator[ShapeResult]:
    """Validate what `triples` say of their subjects; `context` tells the classes of the rest."""
    own = list(triples)
    data = to_rdflib(own)
    for triple in context:
        if triple.predicate.value in (RDF_TYPE, RDFS_SUBCLASS_OF):
            for part in to_rdflib([triple]):
                data.add(part)
    subjects = sorted({rdflib.URIRef(t.subject.value) for t in own})
    _, report, _ = pyshacl.validate(
        data, shacl_graph=shapes, focus_nodes=subjects, inplace=True, allow_infos=True
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
