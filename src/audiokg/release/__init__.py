"""Releases: dumps with checksums and descriptions, and what changed since the last one."""
