"""What became of WARC files that were read into the archive, in words for a person."""

from collections import Counter
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from crawler.ingesting import Ingested
from crawler.liveline import duration
from crawler.text import counted
from crawler.warcin.reading import Sighting

_NAMED = 5
_NOT_READ = ("no_response", "parse_error")


def in_words(found: Ingested) -> Iterator[str]:
    """What became of the files, in a few lines for a person."""
    tally, totals = found.tally, found.totals
    new, changed, same = (
        totals.outcomes[outcome] for outcome in ("article_new", "article_changed", "article_unchanged")
    )
    yield (
        f"{counted(tally.files, 'file')}, {counted(tally.responses, 'response')}, {totals.outcomes.total():,} taken: "
        f"{counted(totals.articles, 'article')} ({new:,} new, {changed:,} changed, {same:,} unchanged), "
        f"in {duration(found.seconds)}"
    )
    if others := outcome_counts(totals.outcomes):
        yield f"Other pages: {others}"
    yield from _left_out(found)
    yield from _unread(found)
    if found.sightings:
        yield "Hosts that look like a portal. Complete these lines, put them into spiders/portals.yml, ingest again:"
        yield from proposals(found.sightings)
    if found.is_stopped:
        yield "Stopped. What was read is kept: run the same command again for the rest."


def _left_out(found: Ingested) -> Iterator[str]:
    tally = found.tally
    if hosts := tally.unknown_hosts:
        named = ", ".join(f"{host} {number:,}" for host, number in hosts.most_common(_NAMED))
        more = ", …" if len(hosts) > _NAMED else ""
        yield f"Left out: {counted(hosts.total(), 'response')} of hosts that are not registered ({named}{more})"
    if tally.known:
        yield f"Left out: {counted(tally.known, 'capture')} known already"
    if tally.twice:
        yield f"Left out: {counted(tally.twice, 'capture')}, in these files more than once"
    if kinds := tally.other_kinds:
        named = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common())
        yield f"Left out: {counted(kinds.total(), 'record')}, no responses of the web ({named})"


def _unread(found: Ingested) -> Iterator[str]:
    tally = found.tally
    for words in tally.unreadable:
        yield f"Not read: {words}"
    if tally.broken_count:
        yield f"Not read: {counted(tally.broken_count, 'broken place')}, where records were lost"
        for path, offset, why in tally.broken[:_NAMED]:
            yield f"  {path}, byte {offset}: {why}"
    for why, number in found.unread.most_common():
        first = next((one.task.place for one in found.named_unread if one.why == why), None)
        where = f", the first in {first.path}, byte {first.offset}" if first else ""
        yield f"Not read: {counted(number, 'record')}: {why}{where}"
    for problem in [one for one in found.totals.named_problems if one["outcome"] in _NOT_READ][:_NAMED]:
        yield f"  {problem['outcome']}: {problem['url']} {problem['message']}"


def proposals(sightings: Mapping[str, Sighting]) -> Iterator[str]:
    """Lines for spiders/portals.yml, one portal after the other, for hosts that run a known software."""
    for host, seen in sorted(sightings.items()):
        labels = [label for label in host.partition(":")[0].split(".") if label not in _COMMON_LABELS]
        key = "_".join(reversed(["".join(filter(str.isalnum, label)) for label in labels])) or "portal_x"
        title = " ".join((seen.title or host).replace('"', "'").split())[:100]
        yield f"{key if key[0].isalpha() else f'x_{key}'}:  # {seen.software}; write the key as <province>_<district>"
        yield f'  name: "{title}"'
        yield f"  url: {urlsplit(seen.url).scheme}://{host}/"
        yield "  verified: false"


_COMMON_LABELS = frozenset(("www", "gov", "vn", "com", "net", "org", "edu"))


def outcome_counts(outcomes: Counter[str]) -> str:
    """Outcomes that are no article's, the most frequent first, in one line."""
    other = [(name, number) for name, number in outcomes.most_common() if not name.startswith("article_")]
    return ", ".join(f"{number:,} {name}" for name, number in other)
