"""`audiokg link check`: asked of a site on loopback that answers in every way that sites do."""

import gzip
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from audiokg.cli import main
from audiokg.errors import InputError
from audiokg.http import AGENT, wanted_wait
from audiokg.link.checkup import Checkup, check_links, summarise
from audiokg.link.health import Finding, State, Verdict, health_file, read_health
from audiokg.link.journal import Journal
from audiokg.link.manners import Manners
from audiokg.link.outgoing import choose_links, find_outgoing
from audiokg.link.rounds import Outcome, Round, go_round
from conftest import ROOT
from sites import Site, site

DAY = date(2026, 11, 21)
MANNERS = Manners(pause=0.0, timeout=1.0, tries=2, longest_wait=5.0)
HEAD = """@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix model: <https://w3id.org/audiokg/model/> .

"""


@pytest.fixture
def runner() -> CliRunner:
    """Run commands without the snapshot, which they do not need."""
    return CliRunner()


def anywhere(address: str) -> bool:
    return bool(address)


@pytest.fixture
def place() -> Iterator[Site]:
    with site() as server:
        yield server


def visit(place: Site, tmp_path: Path, *paths: str, **how: Any) -> Outcome:
    links = [place.address + path for path in paths]
    journal = Journal(tmp_path / "journal.jsonl")
    manners = how.pop("manners", MANNERS)
    return go_round(links, journal, Round(manners, how.pop("most", 99), "day", anywhere, **how))


def write_graph(root: Path, *links: str, name: str = "model/one") -> Path:
    path = root / "data" / f"{name}.ttl"
    path.parent.mkdir(parents=True, exist_ok=True)
    pages = " ;\n".join(f"    foaf:page <{link}>" for link in links)
    path.write_text(f'{HEAD}<> dcterms:modified "2026-11-21" .\n\nmodel:one\n{pages} .\n')
    return path


def check(root: Path, day: date = DAY, most: int = 99, *paths: Path) -> Checkup:
    how = Round(MANNERS, most, day.isoformat(), anywhere)
    return check_links(root, paths, root / "health.json", how)


@pytest.mark.parametrize(
    ("path", "verdict", "to"),
    [
        ("/ok", "ok", ""),
        ("/moved", "moved", "/ok"),
        ("/moved-twice", "moved", "/ok"),
        ("/moved-to-nothing", "gone", ""),
        ("/for-now", "ok", ""),
        ("/for-now-then-moved", "ok", ""),
        ("/stroke", "ok", ""),
        ("/absent", "gone", ""),
        ("/gone", "gone", ""),
        ("/closed", "refused", ""),
        ("/401", "refused", ""),
        ("/429", "refused", ""),
        ("/999", "refused", ""),
        ("/418", "odd", ""),
        ("/loop", "odd", ""),
        ("/to-mail", "odd", ""),
        ("/500", "down", ""),
        ("/503", "down", ""),
        ("/hang", "down", ""),
        ("/nothing", "down", ""),
        ("/no-head", "ok", ""),
        ("/head-says-404", "ok", ""),
        ("/half", "ok", ""),
        ("/wrong-length", "ok", ""),
        ("/endless", "ok", ""),
    ],
)
def test_every_answer_has_its_verdict(
    place: Site, tmp_path: Path, path: str, verdict: str, to: str
) -> None:
    finding = visit(place, tmp_path, path).findings[place.address + path]
    assert (finding.verdict, finding.to) == (verdict, to and place.address + to)
    assert place.agents == {AGENT}


