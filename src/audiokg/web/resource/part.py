"""?part=: what is said of a row, cell, statement or setting, whose IRI is a page's with #."""

from flask import Response, abort

from audiokg.sites import Link
from audiokg.web.page import page
from audiokg.web.questions import Questions, is_iri, value
from audiokg.web.resource.witnesses import text_of
from audiokg.wording import word_for


def answer_part(questions: Questions, whole: str, label: str, fragment: str) -> Response:
    """Answer with the page of a part; abort with 404 where nothing is said of it."""
    iri = f"{whole}#{fragment}"
    rows = questions.rows("part", part=iri) if is_iri(iri) else []
    if not rows:
        abort(404, f"Nothing is known of {iri}; the page of {whole} shows the parts there are.")
    facts: dict[str, tuple[str, list[Link]]] = {}
    for row in rows:
        property_ = value(row, "property")
        name = word_for(property_, value(row, "propertyLabel")).name
        _, values = facts.setdefault(property_, (name, []))
        target = row["value"]["value"] if row["value"]["type"] == "uri" else ""
        values.append(Link(target, text_of(row["value"], value(row, "valueLabel"))))
    return page("part.html", iri=iri, whole=whole, label=label, fragment=fragment, facts=facts)
