"""What goes through the pipe between the engine and a worker: a length, and a pickled object.

The connections of multiprocessing wait until they have a whole message, and an event loop cannot.
"""

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


def unpack(message: bytearray) -> Any:
    """Read one whole message."""
    # Both ends are processes of ours.
    return pickle.loads(memoryview(message)[HEAD.size :])  # noqa: S301


def is_whole(message: bytearray) -> bool:
    """Tell whether all of a message has come."""
    return len(message) >= HEAD.size and len(message) >= HEAD.size + HEAD.unpack_from(message)[0]


def receive(pipe: socket.socket) -> Any:
    """Wait for one message. Raises EOFError if the other end is closed."""
    message = bytearray()
    while not is_whole(message):
        chunk = pipe.recv(_CHUNK)
        if not chunk:
            raise EOFError
        message += chunk
    return unpack(message)
