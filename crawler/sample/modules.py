"""Pages of the portal's other modules: about, laws, contact, feeds, users, statistics, voting."""

from collections.abc import Iterable

from crawler.sample.chrome import BOTS_NOINDEX, Chrome, Page, Visit, rss_addresses
from crawler.sample.frame import Site
from crawler.sample.templating import stored


class ModulePages:
    """Prints what is neither an article nor a list of articles."""

    def __init__(self, site: Site, chrome: Chrome) -> None:
        self._site = site
        self._chrome = chrome
        self._pages = self._contents()

    def paths(self, module: str) -> list[str]:
        """The addresses of a module's pages, as its sitemap names them."""
        return [
            path for path in self._pages if path.startswith(f"/vi/{module}/") and path != f"/vi/{module}/"
        ]

    def print(self, path: str, visit: Visit) -> str | None:
        """The page at a path; None when there is none."""
        if path not in self._pages:
            return None
        title, content = self._pages[path]
        module = path.split("/")[2]
        robots = BOTS_NOINDEX if module in {"users", "statistics"} else "index, follow"
        return self._chrome.print(
            Page(
                title=title, path=path, content=content, module=module, robots=robots, crumbs=((path, title),)
            ),
            visit,
        )

    def _contents(self) -> dict[str, tuple[str, str]]:
        pages = {
            "/vi/about/": (
                "Giới thiệu",
                _links((_about_path(row), row["title"]) for row in self._site.about),
            ),
            "/vi/laws/": ("Văn bản", self._laws()),
            "/vi/feeds/": ("RSS", _links(rss_addresses(self._site))),
            "/vi/contact/": (
                "Liên hệ",
                f"<p>{stored(self._site.address)}</p><p>Điện thoại&#x3A; {self._site.phone}</p>",
            ),
            "/vi/users/": ("Thành viên", _LOGIN),
            "/vi/users/login/": ("Đăng nhập", _LOGIN),
            "/vi/users/register/": ("Đăng ký", _LOGIN),
            "/vi/statistics/": (
                "Thống kê truy cập",
                "<h2>Thống kê truy cập</h2><p>Số liệu theo tháng và theo năm.</p>",
            ),
            "/vi/voting/": ("Thăm dò ý kiến", f"<h3>{stored(self._site.poll[0])}</h3>"),
        }
        for row in self._site.about:
            pages[_about_path(row)] = (stored(row["title"]), _about(row))
        for law in self._site.laws:
            pages[f"/vi/laws/detail/{law['alias']}-{law['id']}/"] = (stored(law["title"]), _law(law))
        return pages

    def _laws(self) -> str:
        rows = "".join(
            f'<tr><td><a href="/vi/laws/detail/{law["alias"]}-{law["id"]}/">{stored(law["number"])}</a></td>'
            f"<td>{law['issued']}</td><td>{stored(law['title'])}</td></tr>\n"
            for law in self._site.laws
        )
        return (
            '<table class="table table-striped table-bordered table-hover"><thead><tr><th>Số hiệu</th><th>Ngày ban hành'
            f"</th><th>Trích yếu</th></tr></thead><tbody>\n{rows}</tbody></table>"
        )


_LOGIN = (
    '<form action="/vi/users/login/" method="post"><input type="text" name="nv_login" placeholder="Tên đăng nhập hoặc '
    'email"><input type="password" name="nv_password" placeholder="Mật khẩu"></form>'
)


def _about_path(row: dict[str, str]) -> str:
    return f"/vi/about/{row['alias']}.html"


def _about(row: dict[str, str]) -> str:
    return (
        f'<h1 class="title margin-bottom-lg">{stored(row["title"])}</h1>\n'
        f'<div id="page-bodyhtml" class="bodytext margin-bottom-lg"><p>{stored(row["text"])}</p></div>'
    )


def _law(law: dict[str, str]) -> str:
    number = f"<tr><td>Số ký hiệu</td><td>{stored(law['number'])}</td></tr>"
    issued = f"<tr><td>Ngày ban hành</td><td>{law['issued']}</td></tr>"
    signer = f"<tr><td>Người ký</td><td>{stored(law['signer'])}</td></tr>"
    return (
        f'<h3 class="lawh3">{stored(law["title"])}</h3>\n<table class="table table-striped">{number}{issued}{signer}'
        f'</table>\n<p><a href="/vi/laws/detail/{law["alias"]}-{law["id"]}/?download=1&amp;id=0">Tải về</a></p>'
    )


def _links(rows: Iterable[tuple[str, str]]) -> str:
    return (
        '<ul class="list-items">'
        + "".join(f'<li><a href="{path}">{title}</a></li>\n' for path, title in rows)
        + "</ul>"
    )
