"""Scales, places and markers of the pictures."""

import re
from math import hypot

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from audiokg.web.overview.plots import SHAPES, LogScale, Scale, month_number, spread, ticks, widen

NUMBERS = st.floats(0.01, 10_000)
POINTS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=40)


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS).map(sorted))
def test_scales_are_monotone_and_stay_within_their_ends(numbers: list[float]) -> None:
    low, one, other, high = numbers
    assume(high > low * 1.01)
    for scale in (Scale(low, high, 10, 90), LogScale(low, high, 10, 90)):
        assert 10 <= scale.place(one) <= scale.place(other) <= 90


@given(NUMBERS, NUMBERS)
def test_a_scale_may_run_upwards(low: float, high: float) -> None:
    assume(high > low * 1.01)
    scale = LogScale(low, high, 500, 10)
    assert (scale.place(low), scale.place(high)) == (500, 10)


@given(st.tuples(NUMBERS, NUMBERS).map(sorted))
def test_ticks_lie_in_their_range_in_order(ends: list[float]) -> None:
    found = ticks(*ends)
    assert found == sorted(found)
    assert all(ends[0] <= tick <= ends[1] for tick in found)


def test_ticks_are_one_two_and_five() -> None:
    assert ticks(0.1, 20) == [0.1, 0.2, 0.5, 1, 2, 5, 10, 20]


@given(POINTS)
def test_spread_points_are_as_many_and_do_not_cover_each_other(
    points: list[tuple[int, int]],
) -> None:
    places = spread(points, 9.5)
    assert len(places) == len(points)
    pairs = [(a, b) for n, a in enumerate(places) for b in places[:n]]
    assert all(hypot(a[0] - b[0], a[1] - b[1]) > 8.9 for a, b in pairs)


def test_a_point_alone_stays_where_it_is() -> None:
    assert spread([(10.0, 20.0), (40.0, 20.0)], 9.5) == [(10.0, 20.0), (40.0, 20.0)]


@given(st.integers(1990, 2050), st.integers(1, 11))
def test_months_follow_one_another(year: int, month: int) -> None:
    assert month_number(f"{year}-{month + 1:02}") == month_number(f"{year}-{month:02}") + 1
    assert month_number(f"{year + 1}-01") == month_number(f"{year}-12") + 1


def test_the_range_of_nothing_is_a_range() -> None:
    low, high = widen([])
    assert 0 < low < high


@pytest.mark.parametrize("name", SHAPES)
def test_a_marker_is_a_closed_path(name: str) -> None:
    assert re.fullmatch(r"M[-\d. LHVhvaz]+z", SHAPES[name])


def test_markers_differ() -> None:
    assert len(set(SHAPES.values())) == len(SHAPES) == 8
