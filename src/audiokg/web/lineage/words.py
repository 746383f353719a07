"""Place the words of lines in the picture of the family graph, where none are yet."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from textwrap import wrap
from typing import Final

from audiokg.web.lineage.layout import Point

#: The size of words on lines, the smallest text; the length of the head of a line.
SMALL: Final = 12.0
HEAD: Final = 8.0
_LETTER: Final = 6.4
_LINE: Final = 13.0
#: So many letters stand in a line.
_MOST: Final = 16
#: Where on a curve words may stand: with more lines at its right end, evenly, at its left end.
_SHARES: Final = {-1: (0.25, 0.35, 0.45), 0: (0.5, 0.4, 0.6), 1: (0.75, 0.65, 0.55)}


def place(
    points: Sequence[Point],
    label: str,
    crowd: int,
    taken: list[tuple[float, float, float]],
) -> Iterator[tuple[float, float, str]]:
    """Find room for the words of a line on one of its curves, away from the end with a crowd."""
    words = wrap(label, _MOST, break_long_words=False)
    half = max(map(len, words)) * _LETTER / 2
    shares = _SHARES[(crowd > 0) - (crowd < 0)]
    for (x1, y1), (x2, y2) in list(pairwise(points))[:: -2 if crowd > 0 else 2]:
        for t in shares:
            x = x1 + (x2 - x1) * (1.5 * t * (1 - t) + t**3)
            x = min(max(x, x1 + half + HEAD), x2 - half - HEAD)
            y = y1 + (y2 - y1) * t**2 * (3 - 2 * t)
            lines = [(x, y + _LINE * (n - (len(words) - 1) / 2)) for n in range(len(words))]
            if all(_free(line, half, taken) for line in lines):
                taken += [(*line, half) for line in lines]
                yield from ((*line, word) for line, word in zip(lines, words, strict=True))
                return


def _free(place: Point, half: float, taken: Iterable[tuple[float, float, float]]) -> bool:
    x, y = place
    return not any(abs(x - u) < half + w + 4 and abs(y - v) < _LINE for u, v, w in taken)
