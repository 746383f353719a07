"""Keys of what is remembered: short, and one for each question."""

from audiokg.keys import make_digest, make_key


def test_keys_are_short_and_tell_apart() -> None:
    parts: list[tuple[object, ...]] = [("a", "bc"), ("ab", "c"), ("a", None), ("a", "None"), ("a",)]
    keys = {make_key(*part) for part in parts}
    assert len(keys) == len(parts)
    assert len(make_key("\ud800" * 100_000)) == len(make_digest(b"a")) == 32
    assert make_digest(b"a") != make_digest(b"b")
