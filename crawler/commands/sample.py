"""`scrapy sample`: the sample portal on loopback."""

import argparse
import sys

from scrapy.exceptions import UsageError

from crawler.commandline import CheckedCommand
from crawler.sample.faults import random_faults
from crawler.sample.server import PortTakenError, run


class Command(CheckedCommand):
    """Serves the sample portal until Ctrl-C."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - ScrapyCommand declares it a ClassVar

    def syntax(self) -> str:
        """Its arguments in one line."""
        return "[options]"

    def short_desc(self) -> str:
        """What `scrapy` prints beside its name."""
        return "Serve the sample portal on loopback"

    def long_desc(self) -> str:
        """What `scrapy sample --help` prints."""
        return (
            "Serve a small portal of a made-up town on 127.0.0.1 until Ctrl-C. It prints what NukeViet eGov prints: "
            "crawl it with `scrapy crawl sample`, or look at it in a browser. With --faults it misbehaves as flaky "
            "portals do: errors, broken connections, pages cut short, the page that says to wait."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The command's own options."""
        super().add_options(parser)
        parser.add_argument(
            "--port", type=int, default=8001, help="port to listen on; 0 takes a free one (default 8001)"
        )
        parser.add_argument(
            "--articles",
            type=int,
            metavar="N",
            help="how many public articles it has: fewer than the written ones, or any number more (default: those)",
        )
        parser.add_argument(
            "--faults",
            type=float,
            default=0,
            metavar="PERCENT",
            help="so many per cent of the requests are answered wrongly (default 0)",
        )
        parser.add_argument(
            "--seed",
            type=int,
            default=0,
            help="which requests those are: the same for the same seed (default 0)",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serves; the exit code is 1 when the port cannot be had."""
        if args or (opts.articles is not None and opts.articles < 0) or not 0 <= opts.faults <= 100:
            raise UsageError(
                "no arguments are taken, the number of articles cannot be negative, and --faults is 0 to 100",
                print_help=False,
            )
        faults = random_faults(opts.faults, opts.seed) if opts.faults else None
        try:
            run(port=opts.port, articles=opts.articles, faults=faults)
        except PortTakenError as error:
            print(error, file=sys.stderr)
            self.exitcode = 1
