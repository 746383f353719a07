"""What the pages and the files of the curation reports are both made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from audiokg.curation.suspects import Suspect, read_suspects
from audiokg.engine.protocol import Engine
from audiokg.queries import Query
from audiokg.web.curation.work import Task, read_tasks
from audiokg.web.overview.conflicts import Conflict, read_conflicts
from audiokg.web.overview.missing import GAPS, Counted, count_gaps
from audiokg.web.questions import Questions, value
from audiokg.web.tables import Table

_CONFLICTS: Final = ("conflicts-all", "conflicts-preferred", "conflicts-names")
_SUSPECT_COLUMNS: Final = ("one", "other", "oneLabel", "otherLabel", "near", "why")


@dataclass(frozen=True)
class Desk:
    """Reads the reports; those that take a while once, as a snapshot never changes."""

    pages: Questions
    examples: Questions

    @classmethod
    def of(
        cls, engine: Engine, pages: Mapping[str, Query], examples: Mapping[str, Query]
    ) -> "Desk":
        """Make one that asks an engine."""
        return cls(Questions(engine, pages), Questions(engine, examples))

    @cached_property
    def tasks(self) -> Sequence[Task]:
        """Rank what to do next."""
        return read_tasks(self.examples, self.pages)

    @cached_property
    def suspects(self) -> Sequence[Suspect]:
        """Find pairs that may be one thing."""
        names = {value(r, "thing"): value(r, "name") for r in self.pages.rows("curation-names")}
        rows = self.examples.rows("identity-suspects")
        return read_suspects(rows, self.pages.rows("curation-reviewed"), names)

    def gaps(self) -> list[Counted]:
        """Count what is missing."""
        return count_gaps(GAPS, self.examples, self.pages)

    def conflicts(self) -> list[Conflict]:
        """Read where sources disagree."""
        return read_conflicts(*(self.pages.rows(name) for name in _CONFLICTS))


def tabulate_suspects(suspects: Sequence[Suspect]) -> Table:
    """Make the twins of the identity suspects."""
    rows = [
        {
            "one": pair.one,
            "other": pair.other,
            "oneLabel": pair.labels[0],
            "otherLabel": pair.labels[1],
            "near": pair.near,
            "why": pair.why,
        }
        for pair in suspects
    ]
    documents = [
        row | {"weights": list(pair.weights), "names": list(pair.names)}
        for row, pair in zip(rows, suspects, strict=True)
    ]
    return Table({"count": len(rows), "suspects": documents}, _SUSPECT_COLUMNS, rows)
