"""What `--asgi-report` writes: what happened in each test, and an index of the run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from asgi_lockstep._pytest.index_page import Row, index_page
from asgi_lockstep._pytest.reports import file_name
from asgi_lockstep._timeline.timeline import Timeline
from inner_runs import run
from plugin.suites import PLUGIN, TIMELINES, lines_of

SUITE = """
    import pytest

    def test_passes(happens):
        happens("one", "test: GET /passes")

    @pytest.mark.parametrize("path", ["/a/../b?c=<d>"])
    def test_fails(happens, path):
        happens("one", f"test: GET {path}")
        happens("two", "test: GET /two")
        assert False

    @pytest.fixture
    def broken(happens):
        happens("one", "test: GET /broken")
        yield
        assert False

    def test_broken(broken):
        pass

    def test_without_a_client():
        assert False
"""

BROKEN, FAILS, PASSES = (
    f"test_it.py-{name}" for name in ("test_broken-005151dc", "test_fails-a-..-b-c-d-3257a3bf", "test_passes-95305b41")
)


def written(folder: Path) -> dict[str, str]:
    """The text of each file of a report, besides the index."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / "timelines").iterdir())}


def listed(folder: Path) -> list[tuple[str, str, list[str]]]:
    """The rows of the index: test, outcome, and where its links lead."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr><td>(.*?)</td><td class="\w+">(.*?)</td>.*?<td>(.*)</td></tr>', page)
    return [(test, outcome, re.findall(r'href="(.*?)"', links)) for test, outcome, links in rows]


def test_failing_tests_are_written(pytester: pytest.Pytester) -> None:
    """A page, JSON lines and HAR for each client, under names that every system takes; and where the index is."""
    lines = lines_of(pytester, "--asgi-report=out", conftest=TIMELINES, test_it=SUITE)
    assert f"asgi report: {pytester.path / 'out' / 'index.html'}" in lines
    title = "test_it.py::test_fails[/a/../b?c=<d>]\n"
    texts = {
        BROKEN: "test_it.py::test_broken\n  test: GET /broken\n",
        f"{FAILS}-1": f"{title}  test: GET /a/../b?c=<d>\n",
        f"{FAILS}-2": f"{title}  test: GET /two\n",
    }
    files = {f"{name}.{suffix}": text for name, text in texts.items() for suffix in ("har", "html", "jsonl")}
    assert written(pytester.path / "out") == files
    links = {name: [f"timelines/{name}.{suffix}" for suffix in ("html", "jsonl", "har")] for name in texts}
    assert listed(pytester.path / "out") == [
        ("test_it.py::test_broken", "error", links[BROKEN]),
        ("test_it.py::test_fails[/a/../b?c=&lt;d&gt;]", "failed", links[f"{FAILS}-1"] + links[f"{FAILS}-2"]),
        ("test_it.py::test_without_a_client", "failed", []),
    ]


REAL = """
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    def test_it():
        from asgi_lockstep import TestClient
        TestClient(app).get("/notes")
        assert False
