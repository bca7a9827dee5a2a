"""A small portal of a made-up town, in the shape that NukeViet eGov prints, served on loopback.

with serve() as portal:
    ...  # portal.url answers
for article in truth():
    ...  # what a complete crawl must find
"""

from crawler.sample.articles import SampleArticle, SampleFile, SamplePicture
from crawler.sample.catalogue import truth
from crawler.sample.process import RunningPortal, SampleNotStartedError, serve

__all__ = [
    "RunningPortal",
    "SampleArticle",
    "SampleFile",
    "SampleNotStartedError",
    "SamplePicture",
    "serve",
    "truth",
]
