"""Datasette over the project's own configuration and a small archive, for the test modules that import this."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from tests.archives import build_archive

ROOT = Path(__file__).parent.parent
CONFIGURATION = ("metadata.yml", "settings.json", "plugins", "templates", "static")


def configure(folder: Path) -> Path:
    """Make a folder that `datasette .` takes for the project's own, but with its own archive.db or none."""
    for name in CONFIGURATION:
        (folder / name).symlink_to(ROOT / name)
    return folder


class Site:
    """Datasette's real application over one folder, asked without a socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runner = asyncio.Runner()
        self.datasette = Datasette(config_dir=folder)
        self.runner.run(self.datasette.invoke_startup())

    def close(self) -> None:
        for database in self.datasette.databases.values():
            database.close()
        self.datasette.executor.shutdown()
        self.runner.close()

    def request(self, method: str, path: str, **arguments: Any) -> Any:
        return self.runner.run(self.datasette.client.request(method, path, **arguments))

    def get(self, path: str, **parameters: str) -> Any:
        return self.request("GET", path, params=parameters or None)

    def html(self, path: str, **parameters: str) -> str:
        response = self.get(path, **parameters)
        assert response.status_code == 200, response.text
        return str(response.text)

    def rows(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        """The rows of a table's or a query's JSON; an error fails the test."""
        response = self.get(f"{path}.json", _shape="objects", **parameters)
        assert response.status_code == 200, response.text
        answer = response.json()
        assert answer.get("error") is None, answer["error"]
        return list(answer["rows"])

    def keys(self, path: str, **parameters: str) -> list[str]:
        return [row["article_key"] for row in self.rows(path, **parameters)]


@pytest.fixture(scope="session")
def archive_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = configure(tmp_path_factory.mktemp("project"))
    build_archive(folder / "archive.db")
    return folder


@pytest.fixture(scope="session")
def site(archive_folder: Path) -> Iterator[Site]:
    opened = Site(archive_folder)
    yield opened
    opened.close()
