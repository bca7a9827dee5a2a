"""Does another program replay our WARC files? `python -m benchmarks.replay [FILE.warc.gz]`; looks with Chromium.

pywb is installed into work/pywb-venv, apart from everything; it indexes the file (without one, that of a new crawl of
the sample portal) and serves it on loopback. Every article is asked of it and compared with the portal's truth; one is
opened in Chromium and saved as work/replayed.png, for a person to look at.
"""

import argparse
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.ingest import crawled
from crawler.warcin import read_responses
from tests.browser_setup import find_chromium

ROOT = Path(__file__).parent.parent
WORK = ROOT / "work"
PYWB = ["pywb>=2.9", "setuptools<81"]  # it still imports pkg_resources
SECONDS_TO_START = 60


def pywb(name: str) -> str:
    """One of pywb's programs, in an environment of its own."""
    folder = WORK / "pywb-venv"
    if not (folder / "bin" / "wayback").exists():
        print("Installing pywb into work/pywb-venv …", file=sys.stderr)
        uv = str(Path(sys.executable).parent / "uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", folder / "bin" / "python", *PYWB], check=True
        )
    return str(folder / "bin" / name)


@contextmanager
def served(path: Path, folder: Path) -> Iterator[str]:
    """The address under which pywb replays a WARC file."""
    for arguments in (["init", "ours"], ["add", "ours", str(path)]):
        subprocess.run([pywb("wb-manager"), *arguments], cwd=folder, check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [pywb("wayback"), "--bind", "127.0.0.1", "--port", str(port)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + SECONDS_TO_START
        while process.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/ours"
    finally:
        process.terminate()
        process.wait()


def replayed(base: str, url: str) -> bytes | None:
    """A page as pywb gives it, its bytes left as they were; None when it gives none."""
    try:
        with urllib.request.urlopen(f"{base}/2id_/{url}", timeout=30) as answer:  # noqa: S310 - loopback
            body: bytes = answer.read()
            return body
    except urllib.error.HTTPError:
        return None


def main() -> None:
    """Replay, compare, look."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("warc", nargs="?", type=Path)
    options = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        path = options.warc or crawled(30, folder)
        with served(path.resolve(), folder) as base:
            pages = [one for one in read_responses(path) if one.status == 200]
            same = sum(replayed(base, one.url) == one.body for one in pages)
            print(f"{same} of {len(pages)} responses are replayed byte for byte")
            article = next(one for one in pages if one.url.endswith("-512.html"))
            look(f"{base}/{article.url}")


def look(url: str) -> None:
    """Open a replayed page in Chromium, and keep what it shows."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url)
        shown = page.frame_locator("iframe").locator("h1").first  # pywb puts its banner around the page
        print(f"Chromium shows the headline: {shown.inner_text()}")
        page.screenshot(path=str(WORK / "replayed.png"))
        browser.close()


if __name__ == "__main__":
    main()
