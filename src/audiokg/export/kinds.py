"""The kinds of things that have a table of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.export.material import Material
from audiokg.terms import expand


@dataclass(frozen=True)
class Kind:
    """A kind: its class, what it is, and of a part the property by which its owner has it."""

    iri: str
    what: str
    owner: str = ""


def _kind(name: str, what: str, owner: str = "") -> Kind:
    return Kind(expand(name), what, expand(owner) if owner else "")


KINDS: Final[Mapping[str, Kind]] = {
    "model": _kind("akg:Model", "models, codecs and tokenizers, with their configurations"),
    "dataset": _kind("akg:Dataset", "datasets and their subsets"),
    "publication": _kind("akg:Publication", "papers, reports and the surveys that are sources"),
    "curated-list": _kind("akg:CuratedList", "the lists that are sources"),
    "organisation": _kind("foaf:Organization", "organisations"),
    "person": _kind("foaf:Person", "people with an identity; other authors are authorships"),
    "benchmark": _kind("akg:Benchmark", "benchmarks"),
    "condition": _kind("akg:ReferenceCondition", "what results are held against"),
    "concept": _kind("skos:Concept", "tasks, metrics, licences, languages and other concepts"),
    "code-repository": _kind("akg:CodeRepository", "repositories of code, with their licences"),
    "weights": _kind("akg:Weights", "released weights, with their licences"),
    "authorship": _kind(
        "akg:Authorship", "an author of a publication, as printed", "akg:hasAuthorship"
    ),
    "operating-point": _kind(
        "akg:OperatingPoint", "a setting that a model can run at", "akg:hasOperatingPoint"
    ),
    "token-stream": _kind(
        "akg:TokenStream", "a stream of tokens at an operating point", "akg:hasStream"
    ),
    "training-use": _kind(
        "akg:TrainingUse", "what of a dataset a model was trained on", "akg:hasTrainingUse"
    ),
    "model-part": _kind("akg:ModelPart", "a part of a model with its size", "akg:hasPart"),
    "evidence": _kind("akg:Evidence", "where a figure stands", "akg:hasEvidence"),
    "size": _kind("akg:SizeStatement", "sizes of datasets, as stated"),
    "result": _kind("akg:EvaluationResult", "results of evaluations, as stated"),
    "claim": _kind("akg:Claim", "what a list or a survey claims"),
    "entry": _kind("akg:SourceEntry", "rows and references of lists and surveys, as printed"),
    "cell": _kind("akg:TableCell", "cells of the tables of surveys, as printed"),
    "conflict": _kind("akg:Conflict", "disagreements, with what is preferred and why"),
}
#: By these their owners have them; so what has parts needs no column of them.
OWNERS: Final = frozenset(kind.owner for kind in KINDS.values()) - {""}


def choose_kind(_: Material, name: str) -> ox.NamedNode:
    """Find the class of a kind by its name. Raises InputError that lists the kinds."""
    if name not in KINDS:
        raise InputError(f"no kind “{name}”; there are {', '.join(KINDS)}")
    return ox.NamedNode(KINDS[name].iri)


def name_kinds(chosen: Sequence[ox.NamedNode]) -> list[str]:
    """Name the kinds of some classes; all kinds of none."""
    iris = {node.value for node in chosen}
    return [name for name, kind in KINDS.items() if kind.iri in iris or not iris]
