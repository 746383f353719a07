"""The issue form: it asks for what the reader reads; a filled one becomes a file that passes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from audiokg.cli import main
from audiokg.errors import InputError
from audiokg.identifiers import read_orcid
from audiokg.new.fields import MODELS
from audiokg.new.form import FORM, check_orcid, read_form
from conftest import ROOT

TEMPLATE = ROOT / ".github" / "ISSUE_TEMPLATE" / "new-model.yml"
FIELDS = {
    part["id"]: part["attributes"]
    for part in yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))["body"]
    if part["type"] != "markdown"
}
ANSWERS = {
    "name": "My Codec",
    "arxiv": "https://arxiv.org/abs/2401.00001v2",
    "title": "A Codec of Mine",
    "kind": "codec, other audio model",
    "input": "speech, music",
    "output": "speech",
    "task": "audio coding",
    "organisation": "Kyutai",
    "sources": "https://github.com/owner/name\nhttps://example.org/card",
    "orcid": "0000-0002-1825-0097",
    "notes": "It has 8 codebooks.\n\n### Perhaps",
}


def filled(answers: dict[str, str]) -> str:
    """Write a filled form as GitHub does."""
    parts = (
        f"### {field['label']}\r\n\r\n{answers.get(id_) or '_No response_'}"
        for id_, field in FIELDS.items()
    )
    return "\r\n\r\n".join(parts)


def test_form_and_reader_have_the_same_fields() -> None:
    assert {id_: field["label"] for id_, field in FIELDS.items()} == FORM
    assert FIELDS["kind"]["options"] == list(MODELS)


def test_form_is_one_that_github_accepts() -> None:
    command = Path(sys.executable).with_name("check-jsonschema")
    schema = ["--builtin-schema", "vendor.github-issue-forms"]
    done = subprocess.run([command, *schema, TEMPLATE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_filled_form_is_read() -> None:
    form = read_form(filled(ANSWERS))
    request = form.request
    assert (request.id, request.label, request.arxiv) == ("my-codec", "My Codec", "2401.00001")
    assert request.classes == ("codec", "other audio model")
    assert request.sources == ("https://github.com/owner/name", "https://example.org/card")
    assert ("input", "speech, music") in request.settings
    assert form.orcid == "https://orcid.org/0000-0002-1825-0097"
    assert form.notes.endswith("### Perhaps")


def test_unanswered_field_is_left_out() -> None:
    form = read_form(filled({"name": "My Codec"}))
    assert (form.request.arxiv, form.request.settings, form.orcid, form.notes) == ("", (), "", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no answer to “### Name”"),
        ("### Name\n\n_No response_", "no answer to “### Name”"),
        ("### Name\n\nA\n\n### Name\n\nB", "twice"),
        ("### Name\n\nA\n\n### arXiv id\n\n24", "is no arXiv id"),
        ("### Name\n\nA\n\n### Id\n\nA B", "write it as a-b"),
        ("### Name\n\n🎵", "is no id"),
        ("### Name\n\nA\n\n### Your ORCID iD\n\n0000-0002-1825-0098", "is it mistyped"),
    ],
)
def test_form_that_cannot_be_read_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_form(text)


#: The iDs that ORCID and others print as examples of the checksum, among them two with X.
DOCUMENTED = (
    *("0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0003-1415-9269"),
    *("0000-0002-1694-233X", "0000-0002-9079-593X"),
)


@pytest.mark.parametrize("before", ["", "https://orcid.org/", "http://orcid.org/", "orcid:"])
@pytest.mark.parametrize("orcid", DOCUMENTED)
def test_orcid_with_its_checksum_is_taken(orcid: str, before: str) -> None:
    assert check_orcid(before + orcid) == f"https://orcid.org/{orcid}"


@pytest.mark.parametrize("orcid", DOCUMENTED)
def test_orcid_with_another_last_sign_is_refused(orcid: str) -> None:
    assert not [
        sign for sign in "0123456789X" if sign != orcid[-1] and read_orcid(orcid[:-1] + sign)
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("", "0000-0002-1694-233x", "\u0660000-0002-1825-0097", "0000000218250097"),
        *("0000-0000-0000-0000", "10.1000/0000-0002-1825-0097", "2210.13438"),
    ],
)
def test_what_is_no_orcid_is_none(text: str) -> None:
    assert read_orcid(text) == ""


def test_form_becomes_files_that_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("data", "ontology", "queries", "shapes"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.setenv("AUDIOKG_ROOT", str(tmp_path))
    issue = tmp_path / "issue.md"
    issue.write_text(filled(ANSWERS), encoding="utf-8")
    done = CliRunner().invoke(main, ["new", "form", str(issue)])
    assert done.exit_code == 0, done.output
    assert "Data-by: https://orcid.org/0000-0002-1825-0097" in done.stderr
    assert "not in the file: It has 8 codebooks." in done.stderr
    files = [line.removesuffix(": written") for line in done.stdout.splitlines()]
    checked = CliRunner().invoke(main, ["check", *files])
    assert (checked.exit_code, checked.stdout) == (0, "")


@pytest.mark.parametrize(
    ("content", "day", "message"),
    [(b"\xff\xfe", "", "is not UTF-8"), (b"### Name\n\nA", "soon", "SOURCE_DATE_EPOCH")],
)
def test_form_or_day_that_is_none_is_told(
    content: bytes, day: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", day)
    (tmp_path / "issue.md").write_bytes(content)
    done = CliRunner().invoke(main, ["new", "form", str(tmp_path / "issue.md")])
    assert (done.exit_code, message in done.stderr) == (2, True)
