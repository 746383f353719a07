"""How kinds of things and roles of relations look in the picture of the family graph."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from audiokg.web.lineage.graph import Relation, Thing

#: Widths of letters in a wide font, in pixels.
_LETTERS: Final = {"narrow": 4.6, "wide": 10.2, "other": 7.9}
_NARROW, _WIDE = frozenset(" .,:;-'()[]|!/fijltrI1"), frozenset("mwMWGOQDHNUCABKRVXY@%&+")
_BOLD: Final = 1.12
_PADDING: Final = 38.0
_LONGEST: Final = 30


@dataclass(frozen=True)
class Look:
    """How a kind is drawn: a shape about (0, 0), and its colour where no style sheet says."""

    shape: str
    colour: str


@dataclass(frozen=True)
class Stroke:
    """How a role is drawn, and what the legend calls it."""

    words: str
    colour: str
    dashes: str = "none"


#: Class -> its look. Of a thing of several classes the first here decides.
KINDS: Final = {
    "NeuralAudioCodec": Look("M-5-5h10v10h-10z", "#0a55a0"),
    "AudioTokenizer": Look("M0-6.5l6.5 6.5-6.5 6.5-6.5-6.5z", "#0e6f76"),
    "RepresentationModel": Look("M0-6l6.5 11.5h-13z", "#1d6b3a"),
    "AudioLanguageModel": Look("M-5.5 0a5.5 5.5 0 1 0 11 0 5.5 5.5 0 1 0-11 0z", "#b03a2e"),
    "TextLanguageModel": Look("M-6-3.5h12v7h-12z", "#7d3c98"),
    "Vocoder": Look("M0 6l6.5-11.5h-13z", "#9c2764"),
    "AudioGenerationModel": Look("M-3-5.5h6l3 5.5-3 5.5h-6l-3-5.5z", "#8a4b00"),
    "MusicModel": Look("M-3-5.5h6l3 5.5-3 5.5h-6l-3-5.5z", "#8a4b00"),
    "AudioModel": Look("M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z", "#535d67"),
    "DatasetSubset": Look("M-6-5h12v2.5h-12zM-6-1.2h12v2.5h-12zM-6 2.6h12v2.5h-12z", "#535d67"),
    "Dataset": Look("M-6-5h12v2.5h-12zM-6-1.2h12v2.5h-12zM-6 2.6h12v2.5h-12z", "#535d67"),
    "Model": Look("M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z", "#535d67"),
}
#: Role -> its stroke; the words of the first are the first to get room.
ROLES: Final = {
    "component": Stroke("component", "#1a1d21"),
    "origin": Stroke("origin: extends, fine-tuned or derived from", "#b03a2e", "9 3"),
    "family": Stroke("variant, version or part of", "#0a55a0", "5 3"),
    "data": Stroke("trained on", "#535d67", "1.5 3"),
}


def kind_of(thing: Thing) -> str:
    """Choose the class that decides how a thing is drawn."""
    return next((kind for kind in KINDS if kind in thing.kinds), "Model")


def text_of(thing: Thing) -> str:
    """Give what stands in the box of a thing."""
    label = thing.label
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1].rstrip() + "…"


def width_of(thing: Thing, *, bold: bool) -> float:
    """Give the width that the box of a thing needs, as fonts differ rather too much."""
    sorts = [
        "narrow" if c in _NARROW else "wide" if c in _WIDE else "other" for c in text_of(thing)
    ]
    return sum(_LETTERS[sort] for sort in sorts) * (_BOLD if bold else 1) + _PADDING


def words_of(relations: Iterable[Relation]) -> str:
    """Give one label for all relations of a pair; what the legend says of a line is left out.

    Labels that end alike are told together: "input and output tokenizer".
    """
    fronts: dict[str, list[str]] = defaultdict(list)
    for label in sorted({relation.label.removeprefix("uses ") for relation in relations}):
        front, _, last = label.rpartition(" ")
        fronts[last] += [front] if front else []
    words = ", ".join(f"{_enumerate(some)} {last}".strip() for last, some in fronts.items())
    return "" if words in {stroke.words for stroke in ROLES.values()} else words


def _enumerate(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