@pytest.mark.parametrize(
    ("location", "verdict"),
    [
        (b"", "odd"),  # itself, without end
        (b"absent?more", "gone"),
        (b"../ok", "moved"),
        (b"//", "odd"),
        (b"///ok", "moved"),
        (b"//[x", "down"),
        (b"http://127.0.0.1:99999/", "odd"),
        (b"http://127.0.0.1:0/", "down"),
        (b"http://127.0.0.1:" + b"9" * 5000 + b"/", "down"),
        (b"http://127.0.0.1:-1/", "down"),
        (b"http://xn--a/", "odd"),
        (b"http://a\x00b/", "down"),
        (b"http://" + b"a" * 64 + b".test/", "down"),
        (b"/" + b"a" * 60_000, "gone"),
        (b"/" + b"a" * 70_000, "down"),
        ("http://\u2028/".encode(), "down"),
        ("/absent?\u00e9\u2028".encode(), "gone"),
        (b"/\xff\xfe", "gone"),
        (b"http://name:%ff@[::1", "down"),
        (b"javascript:alert(1)", "odd"),
        (b"file:///etc/passwd", "odd"),
    ],
)
def test_no_redirect_breaks_a_visit(
    place: Site, tmp_path: Path, location: bytes, verdict: str
) -> None:
    head = b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n"
    place.raw["/sly"] = head + b"Location: " + location + b"\r\n\r\n"
    finding = visit(place, tmp_path, "/sly").findings[place.address + "/sly"]
    assert finding.verdict == verdict, finding
    assert find_again(tmp_path, place.address + "/sly")


def find_again(tmp_path: Path, link: str) -> object:
    """Read the journal as the next run does."""
    return Journal(tmp_path / "journal.jsonl").find(f"day {link}")


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (b"nonsense\r\n\r\n", "down"),
        (b"HTTP/1.1 000 Nothing\r\n\r\n", "down"),
        (b"HTTP/1.1 99999 Much\r\n\r\n", "down"),
        (b"HTTP/1.1 \xb2\xb2\xb2 No number\r\n\r\n", "down"),
        (b"HTTP/9.9 200 OK\r\nContent-Length: -1\r\n\r\n", "down"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", "down"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: magic\r\n\r\n", "down"),
        (b"HTTP/1.1 200 OK\r\n: no name\r\n\r\n", "down"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", "down"),
        (b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; max-age=" + b"9" * 5000 + b"\r\n\r\n", "ok"),
        (b"HTTP/1.1 200 OK\r\nSet-Cookie: a; expires=Fri, 99 Foo 9999999\r\n\r\n", "ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip", "ok"),
    ],
)
def test_no_answer_breaks_a_visit(place: Site, tmp_path: Path, answer: bytes, verdict: str) -> None:
    place.raw["/sly"] = answer
    finding = visit(place, tmp_path, "/sly").findings[place.address + "/sly"]
    assert finding.verdict == verdict, finding


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("-5", None),
        ("soon", None),
        ("1e9", None),
        ("\u00b2", None),
        ("9" * 400, float("inf")),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
        ("Jan 1 00:00:00 99999999999999999999", None),
        ("Mon, 01 Jan 2026 00:00:00 +999999999999999", None),
        ("Mon, 01 Jan 1990 00:00:00 GMT", 0),
    ],
)
def test_no_wish_for_a_rest_breaks_a_visit(asked: str, seconds: float | None) -> None:
    assert wanted_wait({"Retry-After": asked}) == seconds


@pytest.mark.parametrize(
    "robots",
    [
        "User-agent: *\nDisallow: //[x\nDisallow: /",
        "User-agent: *\nCrawl-delay: \u00b2\nDisallow: /",
        "User-agent: *\nRequest-rate: 1/\u00b2\nDisallow: /",
    ],
)
def test_robots_that_do_not_parse_are_none(place: Site, tmp_path: Path, robots: str) -> None:
    place.robots = robots
    outcome = visit(place, tmp_path, "/ok")
    assert outcome.findings[place.address + "/ok"].verdict is Verdict.OK


def test_longest_pause_is_ours_to_say(place: Site, tmp_path: Path) -> None:
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    place.robots = f"User-agent: *\nCrawl-delay: {'9' * 4000}"
    visit(place, tmp_path, "/ok", rest=rest)
    assert rests == [30.0]


def test_coded_robots_are_not_unpacked(place: Site, tmp_path: Path) -> None:
    """A kilobyte of a coding may be a gigabyte of text."""
    body = gzip.compress(b"User-agent: *\nDisallow: /\n")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    place.raw["/robots.txt"] = head % len(body) + body
    outcome = visit(place, tmp_path, "/ok")
    assert outcome.findings[place.address + "/ok"].verdict is Verdict.OK


