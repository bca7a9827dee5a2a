"""The registry of portals: what spiders/portals.yml says, checked line by line."""

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from crawler.portals import MIN_DELAY, Night, Portal, RegistryError, is_loopback, unregistered, url_problem

RESERVED_KEYS = frozenset({"portal"})
"""Names that no portal may have: `scrapy crawl portal -a url=…` uses it for portals nobody registered."""

KINDS = ("huyện", "quận", "thị xã", "thành phố")
SCOPES = ("news", "site")
MAX_DELAY = 600.0
_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_EVERY = re.compile(r"([1-9]\d{0,2})([hd])")
_NIGHT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong in the registry."""

    line: int | None  # counted from 1; None: the file as a whole
    text: str

    def __str__(self) -> str:
        return self.text if self.line is None else f"line {self.line}: {self.text}"

    def in_file(self, path: Path) -> str:
        """The same with the file's name, for a person."""
        return f"{path}{':' if self.line is None else ','} {self}"


def portal_at(url: str, registry: Path) -> Portal:
    """The registered portal that a web address belongs to, else one known by its address alone.

    Addresses of this machine belong to nobody: whatever serves them today, another may tomorrow.
    Raises RegistryError when the registry is faulty, or when it is no web address.
    """
    portal = unregistered(url)
    if portal.is_loopback:
        return portal
    return next((known for known in load_portals(registry).values() if known.hosts & portal.hosts), portal)


def load_portals(path: Path) -> Mapping[str, Portal]:
    """Every registered portal by key, in the file's order. Raises RegistryError that names the first problem."""
    portals, problems = read_portals(path)
    if problems:
        more = f" (and {len(problems) - 1} more: see `scrapy checkportals`)" if len(problems) > 1 else ""
        raise RegistryError(f"{problems[0].in_file(path)}{more}")
    return portals


