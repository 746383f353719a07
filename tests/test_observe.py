"""What the log says of an answer."""

import pyoxigraph as ox
import pytest

from audiokg.engine.protocol import Answer
from audiokg.formats import ROWS_WRITERS
from audiokg.web.observe import note_answer, note_query


@pytest.mark.parametrize("form", ROWS_WRITERS)
@pytest.mark.parametrize("rows", [0, 1, 7])
def test_rows_are_counted_in_every_format(form: str, rows: int) -> None:
    values = " ".join(f'"a line\\n{n}"' for n in range(rows))
    solutions = ox.Store().query(f"SELECT ?value {{ VALUES ?value {{ {values} }} }}")
    assert isinstance(solutions, ox.QuerySolutions)
    body = solutions.serialize(None, ROWS_WRITERS[form])
    assert note_answer(Answer(form, True, body or b"")) == {"rows": rows}


def test_triples_are_no_rows() -> None:
    assert note_answer(Answer("ttl", False, b"")) == {}


def test_a_query_is_noted_by_its_hash_unless_its_text_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "ASK" not in str(note_query("ASK {}"))
    assert note_query("ASK {}") != note_query("ASK { }")
    monkeypatch.setenv("AUDIOKG_LOG_QUERIES", "1")
    assert note_query("ASK {}") == {"query": "ASK {}"}
