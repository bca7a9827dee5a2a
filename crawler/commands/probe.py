"""`scrapy probe`: ask a portal for the article numbers that none of its lists shows."""

import argparse

from scrapy.exceptions import UsageError

from crawler.commands.crawl import EXIT_CODES, NOT_BEGUN, code_of
from crawler.commands.crawl import Command as CrawlCommand
from crawler.keeping import CrawlResult
from crawler.probing import Probes

BUDGET = 200


class Command(CrawlCommand):
    """Probe one portal."""

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Ask a portal for the article numbers that none of its lists shows"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "NukeViet numbers its articles, so gaps show. Ask a portal, as politely as a crawl, for the numbers "
            "that are in no list, small gaps first; what is public is archived, and the view `ledger` holds the "
            "rest. Portals that answer such questions falsely (NukeViet 4.3 and 3.4) are found out with two trials "
            "and not probed. Exit code: 0 asked, 1 not, 3 not all could be asked."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The options."""
        super().add_options(parser)
        parser.add_argument(
            "--budget",
            type=int,
            default=BUDGET,
            metavar="N",
            help=f"ask for at most N numbers (default {BUDGET})",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Probe, say what was found, and set the exit code."""
        if len(args) != 1 or opts.budget < 1:
            raise UsageError(
                "name one portal and a budget above 0, for instance: scrapy probe sample --budget 50"
            )
        try:
            result = self.crawl(args[0], {**opts.spargs, "probe": str(opts.budget)})
        except NOT_BEGUN as error:
            print(f"Error: {error}")
            self.exitcode = code_of(error)
            return
        print(self._in_words(result))

    def _in_words(self, result: CrawlResult) -> str:
        probes = self.session.worklist
        assert isinstance(probes, Probes)  # noqa: S101 - what a probe's session has
        self.exitcode = EXIT_CODES["failed"]
        if result.status == "failed":
            return f"Error: {result.message}"
        if not result.kept:
            return "Error: no article of this portal is archived yet: crawl it first"
        if probes.refused:
            return str(result.message)
        self.exitcode = EXIT_CODES[result.status]
        left = f"; {probes.left} numbers are left: run it again" if probes.left else ""
        return (
            f"{result.status}: {probes.asked} numbers asked for, {result.totals.articles} articles found{left}"
            + (f"\n{result.message}" if result.message else "")
        )
