"""What a person reads while a crawl goes on."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crawler.keeping import Keeper
from crawler.progress import figures
from tests.proofs import keep


def test_articles_are_new_or_not_once_they_are_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, finish = [], Keeper.finish

    def tell(keeper: Keeper, *given: Any, **named: Any) -> Any:
        session: Any = SimpleNamespace(keeper=keeper, left=lambda: 0)
        told.append(figures(session, 1.0).partition(", 0 problems")[0])
        keeper.flush()
        told.append(figures(session, 1.0).partition(")")[0])
        return finish(keeper, *given, **named)

    monkeypatch.setattr(Keeper, "finish", tell)
    for day in 0, 30:
        keep(tmp_path, articles=4, day=day)
    assert told[0].startswith("4 articles (0 new, 0 changed, 0 unchanged, 4 being saved), ")
    assert told[1] == "4 articles (4 new, 0 changed, 0 unchanged"
    assert told[3] == "4 articles (0 new, 0 changed, 4 unchanged"
