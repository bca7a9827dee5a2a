"""The body of a record as a browser has it."""

import brotli
from warcio.recordloader import ArcWarcRecord


def decoded_body(record: ArcWarcRecord) -> bytes:
    """A response's body without chunks and compression.

    warcio's own way to undo brotli fails with brotli 1.2, whose objects take no attributes.
    """
    encoding = record.http_headers.get_header("content-encoding", "")
    if encoding.strip().lower() != "br":
        return bytes(record.content_stream().read())
    return bytes(brotli.Decompressor().process(record.raw_stream.read()))
