"""What goes through the pipe between the engine and a worker: a length, and a pickled object."""

import pickle
import socket
import struct
from typing import Any, Final

#: The length of what follows, in bytes.
HEAD: Final = struct.Struct("!Q")
_CHUNK: Final = 1 << 16


def pack(message: object) -> bytes:
    """Make one message."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return HEAD.pack(len(body)) + body


def unpack(chunks: list[bytes]) -> Any:
    """Read one whole message."""
    # Both ends are processes of ours.
    return pickle.loads(memoryview(b"".join(chunks))[HEAD.size :])  # noqa: S301


def is_whole(chunks: list[bytes], size: int) -> bool:
    """Tell whether so many bytes in chunks are a whole message."""
    while len(chunks) > 1 and len(chunks[0]) < HEAD.size:
        chunks[:2] = [chunks[0] + chunks[1]]
    return size >= HEAD.size and size >= HEAD.size + HEAD.unpack_from(chunks[0])[0]


def receive(pipe: socket.socket) -> Any:
    """Wait for one message. Raises EOFError if the other end is closed."""
    chunks: list[bytes] = []
    size = 0
    while not is_whole(chunks, size):
        chunk = pipe.recv(_CHUNK)
        if not chunk:
            raise EOFError
        chunks.append(chunk)
        size += len(chunk)
    return unpack(chunks)
