"""Which part may import which: the arrows of the design, read from the files themselves."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

ALLOWED = {
    "crawler.text": set(),
    "crawler.items": set(),
    "crawler.portals": set(),
    "crawler.pacing": {"crawler.portals", "crawler.sharedpace"},
    "crawler.sharedpace": set(),
    "crawler.registry": {"crawler.portals"},
    "crawler.dates": {"crawler.text"},
    "crawler.witnesses": {"crawler.items", "crawler.dates"},
    "crawler.encodings": set(),
    "crawler.checksums": {"crawler.locking"},
    "crawler.locking": set(),
    "crawler.worddiff": set(),
    "crawler.workers": set(),
    "crawler.reading": {"crawler.cms", "crawler.items"},
    "crawler.warcin": {
        "crawler.workers",
        "crawler.encodings",
        "crawler.warcin",
        "crawler.items",
        "crawler.portals",
        "crawler.cms",
    },
    "crawler.regression": {"crawler.text"},
    "crawler.liveline": set(),
    "crawler.dictionary": {"crawler.items"},
    "crawler.export": {
        *("crawler.archive.errors", "crawler.archive.readonly", "crawler.archive.withheld_list"),
        "crawler.dictionary",
    },
    "crawler.circles": {"crawler.addresses", "crawler.items"},
    "crawler.following": {"crawler.items", "crawler.portals"},
    "crawler.addresses": set(),
    "crawler.revisits": {"crawler.archive.frontier"},
    "crawler.worklist": {
        "crawler.addresses",
        "crawler.archive",
        "crawler.items",
        "crawler.circles",
        "crawler.following",
        "crawler.revisits",
    },
    "crawler.schedule": {"crawler.portals", "crawler.text"},
    "crawler.silence": set(),
    "crawler.history": {"crawler.archive.restoring", "crawler.archive.times", "crawler.schedule"},
    "crawler.health": {
        *("crawler.archive.frontier", "crawler.history"),
        *("crawler.portals", "crawler.schedule", "crawler.silence", "crawler.text"),
    },
    "crawler.cms": {"crawler.cms", "crawler.items", "crawler.text", "crawler.dates", "crawler.witnesses"},
    "crawler.archive": {
        "crawler.archive",
        "crawler.addresses",
        "crawler.items",
        "crawler.locking",
        "crawler.text",
        "crawler.witnesses",
    },
    "crawler.endings": {"crawler.archive"},
    "crawler.keeping": {
        "crawler.archive",
        "crawler.endings",
        "crawler.items",
        "crawler.portals",
        "crawler.warc",
    },
    "crawler.fixity": {
        "crawler.fixity",
        "crawler.archive",
        "crawler.checksums",
        "crawler.cms",
        "crawler.warc",
        "crawler.warcin",
    },
    "crawler.citation": {
        "crawler.citation",
        *("crawler.archive.errors", "crawler.archive.readonly", "crawler.archive.withheld_list"),
        "crawler.checksums",
        "crawler.dictionary",
        "crawler.fixity",
        "crawler.warcin",
    },
    "crawler.citation.verify": set(),
    "crawler.terminal": set(),
    "crawler.sample": {"crawler.sample"},
    "crawler.settings": set(),
    "spiders": {
        "spiders",
        "crawler.items",
        "crawler.portals",
        "crawler.registry",
        "crawler.pacing",
        "crawler.reading",
        "crawler.cms",
        "crawler.following",
    },
    "plugins": {"crawler.archive", "crawler.text", "crawler.worddiff", "plugins"},
}
"""For each part, what of ours it may import; the parts not named here stand above all of these."""


def _modules(*more: str) -> list[Path]:
    return sorted(
        path for folder in ("crawler", "spiders", "plugins", *more) for path in (ROOT / folder).rglob("*.py")
    )


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] in {"crawler", "spiders", "plugins"}}


def _within(name: str, part: str) -> bool:
    return name == part or name.startswith(part + ".")


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_imports_follow_the_design(path: Path) -> None:
    rules = [allowed for part, allowed in ALLOWED.items() if _within(_name(path), part)]
    for allowed in rules:
        stray = {name for name in _imports(path) if not any(_within(name, part) for part in allowed)}
        assert not stray, f"{_name(path)} may import {sorted(allowed)}"


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_crawler_never_imports_spiders(path: Path) -> None:
    if _within(_name(path), "crawler"):
        assert not {name for name in _imports(path) if _within(name, "spiders")}


@pytest.mark.parametrize("path", _modules("benchmarks", "deploy", "tests"), ids=_name)
def test_no_file_outgrows_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