def test_one_site_does_not_end_the_visit_of_another(place: Site, tmp_path: Path) -> None:
    place.robots = "User-agent: *\nDisallow: //[x"
    place.raw["/sly"] = b"HTTP/1.1 301 M\r\nLocation: http://127.0.0.1:99999/\r\n\r\n"
    with site() as other:
        links = [place.address + "/sly", other.address + "/ok"]
        journal = Journal(tmp_path / "journal.jsonl")
        outcome = go_round(links, journal, Round(MANNERS, 9, "day", anywhere))
    assert [outcome.findings[link].verdict for link in links] == [Verdict.ODD, Verdict.OK]


def test_journal_keeps_marks_that_end_lines_elsewhere(tmp_path: Path) -> None:
    words = [("said", "\u2028 \x85 \x0c \u00e9")]
    Journal(tmp_path / "journal.jsonl").add("link", words)
    assert Journal(tmp_path / "journal.jsonl").find("link") == words


def test_journal_that_was_cut_in_a_letter_loses_its_last_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    for name in ("one", "other"):
        Journal(path).add(name, [("said", "\u00e9")])
    path.write_bytes(path.read_bytes()[:-6])
    cut = Journal(path)
    assert (cut.find("one"), cut.find("other")) == ([("said", "\u00e9")], None)
    assert path.read_bytes().count(b"\n") == 1


def test_head_comes_first_and_no_body_is_asked_for_where_it_answers(
    place: Site, tmp_path: Path
) -> None:
    visit(place, tmp_path, "/ok", "/no-head")
    asked = [one for one in place.asked if one[1] != "/robots.txt"]
    assert asked == [("HEAD", "/ok"), ("HEAD", "/no-head"), ("GET", "/no-head")]


def test_retry_after_is_waited_for(place: Site, tmp_path: Path) -> None:
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    place.busy["/ok"], place.wait = 1, "3"
    outcome = visit(place, tmp_path, "/ok", rest=rest)
    assert outcome.findings[place.address + "/ok"].verdict is Verdict.OK
    assert 3.0 in rests


def test_host_that_asks_for_a_long_rest_is_left_alone(place: Site, tmp_path: Path) -> None:
    place.busy["/ok"], place.wait = 9, "3600"
    outcome = visit(place, tmp_path, "/ok", "/moved", "/gone")
    assert outcome.findings == {}
    assert len(outcome.left) == 3
    assert place.paths() == ["/ok"]


def test_silent_host_is_left_after_three_links(place: Site, tmp_path: Path) -> None:
    links = [f"/500?{number}" for number in range(6)]
    place.statuses |= dict.fromkeys(links, 500)
    outcome = visit(place, tmp_path, *links)
    assert (len(outcome.findings), len(outcome.left)) == (3, 3)


def test_one_host_gets_one_request_at_a_time_with_rests(place: Site, tmp_path: Path) -> None:
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    links = [f"/ok?{number}" for number in range(8)]
    place.statuses |= dict.fromkeys(links, 200)
    visit(place, tmp_path, *links, manners=Manners(pause=2.0, timeout=2.0), rest=rest)
    assert place.most_together == 1
    assert rests == [2.0] * 8


def test_hosts_are_asked_at_the_same_time(tmp_path: Path) -> None:
    with site() as one, site() as other:
        one.meeting = other.meeting = threading.Barrier(2)
        links = [one.address + "/ok", other.address + "/ok"]
        how = Round(Manners(0.0, 5.0, 1), 9, "day", anywhere)
        outcome = go_round(links, Journal(tmp_path / "j"), how)
    assert {finding.verdict for finding in outcome.findings.values()} == {Verdict.OK}


def test_robots_txt_is_obeyed(place: Site, tmp_path: Path) -> None:
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    place.robots = "User-agent: *\nCrawl-delay: 7\nDisallow: /gone\n"
    outcome = visit(place, tmp_path, "/ok", "/gone", rest=rest)
    assert outcome.findings[place.address + "/gone"].verdict is Verdict.REFUSED
    assert place.paths() == ["/ok"]
    assert rests == [7.0, 0.0]


def test_no_more_than_so_many_links_a_host(place: Site, tmp_path: Path) -> None:
    outcome = visit(place, tmp_path, "/ok", "/moved", "/gone", most=2)
    assert (len(outcome.findings), len(outcome.left)) == (2, 1)


