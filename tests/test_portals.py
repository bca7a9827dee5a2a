"""The registry: sound as shipped, and every fault named with its line."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.portals import RegistryError, contact_problem, key_from_url, unregistered
from crawler.registry import load_portals, portal_at, read_portals
from crawler.sample import serve
from spiders.loader import PortalLoader
from tests.conftest import ROOT, Folder

SHIPPED = ROOT / "spiders" / "portals.yml"
FINE = "tay_ninh_x:\n  name: Huyện X\n  url: https://x.tayninh.gov.vn/\n"


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "portals.yml"
    path.write_text(text, encoding="utf-8")
    return [str(problem) for problem in read_portals(path)[1]]


def test_shipped_registry_has_the_sample_and_tay_ninhs_nine_districts() -> None:
    assert list(load_portals(SHIPPED))[:2] == ["sample", "tay_ninh_hoa_thanh"]
    codes = sorted(portal.unit_code or "" for portal in load_portals(SHIPPED).values())
    assert codes == ["", "703", "705", "706", "707", "708", "709", "710", "711", "712"]


def test_what_nobody_visited_is_marked_so() -> None:
    assert {key for key, portal in load_portals(SHIPPED).items() if portal.verified} == {"sample"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FINE + FINE, "line 4: tay_ninh_x is there twice"),
        (FINE.replace("tay_ninh_x", "portal"), "line 1: portal is a reserved name"),
        (FINE.replace("tay_ninh_x", "Tây Ninh"), "line 1: Tây Ninh: a key is"),
        (FINE.replace("https://x", "x"), "line 3: tay_ninh_x: url must be a full web address"),
        (FINE + "  nmae: x\n", "line 4: tay_ninh_x: nmae is not known; known are"),
        (FINE + "  unit_code: 709\n", "line 4: tay_ninh_x: unit_code must be text; put numbers in quotes"),
        (FINE + "  verified: maybe\n", "line 4: tay_ninh_x: verified must be true or false"),
        (FINE + "  kind: xã\n", "line 4: tay_ninh_x: kind must be one of"),
        (FINE + "  other_hosts: x.vn\n", "line 4: tay_ninh_x: other_hosts must be a list"),
        (FINE + "  name: again\n", "line 4: tay_ninh_x: name is there twice"),
        ("tay_ninh_x:\n  name: Huyện X\n", "line 2: tay_ninh_x: url is missing"),
        (
            FINE + FINE.replace("tay_ninh_x", "tay_ninh_y"),
            "line 4: tay_ninh_y: the host x.tayninh.gov.vn belongs to",
        ),
        ("tay_ninh_x: [1, 2\n", "this is not YAML"),
        pytest.param("[" * 5000, "brackets lie too deep", id="very deep"),
        pytest.param(FINE + "  aliases: " + "[" * 200 + "]" * 200, "aliases must be", id="deep"),
        ("tay_ninh_x:\n\turl: x\n", "line 2: this is not YAML"),
        ("- a\n- b\n", "line 1: expected one block for each portal"),
        ("", "line 1: expected one block for each portal"),
        ("tay_ninh_x: https://x.vn/\n", "line 1: tay_ninh_x: expected lines such as"),
        (FINE + "  every: 1w\n", "line 4: tay_ninh_x: every must be hours or days, like 12h, 1d or 30d"),
        (FINE + "  every: 30\n", "line 4: tay_ninh_x: every must be hours or days"),
        (FINE + "  frozen: often\n", "line 4: tay_ninh_x: frozen must be true or false"),
        (FINE + "  closed: true\n", "line 4: tay_ninh_x: closed must be a date or a few words"),
        (FINE + "  closed: 2025-02-30\n", "line 4: tay_ninh_x: closed must be a date or a few words"),
        (FINE + "  night: 22:00\n", "line 4: tay_ninh_x: night must be two times of day in Viet Nam"),
        (FINE + "  night: 22:00-24:00\n", "line 4: tay_ninh_x: night must be two times of day in Viet Nam"),
        (FINE + "  night: 22:00-22:00\n", "line 4: tay_ninh_x: night must begin and end at different times"),
        (FINE + "  delay: 2\n", "line 4: tay_ninh_x: delay must be 2.1 or more, since NukeViet blocks"),
        (FINE + "  delay: .inf\n", "line 4: tay_ninh_x: delay must be a number of seconds, 2.1 to 600"),
        (FINE + "  delay: .nan\n", "line 4: tay_ninh_x: delay must be a number of seconds"),
        (FINE + "  delay: true\n", "line 4: tay_ninh_x: delay must be a number of seconds"),
        (FINE + "  media: no pictures\n", "line 4: tay_ninh_x: media must be true or false"),
        (FINE + "  scope: all\n", "line 4: tay_ninh_x: scope must be one of news, site"),
        (FINE + "  scope: [news]\n", "line 4: tay_ninh_x: scope must be one of news, site"),
        (FINE + "  aliases: host_x\n", "line 4: tay_ninh_x: aliases must be a list of keys"),
        (
            FINE + "  aliases: [tay_ninh_x]\n",
            "line 1: tay_ninh_x: the alias tay_ninh_x belongs to tay_ninh_x",
        ),
        (FINE + "  aliases: [portal]\n", "line 1: tay_ninh_x: the alias portal belongs to portal already"),
        (
            FINE + "  aliases: [host_z]\n" + FINE.replace("x", "y") + "  aliases: [host_z]\n",
            "line 5: tay_ninh_y: the alias host_z belongs to tay_ninh_x already",
        ),
        (FINE + "  fate: !!python/object:os.system x\n", "line 4: tay_ninh_x: fate"),
    ],
)
def test_fault_is_named_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in "\n".join(problems(tmp_path, text))


def test_lines_on_how_it_is_crawled_are_read(tmp_path: Path) -> None:
    path = tmp_path / "portals.yml"
    more = "  every: 12h\n  frozen: true\n  closed: 2025-07-01\n  night: 22:00-05:00\n  delay: 5\n"
    more += "  media: false\n  scope: site\n  aliases: [host_x_tayninh_gov_vn]\n"
    path.write_text(FINE + more, encoding="utf-8")
    portal = load_portals(path)["tay_ninh_x"]
    assert (portal.interval, portal.frozen, portal.closed) == (timedelta(hours=12), True, "2025-07-01")
    assert (str(portal.night), portal.delay) == ("22:00-05:00", 5.0)
    assert (portal.media, portal.scope, portal.aliases) == (False, "site", ("host_x_tayninh_gov_vn",))


@pytest.mark.parametrize(
    ("more", "days"), [("", 1), ("  frozen: true\n", 30), ("  frozen: true\n  every: 7d\n", 7)]
)
def test_portal_is_due_each_day_and_a_frozen_one_each_month(tmp_path: Path, more: str, days: int) -> None:
    path = tmp_path / "portals.yml"
    path.write_text(FINE + more, encoding="utf-8")
    assert load_portals(path)["tay_ninh_x"].interval == timedelta(days=days)


def test_server_on_this_machine_may_have_any_delay(tmp_path: Path) -> None:
    assert problems(tmp_path, "here:\n  name: Đây\n  url: http://127.0.0.2:8001/\n  delay: 0.05\n") == []


@pytest.mark.parametrize(
    ("night", "utc", "minutes"),
    [
        ("22:00-05:00", "2026-01-01T15:00", 0),  # 22:00 in Viet Nam
        ("22:00-05:00", "2026-01-01T14:59", 1),
        ("22:00-05:00", "2026-01-01T21:59", 0),  # 04:59 of the next day
        ("22:00-05:00", "2026-01-01T22:00", 17 * 60),
        ("01:30-05:00", "2026-01-01T18:00", 30),  # 01:00
        ("01:30-05:00", "2026-01-01T22:00", 20 * 60 + 30),
        ("22:00-00:00", "2026-01-01T17:00", 22 * 60),
    ],
)
def test_night_is_told_in_viet_nams_time(tmp_path: Path, night: str, utc: str, minutes: int) -> None:
    path = tmp_path / "portals.yml"
    path.write_text(FINE + f"  night: {night}\n", encoding="utf-8")
    hours = load_portals(path)["tay_ninh_x"].night
    assert hours is not None
    assert hours.seconds_until_open(datetime.fromisoformat(utc).replace(tzinfo=UTC)) == minutes * 60


def test_portal_is_found_by_a_key_it_had_before(tmp_path: Path) -> None:
    path = tmp_path / "portals.yml"
    path.write_text(FINE + "  aliases: [host_x_tayninh_gov_vn]\n", encoding="utf-8")
    assert PortalLoader(path).load("host_x_tayninh_gov_vn").name == "tay_ninh_x"


def test_registry_that_is_not_there_has_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "portals.yml"
    with pytest.raises(RegistryError, match=rf"^{path}: it cannot be read \(No such file or directory\)$"):
        load_portals(path)


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "portals.yml"
    path.write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in str(read_portals(path)[1][0])


def test_sound_portals_beside_a_faulty_one_are_still_read(tmp_path: Path) -> None:
    path = tmp_path / "portals.yml"
    path.write_text(FINE + "tay_ninh_y:\n  name: Y\n", encoding="utf-8")
    assert list(read_portals(path)[0]) == ["tay_ninh_x"]


def test_faulty_registry_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "portals.yml"
    path.write_text("tay_ninh_y:\n  name: Y\n", encoding="utf-8")
    with pytest.raises(RegistryError, match=r"portals\.yml, line 2: tay_ninh_y: url is missing"):
        load_portals(path)


def test_hosts_with_and_without_www_are_one_portal() -> None:
    assert unregistered("http://www.x.gov.vn/").hosts == {"x.gov.vn", "www.x.gov.vn"}


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.hoathanh.tayninh.gov.vn/vi/", "tay_ninh_hoa_thanh"),
        ("https://khac.tayninh.gov.vn/", "host_khac_tayninh_gov_vn"),
        ("http://127.0.0.1:8001/", "host_127_0_0_1_8001"),
    ],
)
def test_address_leads_to_its_registered_portal(url: str, key: str) -> None:
    assert portal_at(url, SHIPPED).key == key


@pytest.mark.parametrize("url", ["", "x.gov.vn", "ftp://x.gov.vn/", "http://", "http://x:99999/"])
def test_no_address_no_portal(url: str) -> None:
    with pytest.raises(RegistryError, match="full web address"):
        unregistered(url)


def test_key_from_a_host_with_accents_is_ascii() -> None:
    assert key_from_url("https://đạihòathành.vn/") == "host_daihoathanh_vn"


def test_checkportals_runs_on_a_malformed_registry_and_says_where(folder: Folder) -> None:
    path = folder.path / "portals.yml"
    path.write_text(FINE + "  nmae: x\n", encoding="utf-8")
    ran = folder.scrapy("checkportals", "-s", f"ARCHIVE_PORTALS={path}")
    assert ran.returncode == 1
    assert f"{path}, line 4: tay_ninh_x: nmae is not known" in ran.stdout
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("command", [["list"], ["crawl", "tay_ninh_x"]])
def test_other_commands_say_in_one_line_that_the_registry_is_malformed(
    folder: Folder, command: list[str]
) -> None:
    path = folder.path / "portals.yml"
    path.write_text(FINE + "  nmae: x\n", encoding="utf-8")
    ran = folder.scrapy(*command, "-s", f"ARCHIVE_PORTALS={path}")
    assert ran.returncode == 1
    assert ran.stdout.startswith("Error: ")
    assert ran.stdout.count("\n") == 1
    assert "Traceback" not in ran.stderr


def test_list_prints_the_registered_portals(folder: Folder) -> None:
    ran = folder.scrapy("list")
    assert ran.returncode == 0
    assert "tay_ninh_hoa_thanh" in ran.stdout.splitlines()


@pytest.mark.parametrize("url", ["https://khac.vn/", "http://127.0.0.1:8001/"])
def test_another_sites_address_is_never_filed_under_a_portal(folder: Folder, url: str) -> None:
    ran = folder.scrapy(
        "crawl", "tay_ninh_hoa_thanh", "-a", f"url={url}", "-s", "ARCHIVE_CONTACT=you@archive.test"
    )
    assert ran.returncode == 2
    assert ran.stdout.startswith(f"Error: {url} is not on the hosts of tay_ninh_hoa_thanh")
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("url", ["foo", "127.0.0.1:8711", "ftp://x/", "https://"])
def test_address_that_is_none_is_named_first(folder: Folder, url: str) -> None:
    ran = folder.scrapy("crawl", "portal", "-a", f"url={url}")
    assert (ran.returncode, ran.stderr) == (2, "")
    assert "must be a full web address" in ran.stdout


def test_live_check_names_the_software_of_what_answers(folder: Folder) -> None:
    path = folder.path / "portals.yml"
    with serve(articles=5) as portal:
        here = (
            f"here:\n  name: Đây\n  url: {portal.url}\nnobody:\n  name: Không\n  url: http://127.0.0.1:9/\n"
        )
        path.write_text(here, encoding="utf-8")
        ran = folder.scrapy("checkportals", "--live", str(path))
    assert ran.returncode == 1
    assert re.search(r"^here +NukeViet 4\.4 \(egov\)", ran.stdout, re.MULTILINE)
    assert re.search(
        r"^nobody +not recognised: not asked, its robots.txt cannot be had: connection refused",
        ran.stdout,
        re.MULTILINE,
    )
    assert "1 of 2 portals recognised" in ran.stdout


@pytest.mark.parametrize(
    ("contact", "said"),
    [
        ("", "say how with -s ARCHIVE_CONTACT="),
        *((name, "only an example") for name in ("you@example.org", "YOU@EXAMPLE.COM", "a@mail.example.net")),
        *((name, "only an example") for name in ("https://example.org", "http://www.example.com/me")),
        *(
            (name, "is neither")
            for name in ("notanaddress", "a@b", "@x.vn", "ftp://x.vn/", "https://", "x.vn")
        ),
        *(
            (name, "is neither")
            for name in ("me@x.vn)", "https://x.vn/a b", "me@x.vn\nCookie: a", "Me <me@x.vn>")
        ),
    ],
)
def test_contact_must_reach_somebody(contact: str, said: str) -> None:
    problem = contact_problem("https://hoathanh.tayninh.gov.vn/", contact)
    assert problem is not None
    assert said in problem
    assert contact_problem("http://127.0.0.1:8001/", contact) is None


@pytest.mark.parametrize(
    "contact", ["luu.tru+web@thu-vien.gov.vn", "https://luu.vn/lien-he", "a@examples.org"]
)
def test_contact_is_an_email_or_a_web_address(contact: str) -> None:
    assert contact_problem("https://hoathanh.tayninh.gov.vn/", contact) is None


def test_live_check_of_real_portals_needs_a_contact(folder: Folder) -> None:
    ran = folder.scrapy("checkportals", "--live")
    assert ran.returncode == 1
    assert "ARCHIVE_CONTACT" in ran.stdout
