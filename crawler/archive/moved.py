"""A portal that has moved to other hosts: what it owes at those that it left is owed at its new one."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from crawler.addresses import at_host

_HOSTS = "SELECT hosts FROM portals WHERE key = ?"
_OWED = "SELECT url FROM known_urls WHERE portal = ? AND kind NOT IN ('page', 'file')"
_MOVE = "UPDATE OR IGNORE known_urls SET url = ?, asked_in = NULL WHERE portal = ? AND url = ?"
_DROP = "DELETE FROM known_urls WHERE portal = ? AND url = ?"


def move_owed(connection: sqlite3.Connection, portal: Mapping[str, Any]) -> int:
    """Move what a portal owes from the hosts that are not its own any more; returns how many addresses.

    To be called before its row (as Archive.register takes it) is written, in the same transaction. What is owed at
    both addresses is owed once.
    """
    row = connection.execute(_HOSTS, [portal["key"]]).fetchone()
    hosts = frozenset(portal["hosts"])
    if row is None or hosts.issuperset(json.loads(row[0])):
        return 0
    urls = [url for (url,) in connection.execute(_OWED, [portal["key"]])]
    left = [url for url in urls if urlsplit(url).netloc.lower() not in hosts]
    for url in left:
        connection.execute(_MOVE, [at_host(url, portal["url"]), portal["key"], url])
        connection.execute(_DROP, [portal["key"], url])
    return len(left)
