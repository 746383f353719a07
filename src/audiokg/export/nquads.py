"""The whole graph as it was built: every statement with the graph that it stands in."""

from audiokg.export.material import Material
from audiokg.snapshot import QUADS


def export_nquads(material: Material) -> bytes:
    """Give the snapshot, which is N-Quads. Raises SnapshotError if it is not what was built."""
    len(material.store)  # reading it compares it with its manifest
    return (material.folder / QUADS).read_bytes()
