"""Scrapy's settings: only what differs from its defaults, each with its reason."""

from pathlib import Path
from typing import Any

BOT_NAME = "district_portal_archive"
SPIDER_LOADER_CLASS = "spiders.loader.PortalLoader"  # one spider for each line of spiders/portals.yml
COMMANDS_MODULE = "crawler.commands"
SCHEDULER = "crawler.scheduling.ArchiveScheduler"  # what is asked for next is the archive's to say

# Where the archive lies, relative to the folder the command is run in.
ARCHIVE_DB = "archive.db"
ARCHIVE_WARC_DIR = "warc"
ARCHIVE_PORTALS = str(Path(__file__).parent.parent / "spiders" / "portals.yml")
ARCHIVE_CONTACT = ""  # e-mail or web address of whoever crawls: real portals are not crawled without it
ARCHIVE_LOCK_TIMEOUT = 30.0  # seconds that another writer of archive.db is waited for

# Polite by default: NukeViet blocks the 41st request in 60 s and the 151st in 300 s. crawler/politeness.py keeps
# these for all crawls of the process, by portal and by IP address; Scrapy's own slots know one crawl only.
USER_AGENT = "district-portal-archive/0.1 (archive of Viet Nam's district portals)"
ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = 2.1
DOWNLOAD_DELAY_JITTER = 0  # half of the delay would be under what NukeViet allows
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_REQUESTS = 1  # what waits its turn is left in the queue, where the most important one is first
COOKIES_ENABLED = False  # each new session adds one to a view count, but a session would be followed

# Every response reaches the parser and ends in a counted outcome: nothing is followed or dropped on the way.
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
RETRY_TIMES = (
    4  # where a fifth of the answers goes wrong, two would leave one URL in a hundred to the next crawl
)
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the archive session names what was not had
DOWNLOAD_TIMEOUT = 60.0  # seconds
DOWNLOAD_FAIL_ON_DATALOSS = False  # what arrived of a cut body is kept, marked WARC-Truncated
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024  # bytes, as sent and when decompressed
DOWNLOAD_WARNSIZE = 0
ROBOTSTXT_PARSER = "crawler.bounds.BoundedRobotParser"
TWISTED_DNS_RESOLVER = "crawler.bounds.PublicResolver"  # no portal's name leads into a private network

DOWNLOAD_HANDLERS = dict.fromkeys(("http", "https"), "crawler.bounds.BoundedHandler")  # headers have an end
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.bounds.BoundsMiddleware": 590,  # in its place: unpacks, within bounds; inside of retrying (550)
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.robots.RobotsMiddleware": 100,  # in its place: as RFC 9309 has it
    "crawler.politeness.RefusalMiddleware": 555,  # within Scrapy's retries (550), outside decompression (590)
    "crawler.middlewares.WarcMiddleware": 995,  # innermost: the bytes as they came, before decompression
    "crawler.politeness.PacingMiddleware": 1000,  # next to the network: nothing else takes time in a turn
    # Nothing of ours asks for these, and each costs time on every page.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
}
# The spider hands over pages, never requests: there is nothing for these to do, and each costs time on every page.
SPIDER_MIDDLEWARES: dict[str, Any] = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}
ITEM_PIPELINES = {"crawler.pipelines.ArchivePipeline": 500}
EXTENSIONS = {
    "crawler.extensions.ArchiveSession": 0,
    "crawler.progress.Progress": 10,
    "scrapy.extensions.logstats.LogStats": None,  # the progress line says more
}
TELNETCONSOLE_ENABLED = False  # a server that runs Python for whoever reaches it
REMOTE_CONTROL_ENABLED = False  # the same

CONCURRENT_ITEMS = 1  # a page is one item, and Scrapy makes as many tasks for it as this says
LOG_LEVEL = "WARNING"  # the progress line says what goes well
STATS_DUMP = False
DEFAULT_REQUEST_HEADERS: dict[str, Any] = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.5",
    "Accept-Encoding": "gzip",  # every reader of WARC files unpacks it; warcio cannot unpack all of br and zstd
}
