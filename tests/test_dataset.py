"""The dataset of a query: what FROM says, and a default graph of several graphs."""

import pytest

from audiokg.engine.dataset import Dataset, read_dataset
from audiokg.engine.protocol import QueryRequest

G, H = "https://x.org/g", "https://x.org/h"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"SELECT * FROM <{G}> {{ ?s ?p ?o }}", Dataset((G,))),
        (f"SELECT*FROM<{G}>from<{H}>{{?s?p?o}}", Dataset((G, H))),
        (f"ASK FROM <{G}> FROM <{G}> {{}}", Dataset((G, G))),
        (f"ASK FROM NAMED <{G}> FROM # FROM <{G}>\n<{H}> {{}}", Dataset((H,), (G,))),
        ("PREFIX x: <https://x.org/> ASK FROM x:g From nAmEd x:h {}", Dataset((G,), (H,))),
        ("PREFIX : <https://x.org/g> PREFIX named: <https://x.org/> ASK FROM : FROM named:h {}",
         Dataset((G, H))),
        (r"ASK FROM <https://x.org/\u0067> {}", Dataset((G,))),
        (f"ASK FROM <{G}> {{ ?s ?p 'FROM <{H}>' }} # FROM <{H}>", Dataset((G,))),
        ("ASK { ?s ?p 'FROM' }", None),
        ("ASK FROM <g> {}", None),
        ("BASE <https://x.org/> ASK FROM <g> {}", None),
        ("BASE <https://x.org/> PREFIX x: <y/> ASK FROM x:g {}", None),
        (r"PREFIX x: <https://x.org/> ASK FROM x:g\,h {}", None),
        ("ASK FROM x:g {}", None),
        (f"ASK FROM <{G}> {{ ?FROM a FROM:x }}", None),
        (f"ASK FROM <{G}> {{ ?s <a#b> ?o }}", None),
        ("PREFIX : <https://x.org/> PREFIX:<https://y.org/> ASK FROM :g FROM :h {}", None),
        ("SELECT * FROM", None),
    ],
)  # fmt: skip
def test_clauses_are_read_if_they_are_sure(text: str, expected: Dataset | None) -> None:
    assert read_dataset(QueryRequest(text)) == expected


def test_parameters_count_more_than_clauses() -> None:
    request = QueryRequest(f"ASK FROM <{G}> {{}}", default_graphs=(H,))
    assert read_dataset(request) == Dataset((H,))
    request = QueryRequest(f"ASK FROM <{G}> {{}}", named_graphs=(H,))
    assert read_dataset(request) == Dataset((), (H,))
