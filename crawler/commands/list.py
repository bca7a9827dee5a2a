"""`scrapy list`: Scrapy's own, with plain words for a registry that cannot be read."""

import argparse

from scrapy.commands.list import Command as ScrapyList
from scrapy.exceptions import UsageError

from crawler.commandline import CheckedCommand
from crawler.portals import RegistryError


class Command(CheckedCommand, ScrapyList):
    """Print the registered portals' keys."""

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "List the registered portals"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print them, sorted, and `portal`, which is how Scrapyd knows the spider for those nobody registered."""
        if args:
            raise UsageError("no arguments are taken", print_help=False)
        try:
            super().run(args, opts)
        except RegistryError as error:
            print(f"Error: {error}")
            self.exitcode = 1
