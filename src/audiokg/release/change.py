"""One line of a changelog, and the sections that lines stand in."""

from dataclasses import dataclass, field
from typing import Final

from audiokg.release.facts import Value, owner_of
from audiokg.terms import expand

#: The sections of a changelog, in order -> what stands in them.
SECTIONS: Final = {
    "resource": "Resources",
    "fact": "Facts",
    "evidence": "Evidence",
    "source": "What sources state",
    "follows": "What follows from it",
}
#: What a conflict is about.
ABOUT: Final = expand("akg:conflictSubject")
Triple = tuple[str, str, Value]


@dataclass(frozen=True)
class Change:
    """One line of a changelog.

    `kind` is new, gone, withdrawn or renamed of a resource; added, removed or changed of a fact, or
    of a whole part, which then has no `predicate`. `graphs` say where it stands.
    """

    section: str
    kind: str
    node: str
    predicate: str = ""
    old: tuple[Value, ...] = ()
    new: tuple[Value, ...] = ()
    graphs: tuple[str, ...] = ()
    removed: tuple[Triple, ...] = field(default=(), repr=False)
    added: tuple[Triple, ...] = field(default=(), repr=False)

    @property
    def subject(self) -> str:
        """Give the resource that it is about; of a conflict, what that is about."""
        told = (value.value for _, name, value in (*self.added, *self.removed) if name == ABOUT)
        return next(told, owner_of(self.node))
