"""What every command of ours does first: a setting that was mistyped ends it before anything is begun."""

import argparse
import logging
import math
from difflib import get_close_matches
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings, default_settings

from crawler import settings as own_settings

OWN = tuple(name for name in vars(own_settings) if name.startswith("ARCHIVE_"))
"""The names of this project's own settings; Scrapy ignores a name that it does not know."""
_PLACES = ("ARCHIVE_DB", "ARCHIVE_WARC_DIR", "ARCHIVE_PORTALS")
_LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")


class CheckedCommand(ScrapyCommand):
    """A command that refuses settings nothing can be done with, in plain words and with exit code 2."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take the settings over, then look at them. Raises UsageError."""
        try:
            super().process_options(args, opts)
        except OSError as error:
            raise UsageError(
                f"{error.filename} cannot be written: {error.strerror}", print_help=False
            ) from error
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        if problem := settings_problem(self.settings):
            raise UsageError(problem, print_help=False)


def alike(name: str, known: list[str]) -> str:
    """A hint at what may have been meant, to be put behind a name that is not known; "" when nothing is like it.

    >>> alike("sampel", ["portal", "sample"]), alike("nope", ["sample"])
    (' (did you mean sample?)', '')
    """
    parts = [other for other in known if name in other]
    found = (parts or get_close_matches(name, known, cutoff=0.75))[:3]
    return f" (did you mean {' or '.join(found)}?)" if found else ""


def settings_problem(settings: BaseSettings) -> str | None:
    """What is wrong with the settings, in plain words; None when nothing is."""
    for name in settings:
        if str(name).startswith("ARCHIVE_") and name not in OWN:
            return f"-s {name}=… is not known; known are {', '.join(OWN)}"
    for name in _PLACES:
        if not str(settings[name]).strip():
            return f"-s {name}= is empty: it must be a path"
    for name in settings:
        if problem := _value_problem(name, settings[name]):
            return f"-s {name}={settings[name]}: {problem}"
    if settings["LOG_LEVEL"] not in (*_LEVELS, *map(logging.getLevelName, _LEVELS)):
        return f"-L {settings['LOG_LEVEL']} is no log level; known are {', '.join(_LEVELS)}"
    return _log_problem(settings["LOG_FILE"])


def _value_problem(name: str, value: object) -> str | None:
    """What text from the command line must be instead, where the setting is a number or a switch; None: it is."""
    usual = [getattr(settings, name, None) for settings in (own_settings, default_settings)]
    kind = next((kind for kind in (float, bool, int) if any(isinstance(it, kind) for it in usual)), None)
    if not isinstance(value, str) or kind is None:
        return None
    if kind is bool:
        return None if value in ("0", "1", "true", "false", "True", "False") else "it must be 0 or 1"
    try:
        is_finite = math.isfinite(kind(value))
    except (ValueError, OverflowError):
        is_finite = False
    return None if is_finite else f"it must be a {'whole number' if kind is int else 'number'}"


def _log_problem(path: str | None) -> str | None:
    try:
        if path:
            Path(path).open("a", encoding="utf-8").close()
    except OSError as error:
        return f"the log {path} cannot be written: {error.strerror}"
    return None
