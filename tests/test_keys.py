"""Keys of what is remembered: short, and one for each question."""

from audiokg.keys import make_key


def test_keys_are_short_and_tell_apart() -> None:
    parts: list[tuple[object, ...]] = [("a", "bc"), ("ab", "c"), ("a", None), ("a", "None"), ("a",)]
    keys = {make_key(*part) for part in parts}
    assert len(keys) == len(parts)
    assert len(make_key("\ud800" * 100_000)) == 32
