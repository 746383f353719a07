"""QuickStatements: against the grammar of the tool, and read by a tool that runs them."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
from click.testing import CliRunner

from audiokg.cli import main
from audiokg.errors import InputError
from audiokg.export.material import Material
from audiokg.export.quickstatements import write_address, write_date, write_text, write_title
from audiokg.export.wikidata import export_quickstatements, write_resource
from audiokg.export.wikidata_facts import Known, find_kind_reference
from audiokg.terms import BASE, GRAPH
from small_graph import HOSTILE, ROOT, make_small

CLIENTS = ROOT / "tests" / "clients"
#: https://www.wikidata.org/wiki/Help:QuickStatements, and the parser of version 1 in
#: magnusmanske/quickstatements: columns between tabs, a text from its first to its last quotation
#: mark, of the web and of the languages that we write.
TEXT = r'"[^\t\n\x00-\x1f\x7f]+"'
DATE = r"\+\d{4}-(?:\d\d-(?:\d\dT00:00:00Z/11|00T00:00:00Z/10)|00-00T00:00:00Z/9)"
VALUE = rf"(?:Q[1-9]\d*|{TEXT}|und:{TEXT}|{DATE})"
REFERENCE = rf'\tS854\t"https?://[^\t"]+"(?:\tS813\t{DATE})?'
COMMAND = re.compile(
    rf'CREATE|LAST\t[LD]en\t{TEXT}|(?:LAST|Q[1-9]\d*)\tP\d+\t{VALUE}(?:\tP1545\t"\d+")?{REFERENCE}'
    r"|LAST\tP31\tQ[1-9]\d*"
)
#: What a value of a property is, as we write it.
VALUES = {
    **dict.fromkeys(("P31", "P170", "P178", "P275", "P407"), r"Q[1-9]\d*"),
    **dict.fromkeys(("P973", "P1324"), r'"https?://.+"'),
    "P356": r'"10\.\d{4,9}/[^a-z]+"',
    "P577": DATE,
    "P818": r'"(\d{4}\.\d{4,5}|[a-z-]+/\d{7})"',
    "P1476": f"und:{TEXT}",
    "P2093": TEXT,
    "P6782": r'"0[a-z0-9]{6}\d\d"',
    "P8978": r'"(conf|journals|books|series|reference|phd)/[^ ]+"',
}
CONVERT = """
const convert = require("quickstatements-to-wikibase-edit");
console.log(JSON.stringify(convert(require("fs").readFileSync(0, "utf8"))));
"""
ODD = """
publication:odd a akg:Publication ; rdfs:label {hostile} ; dcterms:title {hostile} ;
    fabio:hasArXivId "2401.00001" ; bibo:doi "10.1234/abc" ;
    akg:hasAuthorship <#author-1>, <#author-2> .
<#author-1> a akg:Authorship ; akg:authorOrdinal 1 ; akg:nameAsGiven {hostile} .
<#author-2> a akg:Authorship ; akg:authorOrdinal 2 ; akg:nameAsGiven "et al." .
publication:bare a akg:Publication ; rdfs:label "Bare" ; dcterms:title "Bare" .
publication:long a akg:Publication ; rdfs:label "LONG" ; dcterms:title "LONG" ;
    fabio:hasArXivId "2401.00002" .
model:untold a akg:NeuralAudioCodec ; rdfs:label "Untold" ;
    akg:hasCodeRepository <https://example.org/code> .
model:agreed a akg:NeuralAudioCodec ; rdfs:label "Agreed" ; akg:hasEvidence <#evidence-1> ;
    akg:hasCodeRepository <https://example.org/code> .
<#evidence-1> a akg:Evidence ; akg:claimedProperty akg:hasCodeRepository ;
    akg:claimObject <https://example.org/code> ; dcterms:source <https://example.org/readme> .
model:denied a akg:NeuralAudioCodec ; rdfs:label "Denied" ; akg:hasEvidence <#evidence-2> ;
    akg:hasCodeRepository <https://example.org/code> .
<#evidence-2> a akg:Evidence ; akg:claimedProperty akg:hasCodeRepository ;
    akg:claimObject <https://example.org/other> ; dcterms:source <https://example.org/readme> .
