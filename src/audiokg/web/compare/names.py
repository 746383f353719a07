"""The names of everything that can be compared: what one stands for, and what is near one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from flask import abort

from audiokg.export.cells import Thing
from audiokg.terms import BASE
from audiokg.web.questions import Row, value

_NEAREST: Final = 5
#: So much of the words of two names, taken together, is the same where one suggests the other.
_ALIKE: Final = 0.5
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Names:
    """Everything that can be compared, by IRI and by name."""

    things: Mapping[str, Thing]
    by_name: Mapping[str, frozenset[str]]

    @classmethod
    def read(cls, rows: Iterable[Row]) -> "Names":
        """Read the answer of the query compare-names."""
        things: dict[str, Thing] = {}
        by_name: dict[str, frozenset[str]] = {}
        for row in rows:
            iri = value(row, "resource")
            things[iri] = Thing(iri, value(row, "label"))
            for name in filter(None, (value(row, "label"), value(row, "name"))):
                key = name.casefold()
                by_name[key] = by_name.get(key, frozenset()) | {iri}
        return cls(things, by_name)

    def split(self, text: str) -> list[str]:
        """Split a list of ids at its commas; a name may hold commas itself."""
        parts = [text] if text.strip().casefold() in self.by_name else text.split(",")
        return [part.strip() for part in parts if part.strip()]

    def find(self, asked: str) -> Thing | None:
        """Find what an id, an IRI or a name stands for; abort with 400 if that is several."""
        thing = self._by_id(asked)
        named = sorted(self.by_name.get(asked.casefold(), ()))
        if thing is None and len(named) > 1:
            idents = ", ".join(self.things[iri].ident for iri in named)
            abort(400, f"“{asked}” is a name of several: {idents}. Ask by id.")
        return thing or (self.things[named[0]] if named else None)

    def suggest(self, asked: str) -> list[Thing]:
        """Give the things whose words, ids or names are nearest to what is asked."""
        ident = asked.removeprefix(BASE).casefold()
        idents = {thing.ident: iri for iri, thing in self.things.items()}
        found = self._of_like_words(ident)
        found += [idents[i] for i in get_close_matches(ident, idents, _NEAREST, 0.6)]
        found += [iri for i, iri in idents.items() if ident in i]
        names = get_close_matches(ident, self.by_name, _NEAREST, 0.7)
        found += sorted(iri for name in names for iri in self.by_name[name])
        return [self.things[iri] for iri in list(dict.fromkeys(found))[:_NEAREST]]

    def _by_id(self, asked: str) -> Thing | None:
        ident = asked.removeprefix(BASE)
        return self.things.get(f"{BASE}{ident}" if "/" in ident else f"{BASE}model/{ident}")

    def _of_like_words(self, asked: str) -> list[str]:
        """Find what has most words of its id or label in what is asked, the likest first."""
        words = self._spell_out(_words(asked))
        shares = {
            iri: max(_share(words, _words(name)) for name in (thing.ident, thing.label))
            for iri, thing in self.things.items()
        }
        alike = [iri for iri, share in shares.items() if share >= _ALIKE]
        return sorted(alike, key=lambda iri: -shares[iri])

    def _spell_out(self, words: frozenset[str]) -> frozenset[str]:
        """Put for each word that is a name, say DAC, the words of the ids that it names."""
        spelt = (
            _words(self.things[iri].ident) if iri else frozenset({word})
            for word in words
            for iri in self.by_name.get(word, ("",))
        )
        return frozenset().union(*spelt)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(len(one | other), 1)
