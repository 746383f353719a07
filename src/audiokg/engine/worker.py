"""The process that evaluates queries: it holds the snapshot, and can do nothing else.

It cannot open a file or a socket (no descriptors are left to it, but for one that asks other
endpoints through the broker, see federation.py, and for a snapshot that is read from disk), cannot
take more memory than its limit (the allocator aborts it), and ends itself when a query overruns
(the alarm's default action), even if its parent is gone. So a query can reach neither the network
nor the disk, whatever it says.
"""

import os
import resource
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pyoxigraph as ox

from audiokg.context import Json, make_context
from audiokg.engine.dataset import read_dataset
from audiokg.engine.pipe import pack, receive
from audiokg.engine.protocol import Answer, Limits, QueryRequest, out_of_memory
from audiokg.engine.stores import Stores, open_stores
from audiokg.engine.syntax import syntax_error
from audiokg.errors import (
    FormatNotFittingError,
    QueryError,
    QueryOutOfMemoryError,
    QueryRefusedError,
    ResultTooLargeError,
)
from audiokg.formats import ROWS, TRIPLES
from audiokg.rdf import write_triples
from audiokg.rows import TOO_LARGE, write_rows
from audiokg.terms import BASE

_GRACE = 1.0  # the parent kills at the time limit; the alarm is for a worker without a parent


def load(folder: Path, limits: Limits) -> tuple[Stores, Json]:
    """Load the snapshot and the context of its JSON-LD, and initialise what is done lazily."""
    stores = open_stores(folder)
    context = make_context(stores.union)
    _warm_up(stores, context, limits)
    return stores, context


def serve(pipe: socket.socket, stores: Stores, context: Json, limits: Limits, files: int) -> None:
    """Answer one request after another until the parent is gone; open at most `files` files.

    In a thread of its own: the engine has a random generator for each thread, and that of the one
    that was forked would give the same UUIDs in every worker.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    answering = threading.Thread(target=_serve, args=(pipe, stores, context, limits, files))
    answering.start()
    answering.join()


def _serve(pipe: socket.socket, stores: Stores, context: Json, limits: Limits, files: int) -> None:
    _let_others_go_first()
    _lock_in(limits, files + stores.files)
    with suppress(EOFError, OSError):  # the parent is gone, or has given this worker up
        while True:
            request: QueryRequest = receive(pipe)
            limit = min(request.timeout or limits.timeout, limits.timeout)
            signal.setitimer(signal.ITIMER_REAL, limit + _GRACE)
            message = reply(stores, context, request, limits)
            signal.setitimer(signal.ITIMER_REAL, 0)
            pipe.sendall(message)


def evaluate(stores: Stores, context: Json, request: QueryRequest, limits: Limits) -> Answer:
    """Answer one query. Raises a QueryError."""
    results = _run(stores, request)
    if isinstance(results, ox.QueryTriples):
        if request.triples_format is None:
            raise FormatNotFittingError(_not_fitting("CONSTRUCT and DESCRIBE", TRIPLES))
        body = write_triples(list(results), request.triples_format, context, request.root)
        if len(body) > limits.result:
            raise ResultTooLargeError(TOO_LARGE)
        return Answer(request.triples_format, False, body)
    if request.rows_format is None:
        raise FormatNotFittingError(_not_fitting("SELECT and ASK", ROWS))
    body = write_rows(results, request.rows_format, limits.result)
    return Answer(request.rows_format, True, body)


def reply(stores: Stores, context: Json, request: QueryRequest, limits: Limits) -> bytes:
    """Give the message with the answer, or with what was wrong."""
    try:
        return pack(evaluate(stores, context, request, limits))
    except QueryError as error:
        return pack(error)
    except (OSError, ValueError, RuntimeError) as error:
        # What goes wrong while a result is read, a connection that cannot be opened for one.
        return pack(QueryRefusedError(f"the query cannot be evaluated: {error}"))
    except MemoryError:
        return pack(QueryOutOfMemoryError(out_of_memory(limits)))


def _run(
    stores: Stores, request: QueryRequest
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    store = stores.fitting(request)
    is_union = stores.has_default_only(store)
    dataset = None if is_union else read_dataset(request)
    default: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None
    if dataset and dataset.has_many:
        store, default = dataset.merge(store), [ox.DefaultGraph()]
    elif dataset:
        default = [ox.NamedNode(iri) for iri in dataset.default]
    try:
        return store.query(
            request.text,
            base_iri=BASE,
            substitutions={ox.Variable(k): v for k, v in request.bindings.items()},
            # None where the request names no dataset: then FROM, or the stored union, decides.
            default_graph=default,
            named_graphs=[ox.NamedNode(iri) for iri in dataset.named] if dataset else None,
            use_default_graph_as_union=is_union,
        )
    except SyntaxError as error:
        raise syntax_error(error, request.text) from error


def _not_fitting(form: str, formats: tuple[object, ...]) -> str:
    types = ", ".join(getattr(item, "media_type", "") for item in formats)
    return f"{form} answer with one of {types}"


def _warm_up(stores: Stores, context: Json, limits: Limits) -> None:
    """Import and initialise whatever is done lazily, while files can still be opened."""
    for rows in ROWS:
        request = QueryRequest("SELECT * { ?s ?p ?o } LIMIT 1", rows_format=rows.name)
        evaluate(stores, context, request, limits)
    for triples in TRIPLES:
        request = QueryRequest("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", triples_format=triples.name)
        evaluate(stores, context, request, limits)


def _let_others_go_first() -> None:
    """Let the process that hears clients go on when it has woken this one by a question.

    So this takes its turn a little later, and gets no less of the processor.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # it may be forbidden
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _lock_in(limits: Limits, files: int) -> None:
    address_space = _address_space()
    if address_space:
        ceiling = address_space + limits.memory
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


def _address_space() -> int:
    """Give the size of this process's address space in bytes; 0 where /proc does not tell."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0
    return int(statm.read_text().split()[0]) * resource.getpagesize()
