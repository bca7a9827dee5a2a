"""The registry of portals: what spiders/portals.yml says, checked line by line."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

RESERVED_KEYS = frozenset({"portal"})
"""Names that no portal may have: `scrapy crawl portal -a url=…` uses it for portals nobody registered."""

KINDS = ("huyện", "quận", "thị xã", "thành phố")
_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|\[?::1\]?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Portal:
    """One district portal."""

    key: str  # <former province>_<district>, ASCII, never renamed
    name: str  # the district's name with its kind, as people write it
    url: str  # home page, absolute
    kind: str | None = None  # one of KINDS
    unit_code: str | None = None  # the district's statistical code before July 2025
    former_province: str | None = None
    province: str | None = None  # the province it belongs to since 1 July 2025
    fate: str | None = None  # what became of the site
    verified: bool = False  # a person has opened the site at this address
    other_hosts: tuple[str, ...] = ()  # further host names of the same portal

    @property
    def hosts(self) -> frozenset[str]:
        """The portal's own netlocs, lower case, each with and without "www."."""
        named = {urlsplit(self.url).netloc.lower(), *(host.lower() for host in self.other_hosts)}
        bare = {host.removeprefix("www.") for host in named}
        return frozenset(bare | {f"www.{host}" for host in bare})

    def is_at(self, url: str) -> bool:
        """Whether an address is this portal's: on its hosts, or, for one on this machine, on any port of it."""
        return urlsplit(url).netloc.lower() in self.hosts or (self.is_loopback and is_loopback(url))

    @property
    def is_loopback(self) -> bool:
        """Whether it is served by this machine, as the sample portal is: politeness is not needed there."""
        return is_loopback(self.url)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong in the registry."""

    line: int  # counted from 1
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


class RegistryError(Exception):
    """The registry cannot be used; the text says where and why."""


def is_loopback(url: str) -> bool:
    """Whether a URL points at this machine itself.

    >>> is_loopback("http://127.0.0.1:8001/"), is_loopback("https://hoathanh.tayninh.gov.vn/")
    (True, False)
    """
    return _LOOPBACK.fullmatch((urlsplit(url).hostname or "").lower()) is not None


def missing_contact(url: str, contact: str) -> str | None:
    """Why an address may not be asked as long as `contact` is empty, and what to do; None when it may be."""
    if contact or is_loopback(url):
        return None
    return (
        "a portal must be able to reach whoever crawls it: say how with "
        "-s ARCHIVE_CONTACT=you@example.org, or once and for all in crawler/settings.py"
    )


def user_agent(name: str, contact: str) -> str:
    """The User-Agent that a portal sees: the program's name and how to reach whoever runs it.

    >>> user_agent("archive/1 (what it is for)", "you@example.org")
    'archive/1 (what it is for; you@example.org)'
    """
    return f"{name.removesuffix(')')}; {contact})" if contact else name


def key_from_url(url: str) -> str:
    """The key of a portal nobody registered, from its host; a later registration may adopt it.

    >>> key_from_url("https://www.hoathanh.tayninh.gov.vn/"), key_from_url("http://127.0.0.1:8001/")
    ('host_hoathanh_tayninh_gov_vn', 'host_127_0_0_1_8001')
    """
    netloc = urlsplit(url).netloc.lower().rpartition("@")[2].removeprefix("www.")
    plain = unicodedata.normalize("NFKD", netloc.replace("đ", "d")).encode("ascii", "ignore").decode()
    return "host_" + re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def unregistered(url: str) -> Portal:
    """A portal known by its address alone. Raises RegistryError when that is no web address."""
    if problem := _url_problem(url):
        raise RegistryError(f"url={url}: {problem}")
    parts = urlsplit(url)
    return Portal(key=key_from_url(url), name=parts.netloc, url=f"{parts.scheme}://{parts.netloc}/")


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
        raise RegistryError(f"{path}, {problems[0]}{more}")
    return portals


def read_portals(path: Path) -> tuple[dict[str, Portal], list[Problem]]:
    """The sound portals of the registry, and every problem found in it; never raises."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        return {}, [Problem(line=1, text=f"the file cannot be read ({error.strerror})")]
    except UnicodeDecodeError:
        return {}, [Problem(line=1, text="the file is not UTF-8 text")]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return {}, [Problem(line=line, text=f"this is not YAML: {error.problem}")]
    except yaml.YAMLError as error:
        return {}, [Problem(line=1, text=f"this is not YAML: {error}")]
    if not isinstance(root, yaml.MappingNode):
        return {}, [Problem(line=1, text="expected one block for each portal, headed by its key")]
    return _read_entries(root)


