"""Messages between the engine and a worker arrive whole, however they are cut."""

import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiokg.engine.pipe import HEAD, is_whole, pack, receive, unpack


@given(st.binary(max_size=50), st.lists(st.integers(1, 70), max_size=6))
def test_a_message_is_whole_with_its_last_byte(body: bytes, cuts: list[int]) -> None:
    sent = pack(body)
    ends = sorted({min(cut, len(sent)) for cut in cuts} | {len(sent)})
    come = bytearray()
    for end in ends:
        assert not is_whole(come)
        come += sent[len(come) : end]
    assert is_whole(come)
    assert unpack(come) == body


def test_a_long_message_passes_through_a_socket() -> None:
    ours, theirs = socket.socketpair()
    body = bytes(1 << 22)
    with ours, theirs:
        sending = threading.Thread(target=theirs.sendall, args=(pack(body),))
        sending.start()
        assert receive(ours) == body
        sending.join()


@pytest.mark.parametrize("sent", [b"", b"\0", HEAD.pack(10) + b"half"])
def test_a_closed_pipe_is_no_message(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(sent)
        with pytest.raises(EOFError):
            receive(ours)
