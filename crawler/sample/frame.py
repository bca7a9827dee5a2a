"""The sample portal's frame: its name, categories, topics and other modules, read from data/portal.yml."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

DATA = files(__package__) / "data"


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """A news category; an article is in the categories it was given, never in their parents."""

    alias: str  # as in the URL; the leaf's alone, never the path
    title: str
    path: tuple[str, ...]  # titles from the top to this one
    menu: bool  # False: only the RSS links in the head name it
    members: bool  # True: list and articles answer with a refusal
    parent: str | None  # the parent's alias


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """A dossier ("Theo dòng sự kiện")."""

    alias: str
    title: str
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """Everything about the portal that is not an article."""

    name: str
    description: str
    module_title: str
    email: str
    account: str  # the name that posts where an article names no other
    address: str
    phone: str
    categories: dict[str, Category]
    topics: dict[str, Topic]
    about: tuple[dict[str, str], ...]
    laws: tuple[dict[str, str], ...]
    poll: tuple[str, tuple[str, ...]]  # question, answers
    banners: tuple[tuple[str, str], ...]  # alternative text, file name


def read_yaml(path: Traversable) -> Any:
    """What a YAML data file holds; libyaml reads all of them in a tenth of a second."""
    with path.open("rb") as file:
        return yaml.load(file, Loader=yaml.CSafeLoader)


@cache
def site() -> Site:
    """The portal's frame."""
    data = read_yaml(DATA / "portal.yml")
    return Site(
        name=data["name"],
        description=data["description"],
        module_title=data["module_title"],
        email=data["email"],
        account=data["account"],
        address=data["address"],
        phone=data["phone"],
        categories=_categories(data["categories"]),
        topics={topic["alias"]: Topic(**topic) for topic in data["topics"]},
        about=tuple(data["about"]),
        laws=tuple({key: str(value) for key, value in law.items()} for law in data["laws"]),
        poll=(data["poll"]["question"], tuple(data["poll"]["options"])),
        banners=tuple((banner["alt"], banner["file"]) for banner in data["banners"]),
    )


def _categories(rows: list[dict[str, Any]]) -> dict[str, Category]:
    categories: dict[str, Category] = {}
    for row in rows:
        parent = row.get("parent")
        above = categories[parent].path if parent else ()
        categories[row["alias"]] = Category(
            alias=row["alias"],
            title=row["title"],
            path=(*above, row["title"]),
            menu=row.get("menu", True),
            members=row.get("members", False),
            parent=parent,
        )
    return categories
