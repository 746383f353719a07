"""Requests are read as HTTP/1.1 says, however they come, and refused with the right status."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiokg.web.exchange import Request
from audiokg.web.http.reading import LARGEST_BODY, LONGEST_TARGET, Reader

#: As much as may be heard at once.
PIECE = 2 << 10
HOST = b"Host: a\r\n"
GET = b"GET /x HTTP/1.1\r\n" + HOST
POST = b"POST /x HTTP/1.1\r\n" + HOST
UPGRADE = b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: A\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"
TWO = [("POST", "/x", b"abc"), ("GET", "/x", b"")]
#: Each with the requests in it.
STREAMS = (
    (GET + b"\r\n", [("GET", "/x", b"")]),
    (POST + b"Content-Length: 3\r\n\r\nabc" + GET + b"\r\n", TWO),
    (CHUNKED + b"\r\n1;a=b\r\na\r\n2\r\nbc\r\n0\r\nX-T: 1\r\n\r\n" + GET + b"\r\n", TWO),
    (POST + UPGRADE + b"Content-Length: 3\r\n\r\nabc" + GET + b"\r\n", TWO),
    (CHUNKED + UPGRADE + b"\r\n3\r\nabc\r\n0\r\n\r\n" + GET + b"\r\n", TWO),
    (GET + UPGRADE + b"\r\n" + GET + b"\r\n", [("GET", "/x", b"")] * 2),
)


def read(*pieces: bytes) -> list[Request]:
    reader = Reader("1.2.3.4", "5.6.7.8:80", lambda: None)
    for piece in pieces:
        reader.hear(piece)
    return list(reader.requests)


def status(*pieces: bytes) -> int:
    """Give the status of the last request's refusal; 0 if it is taken."""
    refusal = read(*pieces)[-1].refusal
    return refusal.status if refusal else 0


@pytest.mark.parametrize(("stream", "expected"), STREAMS)
def test_requests_are_read_one_after_the_other(
    stream: bytes, expected: list[tuple[str, str, bytes]]
) -> None:
    found = read(stream)
    assert [(one.method, one.target, one.body) for one in found] == expected
    assert not any(one.refusal for one in found)


@given(st.sampled_from(STREAMS), st.lists(st.integers(0, 400)))
def test_pieces_may_end_anywhere(
    case: tuple[bytes, list[tuple[str, str, bytes]]], cuts: list[int]
) -> None:
    stream, expected = case
    ends = [0, *sorted(cuts), len(stream)]
    found = read(*(stream[start:end] for start, end in pairwise(ends)))
    assert [(one.method, one.target, one.body) for one in found] == expected


SMALL = b"GET / HTTP/1.1\r\nHost:a\r\n\r\n"


@pytest.mark.parametrize(
    "first",
    [
        b"",
        POST + b"Content-Length: 1\r\n\r\na",
        POST + b"Content-Length: 5000\r\n\r\n" + b"a" * 5000,
        CHUNKED + b"\r\n5\r\nabcde\r\n0\r\n\r\n",
        POST + UPGRADE + b"Content-Length: 3\r\n\r\nabc",
        GET + b"A: " + b"a" * (PIECE - len(GET) - 5) + b"\r\n\r\n",
    ],
    ids=["head", "body", "long body", "chunks", "another protocol", "end on an edge"],
)
def test_few_requests_are_heard_at_once(first: bytes) -> None:
    reader, come, heard = Reader("", "", lambda: None), bytearray(first + 500 * SMALL), [0]
    while come:
        part = reader.cut(come)
        assert 0 < len(part) <= PIECE
        reader.hear(part)
        heard.append(len(reader.requests))
    assert max(after - before for before, after in pairwise(heard)) <= 3
    assert heard[-1] == 500 + bool(first)
    assert not any(one.refusal for one in reader.requests)