def test_private_addresses_are_not_visited_unless_allowed(place: Site, tmp_path: Path) -> None:
    link = place.address + "/ok"
    outcome = go_round([link], Journal(tmp_path / "j"), Round(MANNERS, 9, "day"))
    assert outcome.findings[link].said == "127.0.0.1 leads to a private address"
    assert place.asked == []


@pytest.mark.parametrize("link", ["http://", "http://[::1", "http://no-such-host.invalid/x"])
def test_address_that_leads_nowhere_is_no_crash(tmp_path: Path, link: str) -> None:
    outcome = go_round([link], Journal(tmp_path / "j"), Round(MANNERS, 9, "day", anywhere))
    assert outcome.findings[link].verdict in (Verdict.ODD, Verdict.DOWN)


def test_bad_certificate_is_odd(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    making = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=nobody"]
    making += ["-keyout", str(key), "-out", str(certificate), "-days", "2"]
    subprocess.run(making, check=True, capture_output=True)
    server = HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    link = f"https://127.0.0.1:{server.server_address[1]}/"
    outcome = go_round([link], Journal(tmp_path / "j"), Round(MANNERS, 9, "day", anywhere))
    server.shutdown()
    server.server_close()
    assert outcome.findings[link].verdict is Verdict.ODD
    assert "certificate is not valid" in outcome.findings[link].said


def test_stopped_run_goes_on_where_it_was(place: Site, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    link = place.address + "/ok"
    journal.add(f"day {link}", [("verdict", "gone"), ("said", "answers 404"), ("to", "")])
    outcome = visit(place, tmp_path, "/ok", "/moved")
    assert outcome.findings[link] == Finding(Verdict.GONE, "answers 404")
    assert place.paths() == ["/moved", "/ok"]  # the second is where the first leads


def test_link_is_broken_only_when_gone_on_two_days(place: Site, tmp_path: Path) -> None:
    write_graph(tmp_path, place.address + "/gone")
    for days, broken in ((0, False), (0, False), (1, True), (2, True)):
        done = check(tmp_path, DAY + timedelta(days))
        [state] = done.health.states.values()
        assert (state.is_broken, state.since) == (broken, DAY)
    place.statuses["/gone"] = 200
    [state] = check(tmp_path, DAY + timedelta(3)).health.states.values()
    assert (state.finding.verdict, state.is_broken) == (Verdict.OK, False)


def test_site_that_is_down_is_broken_after_a_month_only() -> None:
    state = State("x", Finding(Verdict.DOWN), DAY, DAY, ())
    assert not state.follow(Finding(Verdict.DOWN), DAY + timedelta(29)).is_broken
    assert state.follow(Finding(Verdict.DOWN), DAY + timedelta(30)).is_broken
    assert state.follow(Finding(Verdict.OK), DAY + timedelta(30)).since == DAY + timedelta(30)


def test_site_that_is_down_says_nothing_of_what_was_gone() -> None:
    gone = State("x", Finding(Verdict.GONE), DAY, DAY, ())
    assert gone.follow(Finding(Verdict.DOWN), DAY + timedelta(5)) == gone
    assert gone.follow(Finding(Verdict.GONE), DAY + timedelta(6)).is_broken


def test_refused_is_never_broken() -> None:
    state = State("x", Finding(Verdict.REFUSED), DAY, DAY + timedelta(999), ())
    assert not state.is_broken


def test_moved_link_is_told_with_file_and_line(place: Site, tmp_path: Path) -> None:
    file = write_graph(tmp_path, place.address + "/ok", place.address + "/moved")
    before = file.read_bytes()
    said = list(summarise(check(tmp_path)))
    line = file.read_text().splitlines().index(f"    foaf:page <{place.address}/moved> .") + 1
    expected = f"data/model/one.ttl:{line}: moved: {place.address}/moved → {place.address}/ok"
    assert expected in said
    assert file.read_bytes() == before


def test_what_a_source_prints_is_not_to_be_edited(place: Site, tmp_path: Path) -> None:
    write_graph(tmp_path, place.address + "/moved", name="source/list")
    said = list(summarise(check(tmp_path)))
    assert said[0] == "0 ok, 1 moved, 0 gone, 0 refused, 0 down, 0 odd"
    assert not [line for line in said if "→" in line]


def test_links_that_were_left_come_first_in_the_next_run(place: Site, tmp_path: Path) -> None:
    write_graph(tmp_path, place.address + "/ok", place.address + "/moved")
    first = check(tmp_path, DAY, 1)
    assert (first.visited, first.left, first.health.unseen) == (1, 1, 1)
    second = check(tmp_path, DAY + timedelta(7), 1)
    assert (second.health.unseen, len(second.health.states)) == (0, 2)
    assert place.paths() == ["/moved", "/ok", "/ok"]


def test_only_named_files_are_visited_and_the_others_are_kept(place: Site, tmp_path: Path) -> None:
    write_graph(tmp_path, place.address + "/ok")
    other = write_graph(tmp_path, place.address + "/gone", name="model/two")
    check(tmp_path)
    place.asked.clear()
    health = check(tmp_path, DAY, 99, other).health
    assert set(place.paths()) == {"/gone"}
    assert len(health.states) == 2


def test_link_that_left_the_graph_leaves_the_file(place: Site, tmp_path: Path) -> None:
    write_graph(tmp_path, place.address + "/ok", place.address + "/gone")
    check(tmp_path)
    write_graph(tmp_path, place.address + "/ok")
    assert [*check(tmp_path).health.states] == [place.address + "/ok"]


def test_health_file_is_the_same_for_the_same_findings(place: Site, tmp_path: Path) -> None:
    write_graph(tmp_path, place.address + "/ok", place.address + "/moved")
    check(tmp_path)
    first = (tmp_path / "health.json").read_bytes()
    check(tmp_path)
    assert (tmp_path / "health.json").read_bytes() == first
    assert read_health(tmp_path / "health.json") is not None
    assert not list(tmp_path.glob("*.jsonl"))


@pytest.mark.parametrize("text", ["", "[]", '{"links": 3}', '{"links": [{}]}', "{}"])
def test_unreadable_health_file_says_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "health.json").write_text(text)
    with pytest.raises(InputError, match="remove it and run that again"):
        read_health(tmp_path / "health.json")


def test_path_without_links_is_refused(tmp_path: Path) -> None:
    write_graph(tmp_path, "https://example.org/x")
    with pytest.raises(InputError, match="no link to look up in it"):
        choose_links(find_outgoing(tmp_path), tmp_path, [tmp_path / "nowhere"])


def test_outgoing_links_of_the_graph_stand_where_they_are_said_to() -> None:
    outgoing = find_outgoing(ROOT)
    assert len(outgoing) > 1500
    assert not [link for link in outgoing if link.startswith("https://w3id.org/audiokg/")]
    link = "https://github.com/Aria-K-Alethia/BigCodec"
    for place in outgoing[link]:
        text = (ROOT / place.file).read_text(encoding="utf-8").splitlines()[place.line - 1]
        assert link in text


def run(runner: CliRunner, root: Path, *more: str) -> Result:
    quick = ["--pause", "0", "--tries", "1", "--output", str(root / "health.json")]
    return runner.invoke(main, ["link", "check", *quick, *more], env={"AUDIOKG_ROOT": str(root)})


def test_command_ends_well_whatever_sites_answer(
    runner: CliRunner, place: Site, tmp_path: Path
) -> None:
    write_graph(tmp_path, *(place.address + path for path in ("/gone", "/500", "/nothing")))
    result = run(runner, tmp_path, "--local")
    assert result.exit_code == 0, result.output
    assert "0 ok, 0 moved, 1 gone, 0 refused, 2 down, 0 odd" in result.output
    assert {
        entry["verdict"] for entry in json.loads((tmp_path / "health.json").read_text())["links"]
    }


@pytest.mark.parametrize("options", [["--tries", "0"], ["--most", "0"]])
def test_command_that_cannot_run_exits_with_2(
    runner: CliRunner, tmp_path: Path, options: list[str]
) -> None:
    write_graph(tmp_path, "https://example.org/")
    assert run(runner, tmp_path, *options).exit_code == 2


def test_health_file_is_beside_the_snapshot_unless_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUDIOKG_LINK_HEALTH", raising=False)
    monkeypatch.setenv("AUDIOKG_SNAPSHOT", "/there")
    assert health_file() == Path("/there/link/health.json")
    monkeypatch.setenv("AUDIOKG_LINK_HEALTH", "/elsewhere.json")
    assert health_file() == Path("/elsewhere.json")
