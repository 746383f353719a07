"""SERVICE: only what is on the list is asked, in whatever way it is written."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from audiokg.engine import federation
from audiokg.engine.federation import Broker, find_calls, is_public
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import QueryRequest
from audiokg.errors import EndpointError, QueryError
from conftest import LIMITS, ROOT
from services import Proxy, proxy, sparql_server

ALLOWED = ("https://sparql.dblp.org/sparql",)


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("federation")
    with sparql_server(folder, ROOT / "tests" / "link" / "dblp.ttl") as address:
        yield address


@pytest.fixture
def service(upstream: str) -> Iterator[Proxy]:
    with proxy(upstream) as server:
        yield server


@pytest.fixture
def federating(snapshot: Path, service: Proxy) -> Iterator[LocalEngine]:
    """An engine that may ask the service, on loopback for once."""
    broker = Broker((service.address,), fits=lambda address: True)
    engine = LocalEngine(snapshot, LIMITS, workers=1, broker=broker)
    yield engine
    engine.close()


def ask(engine: LocalEngine, text: str) -> str:
    return engine.answer(QueryRequest(text, rows_format="csv")).body.decode()


NAMES = "?p <https://dblp.org/rdf/schema#primaryCreatorName> ?name"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?name {{ SERVICE <{0}> {{ {1} }} }}",
        "select ?name {{ sErViCe<{0}>{{ {1} }} }}",
        "SELECT ?name {{ SERVICE SILENT <{0}> {{ {1} }} }}",
        "SELECT ?name {{ SERVICE # a comment <x:>\n <{0}> {{ {1} }} }}",
        "PREFIX s: <{0}> SELECT ?name {{ SERVICE s: {{ {1} }} }}",
        "SELECT ?name {{ {{ SELECT ?name {{ SERVICE <{0}> {{ {1} }} }} }} }}",
    ],
)
def test_a_service_on_the_list_is_asked_however_it_is_written(
    federating: LocalEngine, service: Proxy, text: str
) -> None:
    assert "Yossi Adi" in ask(federating, text.format(service.address, NAMES))


def test_a_service_is_joined_with_the_graph(federating: LocalEngine, service: Proxy) -> None:
    text = f"""PREFIX schema: <https://schema.org/>
        SELECT ?publication ?title {{
          ?publication schema:sameAs ?record .
          SERVICE <{service.address}> {{ ?record <https://dblp.org/rdf/schema#doi> ?title }} }}"""
    assert "arxiv-2210-13438" in ask(federating, text)


@pytest.mark.parametrize("fault", ["500", "429", "html", "half", "nothing"])
def test_a_failing_service_is_named(federating: LocalEngine, service: Proxy, fault: str) -> None:
    service.always = fault
    with pytest.raises(EndpointError) as caught:
        ask(federating, f"SELECT * {{ SERVICE <{service.address}> {{ {NAMES} }} }}")
    assert "127.0.0.1" in str(caught.value)
    assert "/0" not in str(caught.value).replace(service.address, "")
    assert ask(federating, "ASK {}").strip() == "true"


def test_an_answer_that_comes_bit_by_bit_is_given_up(
    federating: LocalEngine, service: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.always = "drip"
    monkeypatch.setattr(federation, "_SECONDS", 0.5)
    with pytest.raises(EndpointError, match="takes too long"):
        ask(federating, f"SELECT * {{ SERVICE <{service.address}> {{ {NAMES} }} }}")


@pytest.mark.parametrize(
    "clause",
    [
        "SERVICE <http://127.0.0.1:{port}/> {{}}",
        "SERVICE ?where {{}}",
        "VALUES ?where {{ <http://127.0.0.1:{port}/> }} SERVICE SILENT ?where {{}}",
        "FILTER EXISTS {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}",
        "{{ SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }} }}",
        "SERVICE <https://sparql.dblp.org/sparql/> {{}}",
        "SERVICE <HTTPS://sparql.dblp.org/sparql> {{}}",
        "SERVICE <https://sparql.dblp.org@127.0.0.1:{port}/sparql> {{}}",
        # A string without an end may hide anything.
        """SERVICE <https://sparql.dblp.org/sparql> {{}} FILTER(?a = ")""",
        # Code points that are no characters.
        r"SERVICE <\UFFFFFFFF> {{}}",
        r"SERVICE <http://127.0.0.1:{port}/\uD800> {{}}",
        # What one reader takes for a string or an IRI, another may take for a clause.
        "SERVICE <https://sparql.dblp.org/sparql> {{}} "
        "FILTER(?a<'x>') SERVICE <http://127.0.0.1:{port}/> {{}} FILTER(?b='y')",
    ],
)
def test_anything_else_is_refused_and_nothing_is_asked(
    snapshot: Path, listener: "Listener", clause: str
) -> None:
    broker = Broker(ALLOWED)
    engine = LocalEngine(snapshot, LIMITS, workers=1, broker=broker)
    try:
        with pytest.raises(QueryError):
            ask(engine, "SELECT * { " + clause.format(port=listener.port) + " }")
    finally:
        engine.close()
    assert listener.connections == 0


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM <http://127.0.0.1:{port}/> {{ ?s ?p ?o }}",
        "SELECT * FROM NAMED <http://127.0.0.1:{port}/> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "DESCRIBE <http://127.0.0.1:{port}/>",
        "BASE <http://127.0.0.1:{port}/> SELECT * {{ <a> <b> <c> }}",
    ],
)
def test_no_graph_is_ever_fetched(snapshot: Path, listener: "Listener", text: str) -> None:
    engine = LocalEngine(snapshot, LIMITS, workers=1, broker=Broker(ALLOWED))
    try:
        engine.answer(QueryRequest(text.format(port=listener.port), triples_format="jsonld"))
    finally:
        engine.close()
    assert listener.connections == 0


class Listener:
    """Counts the connections that are made to it."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.socket.close()


def test_a_name_that_leads_to_a_private_address_is_not_asked(
    snapshot: Path, listener: Listener
) -> None:
    address = f"http://localhost:{listener.port}/"
    engine = LocalEngine(snapshot, LIMITS, workers=1, broker=Broker((address,)))
    try:
        with pytest.raises(EndpointError, match="leads to a private address"):
            ask(engine, f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}")
    finally:
        engine.close()
    assert listener.connections == 0


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
    ],
)
def test_only_addresses_of_the_public_net_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_a_word_in_a_string_alone_is_no_clause() -> None:
    assert find_calls('SELECT * { ?s ?p "customer service" }', ()) == []


def test_the_broker_knows_only_the_addresses_that_it_gave_out() -> None:
    broker = Broker(ALLOWED)
    try:
        given = broker.address_of(ALLOWED[0])
        path = "/" + given.split("/", 3)[3]
        assert broker.find(path) == ALLOWED[0]
        for other in ("/", "/x/0", path + "1", path[:-1] + "9", path.upper()):
            assert broker.find(other) is None
    finally:
        broker.close()
