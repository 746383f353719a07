"""What the log says of an answer."""

import json
import logging
from datetime import datetime

import pyoxigraph as ox
import pytest

from audiokg.engine.protocol import Answer
from audiokg.formats import ROWS_WRITERS
from audiokg.web.exchange import Response
from audiokg.web.observe import Notes, Observer, note_answer, note_query, shows_queries


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


def test_requests_are_counted_and_logged_one_line_each(caplog: pytest.LogCaptureFixture) -> None:
    observer = Observer()
    notes: Notes = {"query": "0123", "rows": 3}
    with caplog.at_level(logging.INFO, "audiokg.access"):
        observer.saw("GET", "/sparql", Response(200, [], b"body", notes), 0.0125)
        observer.saw("GET", "/a\nb", None, 1.0)
        assert not caplog.records
        observer.tell()
        observer.tell()
    [record] = caplog.records
    first, second = map(json.loads, record.getMessage().split("\n"))
    datetime.fromisoformat(first.pop("time"))
    assert first == {
        "method": "GET", "path": "/sparql", "status": 200, "bytes": 4, "ms": 12.5, **notes
    }  # fmt: skip
    assert (second["path"], second["status"], second["bytes"]) == ("/a\nb", 499, 0)
    metrics = observer.metrics().decode()
    assert 'audiokg_requests_total{route="/sparql",status="200"} 1.0' in metrics
    assert 'audiokg_requests_total{route="other",status="499"} 1.0' in metrics
    assert "audiokg_sent_bytes_total 4.0" in metrics


def test_many_requests_are_logged_before_anybody_asks(caplog: pytest.LogCaptureFixture) -> None:
    """All that a fifth of a second brings would hold up the event loop for 40 ms."""
    observer = Observer()
    with caplog.at_level(logging.INFO, "audiokg.access"):
        for _ in range(250):
            observer.saw("GET", "/health", Response(200, [], b""), 0.001)
    assert [len(record.getMessage().split("\n")) for record in caplog.records] == [100, 100]


def test_metrics_count_what_was_not_logged_yet() -> None:
    observer = Observer()
    observer.saw("GET", "/health", Response(200, [], b""), 0.001)
    assert b'audiokg_requests_total{route="/health",status="200"} 1.0' in observer.metrics()


def test_a_query_is_noted_by_its_hash_unless_its_text_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "ASK" not in str(note_query("ASK {}"))
    assert note_query("ASK {}") != note_query("ASK { }")
    monkeypatch.setenv("AUDIOKG_LOG_QUERIES", "1")
    shows_queries.cache_clear()
    try:
        assert note_query("ASK {}") == {"query": "ASK {}"}
    finally:
        shows_queries.cache_clear()
