"""The links that lead out of the graph: every web address that a Turtle file points to."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.paths import turtle_files
from audiokg.terms import BASE, VOCABULARIES
from audiokg.turtle import TurtleSyntaxError, find_places, graph_iri, read_triples

#: What a source prints stays as it is printed, even where the link has moved.
_PRINTED: Final = "data/source/"
#: The names of terms are no links: nobody has to answer there.
_NAMES: Final = (BASE, *VOCABULARIES.values())


@dataclass(frozen=True, order=True)
class Place:
    """Where a link stands; `line` counts from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        """Write it as `file:line`."""
        return f"{self.file}:{self.line}"

    @property
    def is_ours(self) -> bool:
        """Tell whether the link may be edited here."""
        return not self.file.startswith(_PRINTED)

    def as_json(self) -> dict[str, str | int]:
        """Give it as a JSON object."""
        return asdict(self)


Outgoing = Mapping[str, tuple[Place, ...]]


def find_outgoing(root: Path) -> Outgoing:
    """Find the links, without their fragments, and where each stands.

    Raises InputError for a file that does not parse.
    """
    found: dict[str, set[Place]] = defaultdict(set)
    for path in turtle_files(root):
        name = path.relative_to(root).as_posix()
        text, graph = path.read_text(encoding="utf-8"), graph_iri(path, root)
        try:
            triples = read_triples(text, graph)
        except TurtleSyntaxError as error:
            raise InputError(f"{name}:{error.line}: this is not Turtle: {error}") from error
        places = find_places(text, graph)
        for triple in triples:
            link = triple.object
            if isinstance(link, ox.NamedNode) and _leads_out(link.value):
                subject = getattr(triple.subject, "value", "")
                line = places.line(subject, f"<{link.value}>")
                found[link.value.partition("#")[0]].add(Place(name, line))
    return {link: tuple(sorted(places)) for link, places in sorted(found.items())}


def choose_links(outgoing: Outgoing, root: Path, paths: Collection[Path]) -> list[str]:
    """Give the links that stand in some files or folders, all where none is named.

    Raises InputError for a path that has none.
    """
    if not paths:
        return [*outgoing]
    chosen: set[str] = set()
    for path in paths:
        whole = path.resolve()
        here = {
            link
            for link, places in outgoing.items()
            if any(whole in ((root / p.file), *(root / p.file).parents) for p in places)
        }
        if not here:
            raise InputError(f"{path}: no link to look up in it; name files of data/ or ontology/")
        chosen |= here
    return sorted(chosen)


def _leads_out(iri: str) -> bool:
    return iri.startswith(("http://", "https://")) and not iri.startswith(_NAMES)
