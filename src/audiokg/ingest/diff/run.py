"""Compare a newer text of a list with what was read before; propose what its rows refer to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audiokg.errors import InputError
from audiokg.ingest.diff.candidates import Proposal
from audiokg.ingest.diff.decisions import (
    Carried,
    carry,
    find_stale_notes,
    read_decisions,
    read_kept_rows,
)
from audiokg.ingest.diff.identity import propose
from audiokg.ingest.diff.known import Known, read_known
from audiokg.ingest.diff.mentions import find_mentions
from audiokg.ingest.diff.verdicts import RowVerdict, compare
from audiokg.ingest.sources import SOURCES, SourceText, find_source, read_source_text
from audiokg.terms import shorten

#: What a row lists where its section says nothing else.
_ANY_CLASS: Final = "akg:AudioModel"
_DATASET: Final = "akg:Dataset"
#: A change of these may make another work of a row.
_TELLING: Final = ("name", "title", "link")
#: A row that was found again by no more may be of another work.
_SURE_ENOUGH: Final = 80.0


@dataclass(frozen=True)
class Comparison:
    """A newer text of a list against an older one, row by row.

    `proposals` are those for rows without decision, by id; `doubts` say what to look at: the id of
    a row whose decision was kept, or the file:line that names one, and a sentence.
    """

    source: str
    against: str
    file: str
    rows: Sequence[RowVerdict]
    carried: Carried
    proposals: Mapping[str, Proposal]
    doubts: Sequence[tuple[str, str]]


def compare_list(source: str, file: Path, against: str, root: Path) -> Comparison:
    """Compare the text of a list with the rows of a source that data/ holds.

    Raises InputError for a source that is no list or was never read, or a file that is no text.
    """
    spec = find_source(source)
    if spec.read_rows is None:
        raise InputError(f"{source} is no list; lists are {', '.join(_lists())}")
    find_source(against)
    data = root / "data"
    rows = compare(read_kept_rows(against, data), spec.read_rows(read_source_text(file)))
    carried = carry(read_decisions(against, data), rows)
    # Decisions about this very text would make a trial of finding them again.
    known = read_known(root, without=() if source == against else (source,))
    return Comparison(
        source,
        against,
        str(file),
        rows,
        carried,
        dict(_propose(rows, carried, known, spec)),
        [
            *_doubts(rows, carried, known, spec),
            *find_stale_notes(carried, rows),
            *(_mentions(rows, source, root) if source == against else ()),
        ],
    )


def listed_class(spec: SourceText, ident: str) -> str:
    """Give the class of what the section of a row lists."""
    return spec.classes.get(ident.rpartition("-")[0], _ANY_CLASS)


def segment_listed(spec: SourceText, ident: str) -> str:
    """Give the segment of what the section of a row lists."""
    return "dataset" if listed_class(spec, ident) == _DATASET else "model"


def _mentions(rows: Sequence[RowVerdict], source: str, root: Path) -> Iterator[tuple[str, str]]:
    places = {row.before.ident: row.ident for row in rows if row.before}
    return find_mentions(source, places, root)


def _lists() -> list[str]:
    return sorted(name for name, spec in SOURCES.items() if spec.read_rows)


def _propose(
    rows: Sequence[RowVerdict], carried: Carried, known: Known, spec: SourceText
) -> Iterator[tuple[str, Proposal]]:
    for row in rows:
        if row.now and row.ident not in carried.kept:
            yield row.ident, propose(row.now, known, segment_listed(spec, row.ident))


def _doubts(
    rows: Sequence[RowVerdict], carried: Carried, known: Known, spec: SourceText
) -> Iterator[tuple[str, str]]:
    """Yield rows that print otherwise than before and now may mean something else."""
    for row in rows:
        kept = carried.kept.get(row.ident)
        if row.now and kept and any(change.what in _TELLING for change in row.changes):
            proposal = propose(row.now, known, segment_listed(spec, row.ident))
            others = sorted(set(proposal.decided) - kept.refers_to)
            if others:
                found = ", ".join(map(shorten, others))
                yield row.ident, f"its decision is kept, but what it prints now fits {found}"
            if row.score <= _SURE_ENOUGH:
                yield (
                    row.ident,
                    f"found again by its {row.how} ({row.score:g}); is it still the same work?",
                )