def _read_entries(root: yaml.MappingNode) -> tuple[dict[str, Portal], list[Problem]]:
    portals: dict[str, Portal] = {}
    problems: list[Problem] = []
    hosts: dict[str, str] = {}
    for key_node, node in root.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        found = _key_problems(key, line, portals)
        values, more = _values(key, node)
        found += more
        if not found:
            portal = Portal(key=key, **values)
            found += [
                Problem(line=line, text=f"{key}: the host {host} belongs to {hosts[host]} already")
                for host in sorted(portal.hosts & hosts.keys())
            ]
            hosts.update(dict.fromkeys(portal.hosts, key))
            portals[key] = portal
        problems += found
    return portals, problems


def _key_problems(key: str, line: int, portals: Mapping[str, Portal]) -> list[Problem]:
    if key in portals:
        return [Problem(line=line, text=f"{key} is there twice")]
    if key in RESERVED_KEYS:
        return [Problem(line=line, text=f"{key} is a reserved name")]
    if not _KEY.fullmatch(key):
        return [Problem(line=line, text=f"{key}: a key is <former province>_<district> in a-z, 0-9 and _")]
    return []


def _values(key: str, node: yaml.Node) -> tuple[dict[str, Any], list[Problem]]:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        return {}, [Problem(line=line, text=f"{key}: expected lines such as `url: https://…`")]
    known = {field.name for field in fields(Portal)} - {"key"}
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name_node, value_node in node.value:
        name, at = str(name_node.value), name_node.start_mark.line + 1
        value = _plain(value_node)
        if name not in known:
            problems.append(
                Problem(line=at, text=f"{key}: {name} is not known; known are {', '.join(sorted(known))}")
            )
        elif name in values:
            problems.append(Problem(line=at, text=f"{key}: {name} is there twice"))
        elif text := _value_problem(name, value):
            problems.append(Problem(line=at, text=f"{key}: {name} {text}"))
        else:
            values[name] = tuple(value) if isinstance(value, list) else value
    problems += [
        Problem(line=line, text=f"{key}: {name} is missing")
        for name in ("name", "url")
        if name not in values and not problems
    ]
    return values, problems


def _plain(node: yaml.Node) -> object:
    """A YAML node's plain value; None for a tag that is no plain value, such as a Python object."""
    try:
        return yaml.SafeLoader("").construct_object(node, deep=True)
    except yaml.constructor.ConstructorError:
        return None


def _value_problem(name: str, value: object) -> str | None:
    if name == "verified":
        return None if isinstance(value, bool) else "must be true or false"
    if name == "other_hosts":
        fine = isinstance(value, list) and all(isinstance(host, str) and "/" not in host for host in value)
        return None if fine else "must be a list of host names"
    if not isinstance(value, str) or not value.strip():
        return 'must be text; put numbers in quotes, like "709"'
    if name == "kind" and value not in KINDS:
        return f"must be one of {', '.join(KINDS)}"
    return _url_problem(value) if name == "url" else None


def _url_problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        valid = (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        valid = False
    return None if valid else "must be a full web address, like https://hoathanh.tayninh.gov.vn/"