@given(st.lists(st.binary(max_size=100) | st.sampled_from([GET, POST, UPGRADE, b"\r\n", b"0\r\n"])))
def test_whatever_comes_is_a_request_or_refused(pieces: list[bytes]) -> None:
    found = read(*pieces)
    assert all(one.refusal.status >= 400 for one in found if one.refusal)
    assert not any(one.refusal for one in found[:-1])


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"get /x HTTP/1.1\r\n" + HOST + b"\r\n", 501),
        (b"BREW /x HTTP/1.1\r\n" + HOST + b"\r\n", 501),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
        (b"GET /x\r\n\r\n", 505),
        (b"GET /x HTTP/2.0\r\n" + HOST + b"\r\n", 505),
        (b"CONNECT a:1 HTTP/1.1\r\n" + HOST + b"\r\n", 405),
        (b"GET /x HTTP/1.1\r\n\r\n", 400),
        (GET + HOST + b"\r\n", 400),
        (b"GET http://a/ HTTP/1.1\r\n\r\n", 400),
        (b"GET http://a/ HTTP/1.1\r\n" + HOST * 2 + b"\r\n", 400),
        (b"GET http://a@b/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET http://[::1/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (POST + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
        (GET + UPGRADE + b"\r\n" + POST + b"Content-Encoding: gzip\r\n\r\n", 415),
        (GET + b"X : a\r\n\r\n", 400),
        (GET + b"X: a\r\n b\r\n\r\n", 400),
        (GET + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (POST + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\na", 415),
        (POST + b"Content-Length: %d\r\n\r\n" % (LARGEST_BODY + 1), 413),
        (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\na", 400),
        (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na", 400),
        (POST + b"Transfer-Encoding: gzip\r\n\r\na", 501),
        (b"GET /" + b"a" * LONGEST_TARGET + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (b"GET /" + b"a" * LONGEST_TARGET, 414),
    ],
)
def test_what_is_no_request_is_refused(sent: bytes, expected: int) -> None:
    assert status(sent) == expected
    assert status(*(sent[start : start + 7] for start in range(0, len(sent), 7))) in (400, expected)


def test_an_address_may_be_as_long_as_that() -> None:
    assert status(b"GET /" + b"a" * (LONGEST_TARGET - 1) + b" HTTP/1.1\r\n" + HOST + b"\r\n") == 0


@pytest.mark.parametrize("one", [b"X-A: a\r\n", b"X-A: " + b"a" * PIECE])
def test_headers_that_never_end_are_refused(one: bytes) -> None:
    found = read(GET, *[one] * 20_000)
    assert [refused.refusal.status for refused in found if refused.refusal] == [431]


def test_chunks_that_never_end_are_refused() -> None:
    chunk = b"2000\r\n" + b"a" * 0x2000 + b"\r\n"
    end = b"0\r\n\r\n"
    assert status(CHUNKED + b"\r\n", *[chunk] * 128, end) == 0
    assert status(CHUNKED + b"\r\n", *[chunk] * 200) == 413


@pytest.mark.parametrize(
    "begun", [b"0\r\nX-T: ", b"0\r\nX-T: a\r\n", b"1;", b"1\r\na\r\n2;a=", b"0\r\n"]
)
def test_what_stands_beside_chunks_may_not_go_on_for_ever(begun: bytes) -> None:
    more = b"X-T: a\r\n" * 100 if begun.endswith(b"\n") else b"a" * 1000
    found = read(CHUNKED + b"\r\n" + begun, *[more] * 1000)
    assert [refused.refusal.status for refused in found if refused.refusal] == [431]


@pytest.mark.parametrize(
    ("target", "path", "query", "host"),
    [
        ("/a%2Fb?c=%20#d", "/a/b", "c=%20", "a"),
        ("//b.example/c", "//b.example/c", "", "a"),
        ("http://b.example:8/c?d", "/c", "d", "b.example:8"),
        ("http://b.example?d", "/", "d", "b.example"),
        ("*", "/", "", "a"),
    ],
)
def test_an_address_is_a_path_and_a_query(target: str, path: str, query: str, host: str) -> None:
    method = "OPTIONS" if target == "*" else "GET"
    [found] = read(f"{method} {target} HTTP/1.1\r\n".encode() + HOST + b"\r\n")
    assert (found.path, found.query_string, found.headers["host"]) == (path, query, host)
    assert found.refusal is None


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_only_options_asks_of_the_server_as_a_whole(method: str) -> None:
    [found] = read(f"{method} * HTTP/1.1\r\n".encode() + HOST + b"\r\n")
    assert found.refusal
    assert found.refusal.status == 400


@pytest.mark.parametrize(
    ("line", "more", "is_kept"),
    [
        ("1.1", b"", True),
        ("1.1", b"Connection: close\r\n", False),
        ("1.1", UPGRADE, True),
        ("1.0", b"", False),
        ("1.0", b"Connection: keep-alive\r\n", True),
        ("1.0", b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", False),
        ("1.1", b"Upgrade: x\r\nConnection: close, upgrade\r\n", False),
        ("1.1", b"Upgrade: x\r\nConnection: close, upgrade\r\nContent-Length: 0\r\n", False),
    ],
)
def test_a_connection_is_kept_as_the_client_asks(line: str, more: bytes, is_kept: bool) -> None:
    found = read(f"GET / HTTP/{line}\r\n".encode() + HOST + more + b"\r\n" + GET + b"\r\n")
    assert found[0].is_kept == is_kept
    assert len(found) == 1 + is_kept
    assert not any(one.refusal for one in found)


@pytest.mark.parametrize(
    ("line", "length", "is_asked"),
    [(POST, 3, True), (POST, LARGEST_BODY + 1, False), (b"POST / HTTP/1.0\r\n", 3, False)],
)
def test_who_waits_for_leave_to_send_gets_it_if_the_body_is_taken(
    line: bytes, length: int, is_asked: bool
) -> None:
    asked: list[bool] = []
    reader = Reader("", "", lambda: asked.append(True))
    reader.hear(line + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % length)
    assert asked == [True] * is_asked


def test_offer_of_another_protocol_behind_headers_that_are_too_long_is_refused() -> None:
    head = GET + UPGRADE + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 4000) for n in range(100))
    for size in range((128 << 10) - 200, (128 << 10) + 2200, 50):
        stream = head[: head.rindex(b"\r\n", 0, size) + 2]
        stream += b"Y: " + b"a" * (size - len(stream)) + b"\r\n\r\n" + GET + b"\r\n"
        found = read(*(stream[start : start + PIECE] for start in range(0, len(stream), PIECE)))
        assert [one.refusal.status if one.refusal else 0 for one in found] in ([431], [0, 0])


def test_many_offers_of_another_protocol_are_not_taken_for_long_headers() -> None:
    found = read((GET + UPGRADE + b"\r\n") * 300 + GET)
    assert len(found) == 300
    assert not any(one.refusal for one in found)


def test_name_with_an_underscore_is_no_header() -> None:
    [found] = read(GET + b"Accept_Encoding: gzip\r\nContent_Type: a\r\nA-B: c\r\n\r\n")
    assert found.headers == {"host": "a", "a-b": "c"}


def test_only_get_asks_for_one_part() -> None:
    for method, wanted, is_heard in (("GET", "0-5", 1), ("GET", "0-5,7-9", 0), ("HEAD", "0-5", 0)):
        line = f"{method} / HTTP/1.1\r\nRange: bytes={wanted}\r\nAccept-Encoding: gzip\r\n"
        [found] = read(line.encode() + HOST + b"\r\n")
        assert ("range" in found.headers, "accept-encoding" in found.headers) == (
            is_heard,
            not is_heard,
        )


def test_method_is_known_of_what_is_refused() -> None:
    assert read(b"HEAD /" + b"a" * LONGEST_TARGET)[-1].method == "HEAD"
