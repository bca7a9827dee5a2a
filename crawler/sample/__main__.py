"""`python -m crawler.sample`: the sample portal on its own."""

import argparse
import sys

from crawler.sample.server import PortTakenError, run


def main() -> int:
    """Serves until told to stop; the exit code is 0, or 1 when the port cannot be had."""
    parser = argparse.ArgumentParser(
        prog="python -m crawler.sample", description="Serve the sample portal on loopback."
    )
    parser.add_argument(
        "--port", type=int, default=8001, help="port to listen on; 0 takes a free one (default 8001)"
    )
    parser.add_argument(
        "--articles", type=int, help="how many public articles it has (default: the written ones)"
    )
    parser.add_argument(
        "--no-count-views",
        action="store_true",
        help="print the same view counts however often a page is read",
    )
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end with the process that holds the other end of stdin",
    )
    options = parser.parse_args()
    try:
        run(
            port=options.port,
            articles=options.articles,
            count_views=not options.no_count_views,
            until_stdin_closes=options.until_stdin_closes,
        )
    except PortTakenError as error:
        print(error)  # to whoever waits for the line that says where it is
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