def read_portals(path: Path) -> tuple[dict[str, Portal], list[Problem]]:
    """The sound portals of the registry, and every problem found in it; never raises."""
    try:
        root = yaml.compose(_text_of(path), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        return {}, [_why_unread(error)]
    if not isinstance(root, yaml.MappingNode):
        return {}, [Problem(line=1, text="expected one block for each portal, headed by its key")]
    return _read_entries(root)


def _why_unread(error: Exception) -> Problem:
    if isinstance(error, OSError):
        return Problem(line=None, text=f"it cannot be read ({error.strerror})")
    if isinstance(error, UnicodeDecodeError):
        return Problem(line=None, text="it is not UTF-8 text")
    if isinstance(error, RecursionError):
        return Problem(
            line=None, text="it is no list of portals: its brackets lie too deep within each other"
        )
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return Problem(line=error.problem_mark.line + 1, text=f"this is not YAML: {error.problem}")
    return Problem(line=None, text=f"this is not YAML: {error}")


def _text_of(path: Path) -> str:
    """What stands in the file; in an egg, which Scrapyd does not unpack, it lies in a zip file."""
    egg = next((folder for folder in path.parents if zipfile.is_zipfile(folder)), None)
    place = path if egg is None else zipfile.Path(egg, path.relative_to(egg).as_posix())
    return place.read_text(encoding="utf-8")


def _read_entries(root: yaml.MappingNode) -> tuple[dict[str, Portal], list[Problem]]:
    portals: dict[str, Portal] = {}
    problems: list[Problem] = []
    lines: dict[str, int] = {}
    for key_node, node in root.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        found = _key_problems(key, line, portals)
        values, more = _values(key, node)
        found += more
        if not found:
            portal = Portal(key=key, **values)
            found += _host_problems(portal, line, portals)
            portals[key] = portal
            lines[key] = line
        problems += found
    return portals, problems + _alias_problems(portals, lines)


def _key_problems(key: str, line: int, portals: Mapping[str, Portal]) -> list[Problem]:
    if key in portals:
        return [Problem(line=line, text=f"{key} is there twice")]
    if key in RESERVED_KEYS:
        return [Problem(line=line, text=f"{key} is a reserved name")]
    if not _KEY.fullmatch(key):
        return [Problem(line=line, text=f"{key}: a key is <former province>_<district> in a-z, 0-9 and _")]
    return []


def _host_problems(portal: Portal, line: int, portals: Mapping[str, Portal]) -> list[Problem]:
    return [
        Problem(line=line, text=f"{portal.key}: the host {host} belongs to {other.key} already")
        for other in portals.values()
        for host in sorted(portal.hosts & other.hosts)
    ]


def _alias_problems(portals: Mapping[str, Portal], lines: Mapping[str, int]) -> list[Problem]:
    """An alias that is also a portal's key, a reserved name, or another portal's alias."""
    owners: dict[str, str] = {}
    problems: list[Problem] = []
    for key, portal in portals.items():
        for alias in portal.aliases:
            taken = alias if alias in portals or alias in RESERVED_KEYS else owners.get(alias)
            if taken:
                text = f"{key}: the alias {alias} belongs to {taken} already"
                problems.append(Problem(line=lines[key], text=text))
            owners.setdefault(alias, key)
    return problems


def _values(key: str, node: yaml.Node) -> tuple[dict[str, Any], list[Problem]]:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        return {}, [Problem(line=line, text=f"{key}: expected lines such as `url: https://…`")]
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    for name_node, value_node in node.value:
        name, at = str(name_node.value), name_node.start_mark.line + 1
        read = _twice if name in lines else _READERS.get(name, _unknown)
        lines.setdefault(name, at)
        try:
            values[name] = read(_plain(value_node))
        except ValueError as error:
            problems.append(Problem(line=at, text=f"{key}: {name} {error}"))
    problems += [
        Problem(line=line, text=f"{key}: {name} is missing")
        for name in ("name", "url")
        if name not in values and not problems
    ]
    if not problems and values.get("delay", MIN_DELAY) < MIN_DELAY and not is_loopback(values["url"]):
        text = f"{key}: delay must be {MIN_DELAY} or more, since NukeViet blocks who asks more often"
        problems.append(Problem(line=lines["delay"], text=text))
    return values, problems


def _plain(node: yaml.Node) -> object:
    """A YAML node's plain value; None for a tag that is no plain value, such as a Python object."""
    try:
        return yaml.SafeLoader("").construct_object(node, deep=True)
    except (
        yaml.constructor.ConstructorError,
        ValueError,
        RecursionError,
    ):  # ValueError: no date of the calendar
        return None


# One reader for each line that a portal may have: the value as Portal holds it, or ValueError with what it must be.


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError('must be text; put numbers in quotes, like "709"')
    return value


def _kind(value: object) -> str:
    if _text(value) not in KINDS:
        raise ValueError(f"must be one of {', '.join(KINDS)}")
    return str(value)


def _scope(value: object) -> str:
    if value not in SCOPES:
        raise ValueError(f"must be one of {', '.join(SCOPES)}")
    return str(value)


def _url(value: object) -> str:
    if problem := url_problem(_text(value)):
        raise ValueError(problem)
    return str(value)


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - all of them say it in one way
    return value


def _hosts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(host, str) and "/" not in host for host in value):
        raise ValueError("must be a list of host names")
    return tuple(value)


def _aliases(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(key, str) and _KEY.fullmatch(key) for key in value):
        raise ValueError("must be a list of keys, like [host_hoathanh_tayninh_gov_vn]")
    return tuple(value)


def _every(value: object) -> timedelta:
    match = _EVERY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("must be hours or days, like 12h, 1d or 30d")
    return timedelta(hours=int(match[1])) if match[2] == "h" else timedelta(days=int(match[1]))


def _closed(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a date or a few words, like 2025-07-01")
    return value


def _night(value: object) -> Night:
    match = _NIGHT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("must be two times of day in Viet Nam, like 22:00-05:00")
    opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    if opens == closes:
        raise ValueError("must begin and end at different times; leave it out for the whole day")
    return Night(opens=opens, closes=closes)


def _delay(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MAX_DELAY:
        raise ValueError(f"must be a number of seconds, {MIN_DELAY} to {MAX_DELAY:.0f}")
    return float(value)


_READERS: Mapping[str, Callable[[object], object]] = {
    "name": _text,
    "kind": _kind,
    "url": _url,
    "other_hosts": _hosts,
    "aliases": _aliases,
    "unit_code": _text,
    "former_province": _text,
    "province": _text,
    "verified": _yes_or_no,
    "fate": _text,
    "every": _every,
    "frozen": _yes_or_no,
    "closed": _closed,
    "night": _night,
    "delay": _delay,
    "media": _yes_or_no,
    "scope": _scope,
}


def _unknown(_value: object) -> object:
    raise ValueError(f"is not known; known are {', '.join(sorted(_READERS))}")


def _twice(_value: object) -> object:
    raise ValueError("is there twice")
