"""Tell a comparison: as text for a curator, as JSON for a program."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from audiokg.ingest.diff.candidates import Certainty, Part, Proposal, describe
from audiokg.ingest.diff.run import Comparison
from audiokg.ingest.diff.verdicts import Change, RowVerdict, Verdict
from audiokg.ingest.entry import Entry
from audiokg.terms import shorten

#: What a verdict says of its rows, as the heading of their block.
_HEADINGS: Final = {
    Verdict.UNREADABLE: "cannot be read",
    Verdict.DUPLICATE: "repeat another row",
    Verdict.NEW: "are new",
    Verdict.CHANGED: "print something else",
    Verdict.MOVED: "stand at another place",
    Verdict.GONE: "are gone",
}
_KINDS_OF_CHANGE: Final = {"name": "renamed", "title": "retitled", "place": "moved"}
_LONGEST: Final = 90


def tell(comparison: Comparison) -> Iterator[str]:
    """Yield the lines of a report: the counts first, then a block for each verdict."""
    yield from _summary(comparison)
    for verdict, heading in _HEADINGS.items():
        rows = [row for row in comparison.rows if row.verdict is verdict]
        if rows:
            yield f"\n{len(rows)} {heading}:"
        for row in rows:
            yield from _tell_row(row, comparison)
    if comparison.doubts:
        yield f"\n{len(comparison.doubts)} to look at, as rows have changed:"
        yield from (f"  {place}: {doubt}" for place, doubt in comparison.doubts)


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Give a comparison as an object: all rows, what was carried over, what is proposed."""
    carried = comparison.carried
    return {
        "source": comparison.source,
        "against": comparison.against,
        "file": comparison.file,
        "counts": count_verdicts(comparison.rows),
        "decisions": {"kept": len(carried.kept), "lost": [d.ident for d in carried.lost]},
        "proposals": _certainties(comparison),
        "rows": [_row_as_json(row, comparison) for row in comparison.rows],
        "doubts": [{"place": place, "doubt": doubt} for place, doubt in comparison.doubts],
    }


def count_verdicts(rows: Sequence[RowVerdict]) -> dict[str, int]:
    """Count the rows of each verdict."""
    counts = Counter(row.verdict for row in rows)
    return {verdict.value: counts[verdict] for verdict in Verdict}


def _summary(comparison: Comparison) -> Iterator[str]:
    before = sum(1 for row in comparison.rows if row.before)
    now = sum(1 for row in comparison.rows if row.now)
    yield f"{comparison.file}: {now} rows, against the {before} rows of {comparison.against}"
    yield "  " + ", ".join(
        f"{n} {verdict}" for verdict, n in count_verdicts(comparison.rows).items()
    )
    changes = Counter(change.what for row in comparison.rows for change in row.changes)
    if changes:
        named = (f"{n} {_KINDS_OF_CHANGE.get(what, what)}" for what, n in sorted(changes.items()))
        yield "  changes: " + ", ".join(named)
    carried = comparison.carried
    kept, lost = len(carried.kept), len(carried.lost)
    yield f"  decisions: {kept + lost} before; {kept} kept, {lost} without a row"
    said = ", ".join(f"{n} {certainty}" for certainty, n in _certainties(comparison).items())
    yield f"  identity of the {len(comparison.proposals)} rows without decision: {said}"


def _certainties(comparison: Comparison) -> dict[str, int]:
    counts = Counter(proposal.certainty for proposal in comparison.proposals.values())
    return {certainty.value: counts[certainty] for certainty in Certainty}


def _tell_row(row: RowVerdict, comparison: Comparison) -> Iterator[str]:
    yield f"  {_place(row, comparison)}: {_what(row)}"
    for change in row.changes:
        yield f"    {change.what}: “{_short(change.before)}” → “{_short(change.now)}”"
    if row.verdict is Verdict.CHANGED:
        yield f"    found again by {row.how} ({row.score:g})"
    if row.repeats:
        yield f"    repeats {row.repeats.ident} in line {row.repeats.line}"
    if row.before and row.verdict is Verdict.UNREADABLE:
        yield f"    it was {row.before.ident}, {_printed(row.before)}"
    if row.before and row.verdict is Verdict.GONE and _is_decided(row, comparison):
        yield "    what was decided about it is kept beside the proposal"
    proposal = comparison.proposals.get(row.ident)
    if proposal:
        yield from _tell_proposal(proposal)


def _is_decided(row: RowVerdict, comparison: Comparison) -> bool:
    return any(row.before and row.before.ident == one.ident for one in comparison.carried.lost)


def _place(row: RowVerdict, comparison: Comparison) -> str:
    place = row.now or row.fault
    if place:
        return f"{comparison.file}:{place.line}"
    return f"{comparison.against} line {row.before.line}" if row.before else comparison.file


def _what(row: RowVerdict) -> str:
    if row.fault:
        return row.fault.expected
    entry = row.now or row.before
    before = row.before.ident if row.before and row.now and row.before.ident != row.ident else ""
    was = f" (was {before})" if before else ""
    return f"{entry.ident}{was} {_printed(entry)}" if entry else ""


def _printed(entry: Entry) -> str:
    return " | ".join(_short(entry.texts[key]) for key in ("name", "title") if key in entry.texts)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _tell_proposal(proposal: Proposal) -> Iterator[str]:
    for part in proposal.parts:
        if part.note and not part.candidates:
            yield f"    {part.note}"
        elif part.certainty is not Certainty.NONE:
            yield f"    {part.certainty}: {describe(part)}"
        elif part.candidates:
            yield f"    new; it only resembles {describe(part)}"
    if proposal.certainty is Certainty.NONE:
        yield "    none: the graph does not have it yet"


def _row_as_json(row: RowVerdict, comparison: Comparison) -> dict[str, Any]:
    place = row.now or row.fault
    kept = comparison.carried.kept.get(row.ident)
    proposal = comparison.proposals.get(row.ident)
    said: dict[str, Any] = {
        "verdict": row.verdict.value,
        "row": row.ident,
        "line": place.line if place else None,
        "before": row.before.ident if row.before else None,
        "printed": dict(row.now.texts) if row.now else None,
        "changes": [_change_as_json(change) for change in row.changes],
        "foundBy": {"how": row.how, "score": row.score} if row.how else None,
        "repeats": row.repeats.ident if row.repeats else None,
        "expected": row.fault.expected if row.fault else None,
        "keptDecision": sorted(kept.refers_to) if kept else None,
        "proposal": _proposal_as_json(proposal) if proposal else None,
    }
    return {key: value for key, value in said.items() if value not in (None, [], "")}


def _change_as_json(change: Change) -> dict[str, str]:
    return {"what": change.what, "before": change.before, "now": change.now}


def _proposal_as_json(proposal: Proposal) -> dict[str, Any]:
    parts = {"publication": proposal.paper, "thing": proposal.thing}
    return {
        "certainty": proposal.certainty.value,
        "decided": list(proposal.decided),
        **{name: _part_as_json(part) for name, part in parts.items() if part},
    }


def _part_as_json(part: Part) -> dict[str, Any]:
    found = [
        {"id": one.iri, "name": shorten(one.iri), "how": one.how, "score": one.score}
        for one in part.candidates
    ]
    return {"certainty": part.certainty.value, "candidates": found, "note": part.note}
