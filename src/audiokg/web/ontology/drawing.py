"""Diagrams of the ontology: where boxes stand and lines run; a template draws them as SVG."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from audiokg.terms import AKG, expand, shorten
from audiokg.web.ontology.vocabulary import Vocabulary

#: Measures in pixels; the first is of a letter in a wide sans-serif, on average.
_LETTER: Final = 7.6
_PADDING: Final = 18
_BOX_HEIGHT: Final = 28
_ROW: Final = 34
_GAP: Final = 46
_TEXT_ROW: Final = 17
_MARGIN: Final = 12
#: How far below two boxes a line from one to the other bends.
_BEND: Final = 64


@dataclass(frozen=True)
class Box:
    """A class: the middle of its box, its width, the name in it, and where it leads."""

    x: float
    y: float
    width: float
    name: str
    link: str
    title: str = ""
    height: float = _BOX_HEIGHT


@dataclass(frozen=True)
class Line:
    """A line as an SVG path; dashed for “kind of”; with the properties that it stands for."""

    path: str
    dashed: bool = False
    arrow: bool = True
    labels: tuple[tuple[str, str], ...] = ()
    x: float = 0
    y: float = 0

    @property
    def label_size(self) -> tuple[float, float]:
        """Give the width and height of the labels."""
        longest = max((len(name) for name, _ in self.labels), default=0)
        return longest * _LETTER + 8, len(self.labels) * _TEXT_ROW + 4


@dataclass(frozen=True)
class Drawing:
    """A diagram."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


#: The diagrams of relations: class -> where its box stands. What is drawn between them follows from
#: the domains and ranges of the properties.
MAIN: Final = {
    "akg:Publication": (140, 40),
    "akg:Artefact": (500, 40),
    "foaf:Agent": (860, 40),
    "akg:AudioTokenizer": (140, 320),
    "akg:Model": (500, 320),
    "akg:Dataset": (860, 320),
    "akg:Task": (680, 520),
}
FIGURES: Final = {
    "akg:AudioTokenizer": (140, 40),
    "akg:QuantizationMethod": (500, 40),
    "akg:Model": (140, 210),
    "akg:OperatingPoint": (500, 120),
    "akg:TokenStream": (860, 120),
    "akg:ModelPart": (500, 210),
    "akg:TrainingUse": (500, 300),
    "akg:Dataset": (860, 300),
}
STATEMENTS: Final = {
    "akg:TableCell": (140, 40),
    "akg:SourceEntry": (500, 40),
    "akg:Source": (860, 40),
    "akg:Conflict": (140, 190),
    "akg:Statement": (500, 190),
    "akg:EvidenceGrade": (860, 190),
    "akg:Claim": (140, 320),
    "akg:SizeStatement": (370, 320),
    "akg:Evidence": (600, 320),
    "akg:EvaluationResult": (860, 320),
}


def draw_classes(vocabulary: Vocabulary) -> Drawing:
    """Draw the classes as trees from left to right, a row for each that has none below it."""
    placed: dict[str, tuple[int, float]] = {}
    rows = 0
    for root in vocabulary.roots:
        rows = _place(vocabulary, root, 0, rows, placed)
    depths = 1 + max(depth for depth, _ in placed.values())
    widths = [max(_width(iri) for iri, (d, _) in placed.items() if d == n) for n in range(depths)]
    lefts = [_MARGIN + sum(widths[:n]) + n * _GAP for n in range(depths)]
    boxes = {
        iri: _box(vocabulary, iri, lefts[depth] + _width(iri) / 2, _MARGIN + (row + 0.5) * _ROW)
        for iri, (depth, row) in placed.items()
    }
    width = lefts[-1] + widths[-1] + _MARGIN
    lines = tuple(_branches(vocabulary, boxes))
    return Drawing(width, 2 * _MARGIN + rows * _ROW, tuple(boxes.values()), lines)


def draw_relations(
    vocabulary: Vocabulary, all_places: Mapping[str, Mapping[str, tuple[int, int]]]
) -> dict[str, Drawing]:
    """Draw classes where tables put them, with the properties from one to another.

    What ties two classes is drawn once, in the first diagram that has both.
    """
    drawings = {}
    ties = _ties(vocabulary)
    for caption, places in all_places.items():
        boxes = {expand(name): _box(vocabulary, expand(name), *at) for name, at in places.items()}
        drawn = [(one, other) for one, other in ties if one in boxes and other in boxes]
        related = (_relation(boxes[tie[0]], boxes[tie[1]], tuple(ties.pop(tie))) for tie in drawn)
        lines = (*_kinds(vocabulary, boxes), *related)
        width = max(box.x + box.width / 2 for box in boxes.values()) + _MARGIN
        height = max(box.y + box.height / 2 for box in boxes.values()) + _MARGIN
        drawings[caption] = Drawing(width, height, tuple(boxes.values()), lines)
    return drawings


