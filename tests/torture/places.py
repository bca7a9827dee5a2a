"""Where a portal leads: names that are not found, names and redirects into private networks."""

import pytest
from twisted.internet.error import DNSLookupError

from crawler.bounds import _public
from tests.torture import faults as hostile
from tests.torture.answers import paths
from tests.torture.crawls import FAKES, Bench
from tests.torture.portal import TestPortal, at, serving
from tests.torture.scenario import scenario

OUTSIDE = "ARCHIVE_CONTACT=torture@archive.test"


def named(name: str, address: str) -> dict[str, str]:
    """The environment of a process that resolves a name to an address of our choice."""
    return {"PYTHONPATH": str(FAKES), "TORTURE_NAMES": f"{name}={address}"}


@scenario("a name that is not found", says="its robots.txt cannot be had")
def no_such_name(bench: Bench) -> str:
    command = ("-s", OUTSIDE, "-s", "RETRY_ENABLED=0")
    ended = bench.crawl_any("http://gone.example/", *command, env=named("gone.example", ""))
    assert ended.code == 1, ended.said
    assert "its robots.txt cannot be had: its name is not found, or leads to no public address" in ended.said
    assert ended.said.count("\n") == 1
    assert "Traceback" not in ended.log
    return "failed in one line"


@scenario(
    "a name that leads to this machine, and names that lead into private networks",
    says="is not a public address",
)
def private_names(bench: Bench) -> str:
    for address in ("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"):
        with pytest.raises(DNSLookupError):
            _public(address, "portal.example")
    assert _public("203.162.0.11", "portal.example") == "203.162.0.11"
    with serving(TestPortal(5)) as portal:
        url = f"http://portal.example:{portal.url.rpartition(':')[2]}"
        command = ("-s", OUTSIDE, "-s", "RETRY_ENABLED=0")
        ended = bench.crawl_any(url, *command, env=named("portal.example", "127.0.0.1"))
    assert ended.code == 1, ended.said
    assert "portal.example leads to 127.0.0.1, which is not a public address" in ended.log
    assert portal.asked == [], "a server of this machine was asked"
    return "failed, nothing was asked"


@scenario("redirects and links to other hosts, to other ports of this machine and to private addresses")
def elsewhere(bench: Bench) -> str:
    with serving(TestPortal(5)) as canary, serving(TestPortal(40)) as portal:
        port = portal.url.removesuffix("/").rpartition(":")[2]
        targets = [
            canary.url + "vi/news/",
            f"http://127.0.0.2:{port}/vi/news/",
            f"http://127.0.0.1:{port}@127.0.0.2:{port}/vi/news/",
            f"//127.0.0.2:{port}/vi/news/",
            "http://10.0.0.1/vi/news/",
            "http://169.254.169.254/latest/meta-data/",
            "http://[::1]:22/vi/news/",
            "http://2130706433/vi/news/",
            "file:///etc/passwd",
            "data:text/html,<html></html>",
            "javascript:alert(1)",
            "http://[bad/",
        ]
        places = paths(len(targets), 40)
        portal.faults = at(dict(zip(places, map(hostile.moved, targets), strict=True)))
        ended = bench.crawl(portal)
        assert ended.code == 0, ended.said + ended.log
        for place, target in zip(places, targets, strict=True):
            assert bench.outcomes(place) == ["redirect_offsite"], target
    assert canary.asked == [], f"another server was asked: {canary.asked}"
    asked = bench.rows("SELECT target_uri FROM captures WHERE target_uri NOT LIKE ? || '%'", portal.url)
    assert asked == [], asked
    return "none is followed"
