"""Draw surroundings as a picture: boxes, lines, words on the lines, a legend. Sizes in pixels."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from audiokg.web.lineage.graph import FAMILY, Relation, Surroundings, Thing
from audiokg.web.lineage.layout import HEIGHT, Box, Layout, Point, lay_out
from audiokg.web.lineage.looks import (
    KINDS,
    ROLES,
    Look,
    Stroke,
    kind_of,
    text_of,
    width_of,
    words_of,
)
from audiokg.web.lineage.words import HEAD, SMALL, place

#: What the smallest text must not fall below on a page.
_LEAST_TEXT: Final = 11.0
_LEGEND_LETTER: Final = 6.7
_GAP: Final = 116.0
MARGIN: Final = 12.0
#: The column of a window 1200 wide with its scroll bar.
PAGE: Final = 1144.0
_LEAST_SCALE: Final = _LEAST_TEXT / SMALL
_LEGEND_LINE: Final = 22.0
#: Room for the legend.
_LEAST_WIDTH: Final = 560.0
_ORDER: Final = {role: number for number, role in enumerate(ROLES)}


@dataclass(frozen=True)
class Node:
    """A box of the picture; `x`, `y` are its left end and the middle of its height."""

    thing: Thing
    kind: str
    look: Look
    text: str
    x: float
    y: float
    width: float
    height: float = HEIGHT

    @property
    def centre(self) -> float:
        """Give the middle of its width."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class Edge:
    """A line of the picture with its head, what it says in full, and words with room for them."""

    role: str
    stroke: Stroke
    path: str
    head: str
    title: str
    words: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True)
class Sign:
    """An entry of the legend: a kind's look or a role's stroke at a place."""

    words: str
    name: str
    x: float
    y: float
    look: Look | None = None
    stroke: Stroke | None = None


@dataclass(frozen=True)
class Drawing:
    """A whole picture, and what of the surroundings is not in it."""

    start: Thing
    width: float
    height: float
    height_with_legend: float
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    legend: Sequence[Sign]
    things_left: int
    relations_left: int

    @property
    def scale(self) -> float:
        """Give the scale at which it fits the page, as far as it stays readable."""
        return max(_LEAST_SCALE, min(1.0, PAGE / self.width))

    @property
    def fits(self) -> bool:
        """Tell whether it can be read in the width of a page."""
        return self.width * _LEAST_SCALE <= PAGE


def draw(around: Surroundings, most: int) -> Drawing:
    """Draw the nearest things, at most so many, and every relation between them."""
    return _draw(around, around.things[:most])


def draw_within(around: Surroundings, most: int) -> Drawing:
    """Draw the nearest things that a page has room for side by side, at most so many."""
    drawing = draw(around, 1)
    kept = around.things[:1]
    for thing in around.things[1:]:
        wider = _draw(around, (*kept, thing))
        if wider.fits:
            drawing, kept = wider, (*kept, thing)
        if len(kept) == most:
            break
    return drawing


def _draw(around: Surroundings, shown: Sequence[Thing]) -> Drawing:
    things = {thing.iri: thing for thing in shown}
    pairs = _pairs(around, things)
    hub = around.start.iri
    widths = {iri: width_of(thing, bold=iri == hub) for iri, thing in things.items()}
    layout = lay_out(
        widths, pairs.keys(), _GAP, hub, [iri for iri in things if iri in around.users]
    )
    nodes = [_node(things[iri], box) for iri, box in layout.boxes.items()]
    edges = list(_edges(layout, pairs, things))
    width = max(layout.width, _LEAST_WIDTH)
    legend = list(_legend(nodes, edges, width, layout.height + 2 * _LEGEND_LINE))
    return Drawing(
        around.start,
        width + 2 * MARGIN,
        layout.height + 2 * MARGIN,
        legend[-1].y + 3 * MARGIN,
        nodes,
        edges,
        legend,
        len(around.things) - len(things),
        len(around.relations) - sum(map(len, pairs.values())),
    )


def _pairs(
    around: Surroundings, things: Mapping[str, Thing]
) -> dict[tuple[str, str], list[Relation]]:
    """Group the relations between things by what stands left and right.

    What is used stands left of what uses it; the configurations of the start stand left of it, so
    that what they are built from is left of both.
    """
    own = {
        (relation.source, relation.target)
        for relation in around.sections[FAMILY]
        if relation.role == FAMILY
    }
    pairs: dict[tuple[str, str], list[Relation]] = defaultdict(list)
    for relation in around.relations:
        ends = relation.source, relation.target
        if things.keys() >= set(ends):
            pairs[ends if ends in own else ends[::-1]].append(relation)
    return pairs


def _node(thing: Thing, box: Box) -> Node:
    kind = kind_of(thing)
    return Node(thing, kind, KINDS[kind], text_of(thing), box.x, box.y, box.width)


def _edges(
    layout: Layout,
    pairs: Mapping[tuple[str, str], list[Relation]],
    things: Mapping[str, Thing],
) -> Iterator[Edge]:
    """Draw the lines, those of the first roles first; a word stands where none is yet."""
    taken: list[tuple[float, float, float]] = []
    ends = Counter((side, arc[side]) for arc in layout.lines for side in (0, 1))
    for arc in sorted(layout.lines, key=lambda arc: min(map(_order, pairs[arc]))):
        points = layout.lines[arc]
        relation = min(pairs[arc], key=_order)
        role = relation.role
        leftwards = layout.boxes[relation.target].x < layout.boxes[relation.source].x
        labels = sorted({relation.label for relation in pairs[arc]})
        words = words_of(pairs[arc])
        title = f"{things[relation.source].label} {', '.join(labels)} "
        crowd = ends[0, arc[0]] - ends[1, arc[1]]
        yield Edge(
            role,
            ROLES[role],
            _path(points),
            _head(points[0], 1) if leftwards else _head(points[-1], -1),
            title + things[relation.target].label,
            tuple(place(points, words, crowd, taken)) if words else (),
        )


def _order(relation: Relation) -> int:
    return _ORDER[relation.role]


def _path(points: Sequence[Point]) -> str:
    """Draw curves between columns and straight lines through them."""
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for number, ((x1, y1), (x2, y2)) in enumerate(pairwise(points)):
        middle = (x1 + x2) / 2
        curve = f"C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        path += f"H{x2:.1f}" if number % 2 else curve
    return path


def _head(tip: Point, way: int) -> str:
    return f"M{tip[0]:.1f} {tip[1]:.1f}l{HEAD * way:.0f} -4v8z"


def _legend(nodes: Sequence[Node], edges: Sequence[Edge], width: float, y: float) -> Iterator[Sign]:
    """Set the kinds and roles that the picture has in lines of text."""
    kinds = {node.look: (node.kind, node.thing.kinds.get(node.kind, "model")) for node in nodes}
    looks = [(words, kind, look, None) for look, (kind, words) in kinds.items()]
    used = {edge.role: edge.stroke for edge in edges}
    strokes = [(used[role].words, role, None, used[role]) for role in ROLES if role in used]
    for group in (looks, strokes):
        x = 0.0
        for words, name, look, stroke in group:
            length = 50 + _LEGEND_LETTER * len(words)
            if x and x + length > width:
                x, y = 0.0, y + _LEGEND_LINE
            yield Sign(words, name, x, y, look, stroke)
            x += length
        y += _LEGEND_LINE if group else 0
