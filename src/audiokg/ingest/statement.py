"""One statement that was read in a source, as a claim, a size or a result."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from audiokg.terms import BASE, XSD, expand
from audiokg.triples import term

#: Properties whose object is a thing, with the word that a reading uses for them.
OBJECT_PROPERTIES = {
    *("trainedOn", "evaluatedOn", "supportsTask", "suitableForTask", "usesComponent"),
    *("usesTokenizer", "usesBackbone", "usesVocoder", "fineTunedFrom", "hasArchitecture"),
    *("trainedWith", "quantizationMethod", "inputModality", "outputModality", "comparedWith"),
    *("outperforms", "extends", "introducedBy", "citedAs", "hasLimitation"),
    "contentModality",
}
NUMBER_PROPERTIES = {
    **dict.fromkeys(
        ("parameterCount", "languageCount", "codebookCount", "codebookSize"), "integer"
    ),
    **dict.fromkeys(("sampleRateHz", "frameRateHz", "bitrateKbps"), "decimal"),
    **dict.fromkeys(("isMultilingual", "isPublic"), "boolean"),
    "issued": "gYear",
}
TEXT_PROPERTIES = {
    *("limitation", "capability", "codeStatus", "releaseYear", "coversTopic", "trainingDataSize"),
    *("reportedResult", "hasArXivId"),
}
_PREFIXES = {"issued": "dcterms:", "hasArXivId": "fabio:"}
#: A unit of size ("audio-text pairs") is no thing to be trained on.
_COUNTED = BASE + "unit/"
_MEASURED = ("model/", "strategy/", "condition/")

Row = Mapping[str, str]


@dataclass(frozen=True)
class Names:
    """Which resource a printed name means."""

    meant: Mapping[str, str]

    def find(self, printed: str) -> ox.NamedNode | None:
        """Give the resource that a name means; None if that is open."""
        iri = self.meant.get(printed)
        return ox.NamedNode(expand(iri)) if iri else None

    def find_in(self, printed: str, *segments: str) -> ox.NamedNode | None:
        """Give the resource that a name means if it is of one of the segments."""
        found = self.find(printed)
        fits = found and any(found.value.startswith(BASE + segment) for segment in segments)
        return found if fits else None


def statement_triples(
    row: Row, iri: ox.NamedNode, source: ox.NamedNode, names: Names
) -> Iterator[ox.Triple]:
    """Describe one row of statements.tsv. Raises ValueError that says what is wrong with it."""
    yield from _place(row, iri, source)
    if row["kind"] == "size":
        yield from _size(row, iri, names)
    elif row["kind"] == "result":
        yield from _result(row, iri, names)
    elif row["kind"] == "claim":
        yield from _claim(row, iri, names)
    else:
        raise ValueError(f"expected claim, size or result as kind, found “{row['kind']}”")


def _place(row: Row, iri: ox.NamedNode, source: ox.NamedNode) -> Iterator[ox.Triple]:
    yield ox.Triple(iri, term("akg:statedIn"), source)
    yield ox.Triple(iri, term("akg:line"), ox.Literal(int(row["line"])))
    yield ox.Triple(iri, term("akg:rank"), ox.Literal("normal"))
    for name, column in (
        ("akg:locator", "locator"),
        ("akg:verbatim", "verbatim"),
        ("akg:subjectAsGiven", "subject"),
        ("akg:objectAsGiven", "object"),
        ("akg:evaluationCondition", "condition"),
    ):
        if row[column]:
            yield ox.Triple(iri, term(name), ox.Literal(row[column]))
    if row["entry"]:
        yield ox.Triple(iri, term("akg:fromEntry"), ox.NamedNode(f"{source.value}#{row['entry']}"))
    if row["note"]:
        yield ox.Triple(iri, term("skos:editorialNote"), ox.Literal(row["note"], language="en"))


def _claim(row: Row, iri: ox.NamedNode, names: Names) -> Iterator[ox.Triple]:
    name = row["property"]
    negated = {"true": True, "false": False}.get(row["negated"])
    if negated is None:
        raise ValueError(f"expected true or false as negated, found “{row['negated']}”")
    yield ox.Triple(iri, term("rdf:type"), term("akg:Claim"))
    yield ox.Triple(iri, term("akg:negated"), ox.Literal(negated))
    yield ox.Triple(iri, term("akg:claimedProperty"), term(_PREFIXES.get(name, "akg:") + name))
    subject = names.find(row["subject"])
    if subject:
        yield ox.Triple(iri, term("akg:claimSubject"), subject)
    if name in OBJECT_PROPERTIES:
        found = names.find(row["object"])
        if found and not found.value.startswith(_COUNTED):
            yield ox.Triple(iri, term("akg:claimObject"), found)
    else:
        yield ox.Triple(iri, term("akg:claimValue"), _value(row))


def _value(row: Row) -> ox.Literal:
    name, text = row["property"], row["value"] or row["object"]
    if name in NUMBER_PROPERTIES:
        return ox.Literal(text, datatype=ox.NamedNode(XSD + NUMBER_PROPERTIES[name]))
    if name not in TEXT_PROPERTIES:
        raise ValueError(f"no property “{name}” can be read from a source")
    return ox.Literal(text)


def _size(row: Row, iri: ox.NamedNode, names: Names) -> Iterator[ox.Triple]:
    dataset = names.find_in(row["subject"], "dataset/")
    unit = names.find_in(row["unit"], "unit/")
    if dataset is None or unit is None:
        amount = _amount(row)
        yield from _claim({**row, "property": "trainingDataSize", "value": amount}, iri, names)
        return
    yield ox.Triple(iri, term("rdf:type"), term("akg:SizeStatement"))
    yield ox.Triple(iri, term("akg:sizeOf"), dataset)
    yield ox.Triple(iri, term("akg:sizeUnit"), unit)
    yield from _number(row, iri)


def _result(row: Row, iri: ox.NamedNode, names: Names) -> Iterator[ox.Triple]:
    subject = names.find_in(row["subject"], *_MEASURED)
    metric = names.find_in(row["unit"], "metric/")
    if subject is None or metric is None:
        amount = _amount(row)
        yield from _claim({**row, "property": "reportedResult", "value": amount}, iri, names)
        return
    yield ox.Triple(iri, term("rdf:type"), term("akg:EvaluationResult"))
    yield ox.Triple(iri, term("akg:evaluates"), subject)
    yield ox.Triple(iri, term("akg:metric"), metric)
    yield ox.Triple(iri, term("akg:resultKind"), ox.Literal(_result_kind(row["unit"])))
    yield from _number(row, iri)
    if row["margin"]:
        yield ox.Triple(iri, term("akg:margin"), _decimal(row["margin"]))
    for printed in filter(None, row["dataset"].split("; ")):
        dataset = names.find_in(printed, "dataset/")
        if dataset:
            yield ox.Triple(iri, term("akg:onDataset"), dataset)


def _amount(row: Row) -> str:
    comparator = "" if row["comparator"] == "=" else row["comparator"]
    return " ".join(filter(None, (comparator, row["value"], row["unit"])))


def _result_kind(unit: str) -> str:
    if "relative" in unit:
        return "relative-change"
    return "absolute-change" if "change" in unit or "improvement" in unit else "absolute"


def _number(row: Row, iri: ox.NamedNode) -> Iterator[ox.Triple]:
    yield ox.Triple(iri, term("akg:numericValue"), _decimal(row["value"]))
    yield ox.Triple(iri, term("akg:comparator"), ox.Literal(row["comparator"] or "="))


def _decimal(text: str) -> ox.Literal:
    float(text)  # ValueError for what is no number
    number = text if "." in text else f"{text}.0"
    return ox.Literal(number, datatype=ox.NamedNode(XSD + "decimal"))
