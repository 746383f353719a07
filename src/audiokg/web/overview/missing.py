"""What the graph does not know: gaps, counted among those that could have one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from audiokg.sites import name_of
from audiokg.web.questions import Questions, Row, value
from audiokg.web.tables import Table

_FAMILIES: Final = "families of models"
_CODECS: Final = "families of codecs and tokenizers"
_CONFIGURATIONS: Final = "configurations of codecs and tokenizers"
_TRAINED_ON: Final = "datasets that models were trained on"
_COLUMNS = ("gap", "among", "missing", "of")
_LIST_COLUMNS = ("thing", "label")


@dataclass(frozen=True)
class Gap:
    """Something not known: `rows` with `column` = `key` in the answer of a query are the things.

    `title` completes “no known …”; `among` is the population, as missing-totals.rq names it.
    """

    name: str
    title: str
    among: str
    query: str
    column: str = "what"
    key: str = ""

    @property
    def heading(self) -> str:
        """Name the gap with its population."""
        return f"{self.among[:1].upper()}{self.among[1:]} without a known {self.title}"


@dataclass(frozen=True)
class Thing:
    """Something that has the gap."""

    iri: str
    label: str


@dataclass(frozen=True)
class Counted:
    """A gap, the things that have it, and how many could."""

    gap: Gap
    things: tuple[Thing, ...]
    total: int

    @property
    def percent(self) -> float:
        """Give the part that has the gap."""
        return round(100 * len(self.things) / self.total, 1) if self.total else 0.0


def _gaps(
    prefix: str, among: str, query: str, column: str, keys: Mapping[str, str]
) -> tuple[Gap, ...]:
    """Make the gaps that one query lists: key in the column -> title."""
    return tuple(
        Gap(f"{prefix}-{title.replace(' ', '-')}", title, among, query, column, key)
        for key, title in keys.items()
    )


def _same(*titles: str) -> dict[str, str]:
    return {title: title for title in titles}


#: In the order of the page. The queries missing-* of the example library come first; those of the
#: pages fill what it does not ask.
GAPS: Final[tuple[Gap, ...]] = (
    Gap("model-paper", "paper", _FAMILIES, "missing-paper", "kind", "model"),
    *_gaps(
        *("model", _FAMILIES, "missing-of-families", "what"),
        {
            **{"release": "month of release", "maker": "maker", "task": "task"},
            **{"input": "input modality", "weights": "address of weights"},
            **{"code": "code repository", "parameters": "number of parameters"},
        },
    ),
    Gap("model-corpus", "training corpus", "families of audio models", "missing-corpus"),
    Gap(
        *("language-model-tokenizer", "tokenizer or encoder"),
        *("families of audio language models", "missing-tokenizer"),
    ),
    Gap(
        *("model-output", "output modality"),
        *("families of language and generation models", "missing-output"),
    ),
    *_gaps(
        *("codec", _CODECS, "missing-figures", "missing"),
        {
            **_same("sample rate", "frame rate", "bitrate", "codebook size"),
            **_same("quantization method"),
            **{"codebooks": "number of codebooks", "parameters": "number of parameters"},
            **{"streaming": "ability to stream"},
        },
    ),
    *_gaps(
        *("configuration", _CONFIGURATIONS, "missing-of-configurations", "what"),
        {
            **{"sample-rate": "sample rate", "frame-rate": "frame rate", "bitrate": "bitrate"},
            **{"codebook-size": "codebook size", "codebooks": "number of codebooks"},
            **{"quantization-method": "quantization method", "domain": "audio domain"},
            **{"parameters": "number of parameters", "streaming": "ability to stream"},
            **{"corpus": "training corpus", "weights": "address of weights"},
        },
    ),
    Gap("dataset-paper", "paper", _TRAINED_ON, "missing-paper", "kind", "dataset"),
    Gap("dataset-size", "size", _TRAINED_ON, "training-sets-without-size"),
    Gap("dataset-licence", "licence", _TRAINED_ON, "missing-licence", "kind", "dataset"),
    *_gaps(
        *("dataset", "datasets", "missing-of-documents", "what"),
        {"dataset-access": "way of access", "dataset-language": "language"},
    ),
    *_gaps(
        *("publication", "publications", "missing-of-documents", "what"),
        {
            **{"publication-doi": "DOI", "publication-date": "date"},
            **{"publication-authors": "list of authors"},
        },
    ),
    Gap("code-licence", "licence", "code repositories", "missing-licence", "kind", "code"),
    Gap("weights-licence", "licence", "released weights", "missing-licence", "kind", "weights"),
    *(
        Gap(f"{among}-link", "link to another collection", among, "missing-links", "what", key)
        for key, among in {
            **{"Model": "models", "Dataset": "datasets", "Publication": "publications"},
            **{"Task": "tasks", "Language": "languages", "Licence": "licences"},
            **{"Organization": "organisations", "Person": "persons"},
        }.items()
    ),
)


def find_gap(name: str) -> Gap | None:
    """Find a gap by its name."""
    return next((gap for gap in GAPS if gap.name == name), None)


def count_gaps(gaps: Iterable[Gap], examples: Questions, pages: Questions) -> list[Counted]:
    """Ask each query once, of the example library where it has it, and count. Raises QueryError."""
    wanted = list(gaps)
    totals = {value(r, "population"): int(value(r, "count")) for r in pages.rows("missing-totals")}
    things = find_things(wanted, examples, pages)
    return [Counted(gap, things[gap.name], totals[gap.among]) for gap in wanted]


def find_things(
    gaps: Sequence[Gap], examples: Questions, pages: Questions
) -> dict[str, tuple[Thing, ...]]:
    """Find what has each gap, by the name of the gap. Raises QueryError."""
    answers = {
        name: (examples if name in examples.queries else pages).rows(name)
        for name in dict.fromkeys(gap.query for gap in gaps)
    }
    return {gap.name: tuple(_things(gap, answers[gap.query])) for gap in gaps}


def group_gaps(counted: Sequence[Counted]) -> list[tuple[str, list[Counted]]]:
    """Group by population, in order."""
    groups: dict[str, list[Counted]] = {}
    for one in counted:
        groups.setdefault(one.gap.among, []).append(one)
    return list(groups.items())


def tabulate_gaps(counted: Sequence[Counted]) -> Table:
    """Make the twins of the overview."""
    rows = [
        {"gap": c.gap.name, "among": c.gap.among, "missing": len(c.things), "of": c.total}
        for c in counted
    ]
    return Table({"gaps": rows}, _COLUMNS, rows)


def tabulate_things(counted: Counted) -> Table:
    """Make the twins of one list."""
    rows = [{"thing": thing.iri, "label": thing.label} for thing in counted.things]
    document: dict[str, Any] = {"gap": counted.gap.name, "title": counted.gap.heading}
    document |= {"missing": len(rows), "of": counted.total, "things": rows}
    return Table(document, _LIST_COLUMNS, rows)


def _things(gap: Gap, rows: Sequence[Row]) -> Iterable[Thing]:
    for row in rows:
        if gap.key and value(row, gap.column) != gap.key:
            continue
        iri = next(term["value"] for term in row.values() if term["type"] == "uri")
        yield Thing(iri, value(row, "name") or name_of(iri))