"""


def test_the_files_are_those_of_the_timeline(pytester: pytest.Pytester) -> None:
    """Under the name of the test: read back, they say what has happened."""
    lines_of(pytester, "--asgi-report=out", test_it=REAL)
    folder = pytester.path / "out" / "timelines"
    name = file_name("test_it.py::test_it")
    timeline = Timeline.load(folder / f"{name}.jsonl")
    assert timeline.title == "test_it.py::test_it"
    assert [str(event) for event in timeline] == [
        "test: GET /notes",
        "GET /notes: app sends http.response.start 200",
        "GET /notes: app sends http.response.body",
        "GET /notes: app returned (response complete)",
    ]
    (entry,) = json.loads((folder / f"{name}.har").read_text(encoding="utf-8"))["log"]["entries"]
    assert entry["request"]["url"] == "http://testserver/notes"
    assert "<title>test_it.py::test_it" in (folder / f"{name}.html").read_text(encoding="utf-8")


def test_all_tests_are_written_where_that_is_asked_for(pytester: pytest.Pytester) -> None:
    """And what an earlier run has written is gone, while files of others stay."""
    first = ["--asgi-report=out", "--asgi-report-tests=all"]
    lines_of(pytester, *first, conftest=TIMELINES, test_it=SUITE)
    folder = pytester.path / "out"
    assert [(test, outcome) for test, outcome, _ in listed(folder)] == [
        ("test_it.py::test_broken", "error"),
        ("test_it.py::test_fails[/a/../b?c=&lt;d&gt;]", "failed"),
        ("test_it.py::test_without_a_client", "failed"),
        ("test_it.py::test_passes", "passed"),
    ]
    assert f"{PASSES}.html" in written(folder)
    (folder / "timelines" / "notes.txt").write_text("mine")
    lines_of(pytester, *first, "-k", "passes")
    names = sorted(["notes.txt", *(f"{PASSES}.{suffix}" for suffix in ("har", "html", "jsonl"))])
    assert sorted(written(folder)) == names
    for harmless in ("--collect-only", "--help"):
        lines_of(pytester, *first, harmless)
        assert sorted(written(folder)) == names


def test_a_run_without_failures_has_an_index_too(pytester: pytest.Pytester) -> None:
    """It says so."""
    lines_of(pytester, "--asgi-report=out", test_it="def test_it(): ...")
    assert "<p>1 test has run, and none of them has failed.</p>" in (pytester.path / "out" / "index.html").read_text()


def test_an_index_of_others_is_not_overwritten(pytester: pytest.Pytester, capfd: pytest.CaptureFixture[str]) -> None:
    """The run ends before it begins."""
    out = pytester.mkdir("out")
    (out / "index.html").write_text("<p>mine</p>")
    lines_of(pytester, "--asgi-report=out", test_it="def test_it(): ...")
    assert capfd.readouterr().err.strip() == (
        f"ERROR: --asgi-report={out}: the index.html there is none of asgi-lockstep, and would be overwritten. Give a "
        "folder of its own."
    )
    assert (out / "index.html").read_text() == "<p>mine</p>"


def test_the_workers_of_xdist_write_into_one_report(pytester: pytest.Pytester) -> None:
    """Each its own tests; the index is about all of them. The section is there, too."""
    suites = {f"test_{name}": f"def test_it(happens):\n    happens('c', '{name}')\n    assert False" for name in "abcd"}
    args = ("-p", "xdist", "-n2", "--asgi-report=out", "--maxfail=10")
    found = run(pytester, *PLUGIN, *args, conftest=TIMELINES, **suites)
    assert [(test, outcome) for test, outcome, _ in listed(pytester.path / "out")] == [
        (f"{name}.py::test_it", "failed") for name in suites
    ]
    assert len(written(pytester.path / "out")) == 12
    assert found.lines.count(" asgi timeline ".center(80, "-")) == 4


def test_names_of_files_are_safe_and_unique() -> None:
    """Whatever stands in the name of a test; also where two differ in capitals alone, or in what is cut."""
    names = ["a.py::test[x]", "a.py::test[X]", "a.py::test[?]", f"a.py::test[{'x' * 300}]", f"a.py::test[{'x' * 301}]"]
    files = [file_name(name) for name in [*names, "tests/b/..::é\udc80::CON"]]
    assert len({file.lower() for file in files}) == 6
    assert [file for file in files if not re.fullmatch(r"[\w.][\w.-]{0,100}", file, re.ASCII)] == []


PAGE = """\
<body>
<main>
<h1>What happened between tests and their apps</h1>
<p>3 tests have run: 1 failed, 1 passed.</p>
<table>
<thead><tr><th scope="col">Test</th><th scope="col">Outcome</th><th scope="col" class="number">Seconds</th>\
<th scope="col">What happened</th></tr></thead>
<tbody>
<tr><td>test_b[&lt;i&gt;]</td><td class="failed">failed</td><td class="number">1.50</td><td><ul><li>\
<a href="timelines/b%20c.html" aria-label="page of test_b[&lt;i&gt;]">page</a>, \
<a href="timelines/b%20c.jsonl" aria-label="JSON lines of test_b[&lt;i&gt;]">JSON lines</a>, \
<a href="timelines/b%20c.har" aria-label="HAR of test_b[&lt;i&gt;]">HAR</a></li></ul></td></tr>
<tr><td>test_a</td><td class="passed">passed</td><td class="number">0.00</td><td>no client did anything</td></tr>
</tbody>
</table>
</main>
</body>
</html>
"""


def test_the_page_lists_failures_first() -> None:
    """All that comes from tests is escaped; the links say to a screen reader of which test they are."""
    rows = [Row("test_a", "passed", 0.001, []), Row("test_b[<i>]", "failed", 1.5, ["timelines/b c"])]
    page = index_page(rows, 3, has_all=True, is_whole=True)
    assert page[page.index("<body>") :] == PAGE
    assert re.findall(r"https?:|<script|<link", page) == []


def test_the_page_of_a_run_that_was_cut_off_says_so() -> None:
    """It was written when the run began."""
    page = index_page([], 0, has_all=False, is_whole=False)
    assert "<p>The run has not ended, or was cut off: this page is written at its end.</p>" in page