def _place(
    vocabulary: Vocabulary, iri: str, depth: int, row: int, placed: dict[str, tuple[int, float]]
) -> int:
    """Place a class beside what is below it; give the next free row.

    A class below two stands under the first that is drawn.
    """
    placed[iri] = (depth, row)
    rows, free = [], row
    for term in vocabulary.below(iri, "rdfs:subClassOf"):
        if term.iri not in placed:
            free = _place(vocabulary, term.iri, depth + 1, free, placed)
            rows.append(placed[term.iri][1])
    if rows:
        placed[iri] = (depth, (rows[0] + rows[-1]) / 2)
    return max(free, row + 1)


def _width(iri: str) -> float:
    return len(_name(iri)) * _LETTER + _PADDING


def _name(iri: str) -> str:
    return iri.removeprefix(AKG) if iri.startswith(AKG) else shorten(iri)


def _box(vocabulary: Vocabulary, iri: str, x: float, y: float) -> Box:
    term = vocabulary.terms.get(iri)
    link = f"#{term.name}" if term else iri
    return Box(x, y, _width(iri), _name(iri), link, term.text("skos:definition") if term else "")


def _branches(vocabulary: Vocabulary, boxes: Mapping[str, Box]) -> Iterator[Line]:
    drawn = set()
    for iri, above in boxes.items():
        for term in vocabulary.below(iri, "rdfs:subClassOf"):
            below = boxes[term.iri]
            start, end = above.x + above.width / 2, below.x - below.width / 2
            bend = max((start + end) / 2, start + _GAP / 2)
            path = _path((start, above.y), (bend, above.y), (bend, below.y), (end, below.y))
            yield Line(path, dashed=term.iri in drawn, arrow=False)
            drawn.add(term.iri)


def _kinds(vocabulary: Vocabulary, boxes: Mapping[str, Box]) -> Iterator[Line]:
    for iri, box in boxes.items():
        above = _nearest_above(vocabulary, iri, boxes)
        if above:
            yield Line(_curve(box, boxes[above]), dashed=True)


def _nearest_above(vocabulary: Vocabulary, iri: str, boxes: Mapping[str, Box]) -> str:
    """Give the nearest class above another that has a box."""
    term = vocabulary.terms.get(iri)
    for above in term.texts("rdfs:subClassOf") if term else ():
        found = above if above in boxes else _nearest_above(vocabulary, above, boxes)
        if found:
            return found
    return ""


def _ties(vocabulary: Vocabulary) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Group the properties by domain and range, each with its anchor."""
    ties: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for term in vocabulary.properties:
        if not term.deprecated:
            tie = (term.text("rdfs:domain"), term.text("rdfs:range"))
            ties[tie].append((term.name, f"#{term.name}"))
    return ties


def _relation(box: Box, other: Box, labels: tuple[tuple[str, str], ...]) -> Line:
    if box is other:
        return _loop(box, labels)
    (x1, y1), (x2, y2) = _border(box, other), _border(other, box)
    return Line(_path((x1, y1), (x2, y2)), labels=labels, x=(x1 + x2) / 2, y=(y1 + y2) / 2)


def _loop(box: Box, labels: tuple[tuple[str, str], ...]) -> Line:
    """Draw what leads from a class to itself, up and to the left of its box."""
    line = Line("", labels=labels, x=box.x - 190, y=box.y - 155)
    top, side = box.y - box.height / 2, line.x + line.label_size[0] / 2
    left = box.x - box.width / 2 + 8
    right = left + 14
    away = _path((left, top), (left, top - 60), (left - 10, line.y - 20), (side, line.y - 20))
    back = _path((side, line.y + 20), (right - 20, line.y + 20), (right, top - 60), (right, top))
    return replace(line, path=away + back)


def _border(box: Box, other: Box) -> tuple[float, float]:
    """Give the point on the border of a box on the line to the middle of another."""
    dx, dy = other.x - box.x, other.y - box.y
    across = box.width / 2 / abs(dx) if dx else float("inf")
    along = box.height / 2 / abs(dy) if dy else float("inf")
    part = min(across, along)
    return box.x + dx * part, box.y + dy * part


def _curve(box: Box, above: Box) -> str:
    """Draw a line to the class above: straight, or below both where they stand side by side."""
    if abs(box.y - above.y) > box.height:
        return _path(_border(box, above), _border(above, box))
    bottom = box.y + box.height / 2
    bend = bottom + _BEND
    return _path((box.x, bottom), (box.x, bend), (above.x - 20, bend), (above.x - 20, bottom))


def _path(start: tuple[float, float], *points: tuple[float, float]) -> str:
    """Write a path in SVG: a straight line to one point, a curve by two to a third."""
    letter = "C" if len(points) > 1 else "L"
    told = " ".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f"M{start[0]:.1f} {start[1]:.1f}{letter}{told}"