""".replace("LONG", "long " * 100)


@pytest.fixture(scope="module")
def known(material: Material) -> Known:
    return Known(material)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_small(tmp_path_factory.mktemp("small"), "publication/odd", ODD)


def commands(material: Material, *names: str) -> list[str]:
    content = export_quickstatements(material, [material.find(name) for name in names])
    return content.decode().splitlines()


def convert(lines: list[str]) -> dict[str, Any]:
    """Convert to edits of Wikibase, as quickstatements-to-wikibase-edit does."""
    node = shutil.which("node")
    assert node, "node is missing: see .ci/run"
    done = subprocess.run(
        [node, "-e", CONVERT],
        input="\n".join(lines).encode(),
        capture_output=True,
        check=False,
        cwd=CLIENTS,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    edits: dict[str, Any] = json.loads(done.stdout)
    return edits


@pytest.fixture(scope="module")
def all_commands(known: Known) -> list[str]:
    lines: list[str] = []
    for row in known.material.rows("graph-things"):
        if row["segment"].value in {"publication", "dataset", "model"}:
            try:
                lines += write_resource(known, row["thing"].value)
            except InputError:
                continue
    return lines


def test_every_command_keeps_the_grammar_and_the_type_of_its_property(
    all_commands: list[str],
) -> None:
    assert len(all_commands) > 5000
    assert [line for line in all_commands if not COMMAND.fullmatch(line)] == []
    for line in all_commands:
        columns = line.split("\t")
        if columns[1:] and columns[1].startswith("P"):
            assert re.fullmatch(VALUES[columns[1]], columns[2]), line


def test_without_names_items_are_completed_and_none_is_made(known: Known) -> None:
    lines = commands(known.material)
    items = {item.rpartition("/")[2] for item in known.items.values()}
    assert {line.split("\t")[0] for line in lines} <= items
    assert all(COMMAND.fullmatch(line) for line in lines)
    assert 'Q312\tP6782\t"059hsda18"\tS854\t"https://ror.org/059hsda18"' in "\n".join(lines)


def test_links_that_are_not_sure_are_not_used(known: Known) -> None:
    assert known.unsure.keys().isdisjoint(known.items)
    with pytest.raises(InputError, match="Q115564437 is not sure"):
        commands(known.material, "chatgpt")


def test_a_paper_becomes_an_item_with_its_identifiers(known: Known) -> None:
    [item] = convert(commands(known.material, "arxiv-2210-13438"))["creations"]
    claims = item["claims"]
    assert item["labels"] == {"en": "High Fidelity Neural Audio Compression"}
    assert [claim["value"] for claim in claims["P818"]] == ["2210.13438"]
    assert [claim["value"] for claim in claims["P31"]] == ["Q13442814"]
    assert claims["P2093"][0]["qualifiers"] == {"P1545": ["1"]}
    assert claims["P577"][0]["value"] == {"time": "+2022-00-00T00:00:00Z", "precision": 9}


def test_every_statement_has_a_reference_but_for_some_kinds(all_commands: list[str]) -> None:
    bare = re.compile(r"CREATE|LAST\t([LD]en\t.*|P31\tQ\d+)")
    for line in all_commands:
        assert "\tS854\t" in line or bare.fullmatch(line)


def test_kind_is_told_by_a_document_of_the_file(known: Known) -> None:
    [kind] = [line for line in commands(known.material, "arxiv-2210-13438") if "\tP31\t" in line]
    assert kind.endswith('\tS854\t"https://arxiv.org/abs/2210.13438"')
    models = [row["thing"].value for row in known.material.rows("graph-things")]
    told = {iri: find_kind_reference(known, iri) for iri in models if "/model/" in iri}
    encodec = told[f"{BASE}model/encodec"]
    assert encodec and encodec.url == "https://arxiv.org/abs/2210.13438"
    for iri, reference in told.items():
        assert reference in {None, *known.documents[GRAPH + iri.removeprefix(BASE)]}


def test_kind_has_no_reference_where_its_file_names_no_document(small: Material) -> None:
    lines = commands(small, "agreed")
    assert "LAST\tP31\tQ115215420" in lines
    assert "https://example.org/readme" in lines[-1]


def test_makers_are_linked_by_their_item(known: Known) -> None:
    lines = commands(known.material, "audioset")
    assert any(line.startswith("LAST\tP170\tQ95\t") for line in lines)


def test_a_document_is_a_reference_only_for_what_it_says(small: Material) -> None:
    [*_, line] = commands(small, "agreed")
    assert line.endswith('"https://example.org/code"\tS854\t"https://example.org/readme"')
    with pytest.raises(InputError, match="too little is known of it"):
        commands(small, "denied")


def test_hostile_texts_stay_in_their_column(small: Material) -> None:
    lines = commands(small, "odd")
    assert all(COMMAND.fullmatch(line) for line in lines)
    [item] = convert(lines)["creations"]
    said = " ".join(HOSTILE.replace("\x07", "").split())
    assert item["labels"]["en"] == said
    assert item["claims"]["P1476"][0]["value"] == {"text": said, "language": "und"}
    assert [claim["value"] for claim in item["claims"]["P2093"]] == [said]


def test_too_long_a_name_is_refused(small: Material) -> None:
    with pytest.raises(InputError, match="its name is longer than 250 letters"):
        commands(small, "long")


@pytest.mark.parametrize("name", ["bare", "untold"])
def test_too_little_makes_no_item(small: Material, name: str) -> None:
    with pytest.raises(InputError, match="too little is known of it"):
        commands(small, name)


def test_items_of_other_kinds_are_not_made(exporter: CliRunner) -> None:
    result = exporter.invoke(main, ["export", "quickstatements", "organisation/kyutai"])
    assert result.exit_code == 2
    assert "items are made for dataset, model, publication only" in result.output


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (write_date("2024"), "+2024-00-00T00:00:00Z/9"),
        (write_date("2024-05"), "+2024-05-00T00:00:00Z/10"),
        (write_date("2024-05-06"), "+2024-05-06T00:00:00Z/11"),
        (write_date("soon"), ""),
        (write_text(' a\t"b"\r\nc '), '"a "b" c"'),
        (write_text("\x00\x07"), ""),
        (write_text("x" * 401), ""),
        (write_title("A"), 'und:"A"'),
        (write_address("https://a.example/b"), '"https://a.example/b"'),
        (write_address("mailto:a@b.example"), ""),
        (write_address("https://a.example/" + "b" * 500), ""),
    ],
)
def test_values_are_written_or_left_out(written: str, expected: str) -> None:
    assert written == expected


def test_the_same_snapshot_gives_the_same_commands(known: Known, again: Material) -> None:
    names = ("audioset", "arxiv-2210-13438")
    assert commands(again, *names) == commands(known.material, *names)
    assert commands(again) == commands(known.material)
