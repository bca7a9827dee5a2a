"""What other extractors make of pages. `extraction.py` runs this file in the peers' own environment.

The pages (JSON: a list of objects with `html` and `url`) are named on the command line. Each line of standard
input is an extractor's name and asks it to read all pages once; the answer is a line of JSON: seconds a page,
and text, date and author of each, or the error that kept it from reading.

Every extractor is called as its documentation advises for articles of a known language, without comments and
without pictures to fetch, and with the page as text, so that none has to guess an encoding.
"""

# mypy: disable-error-code="import-not-found,import-untyped"
# ruff: noqa: PLC0415 - one extractor that does not load must not keep the others from running

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BLOCK_TAGS = (
    "p",
    "div",
    "br",
    "li",
    "tr",
    "td",
    "th",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "figcaption",
)
SECONDS_A_PASS = 300  # over all pages; what takes longer is ended

Page = dict[str, str]
Found = dict[str, str | None]
Reader = Callable[[Page], Found]


def found(text: object, date: object = None, author: object = None) -> Found:
    """One page's answer, as strings; None for what an extractor does not give."""
    if isinstance(author, list | tuple):
        author = ", ".join(author)
    values = {"text": text, "date": date, "author": author}
    return {name: str(value) if value else None for name, value in values.items()}


def goose3() -> Reader:
    """Goose 3, its metadata included; pictures are not fetched."""
    from goose3 import Goose

    goose = Goose({"enable_image_fetching": False, "use_meta_language": False, "target_language": "vi"})

    def read(page: Page) -> Found:
        article = goose.extract(raw_html=page["html"])
        date = article.publish_datetime_utc or article.publish_date
        return found(article.cleaned_text, date, article.authors)

    return read


def justext() -> Reader:
    """The jusText algorithm with its Vietnamese stop words; it gives text alone."""
    import justext as library

    words = library.get_stoplist("Vietnamese")

    def read(page: Page) -> Found:
        paragraphs = library.justext(page["html"], words)
        return found("\n\n".join(part.text for part in paragraphs if not part.is_boilerplate))

    return read


def news_please() -> Reader:
    """All extractors of news-please and its choice between them; pictures are not fetched."""
    from newsplease import NewsPlease

    def read(page: Page) -> Found:
        article = NewsPlease.from_html(page["html"], url=page["url"], fetch_images=False)
        return found(article.maintext, article.date_publish, article.authors)

    return read


def newspaper4k() -> Reader:
    """Newspaper4k for Vietnamese; pictures are not fetched."""
    from newspaper import Article

    def read(page: Page) -> Found:
        article = Article(page["url"], language="vi", fetch_images=False)
        article.download(input_html=page["html"])
        article.parse()
        return found(article.text, article.publish_date, article.authors)

    return read


def readability() -> Reader:
    """Readability; it gives HTML, whose text is taken here, with a line for each block."""
    from lxml import html
    from readability import Document

    def read(page: Page) -> Found:
        tree = html.fragment_fromstring(Document(page["html"]).summary(html_partial=True), create_parent=True)
        for element in tree.iter(*BLOCK_TAGS):
            element.text = "\n" + (element.text or "")
            element.tail = "\n" + (element.tail or "")
        return found(tree.text_content())

    return read


def resiliparse() -> Reader:
    """Resiliparse's main content, without bullets and alternative texts; it gives text alone."""
    from resiliparse.extract.html2text import extract_plain_text

    def read(page: Page) -> Found:
        return found(extract_plain_text(page["html"], main_content=True, alt_texts=False, list_bullets=False))

    return read


def trafilatura() -> Reader:
    """Trafilatura's balanced mode with metadata, its date to the minute."""
    from trafilatura import bare_extraction

    dates = {"original_date": True, "extensive_search": True, "outputformat": "%Y-%m-%dT%H:%M"}

    def read(page: Page) -> Found:
        document = bare_extraction(
            page["html"],
            url=page["url"],
            include_comments=False,
            with_metadata=True,
            date_extraction_params=dates,
        )
        return found(document.text, document.date, document.author) if document else found(None)

    return read


PEERS: dict[str, Callable[[], Reader]] = {
    "goose3": goose3,
    "jusText": justext,
    "news-please": news_please,
    "newspaper4k": newspaper4k,
    "readability-lxml": readability,
    "resiliparse": resiliparse,
    "trafilatura": trafilatura,
}


def answer(name: str, pages: list[Page], readers: dict[str, Reader]) -> dict[str, Any]:
    """One extractor's pass over all pages."""
    try:
        read = readers.get(name) or readers.setdefault(name, PEERS[name]())
        results, seconds = [], []
        for page in pages:
            start = time.perf_counter()
            results.append(read(page))
            seconds.append(time.perf_counter() - start)
    except Exception as error:  # noqa: BLE001 - whatever stops an extractor is what the table says of it
        return {"error": f"{type(error).__name__}: {error}"}
    return {"seconds": seconds, "results": results}


def offline(event: str, _arguments: object) -> None:
    """An audit hook: nothing that is measured here may wait for a network."""
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise OSError("extractors are measured without a network")


def main() -> None:
    """Answers on standard output until standard input ends; what the extractors print goes to standard error."""
    pages = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.addaudithook(offline)
    readers: dict[str, Reader] = {}
    for line in sys.stdin:
        signal.alarm(SECONDS_A_PASS)
        print(json.dumps(answer(line.strip(), pages, readers)), file=answers, flush=True)
        signal.alarm(0)


if __name__ == "__main__":
    main()
