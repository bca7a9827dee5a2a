"""How NukeViet prints dates, numbers and stored texts."""

import unicodedata
from datetime import datetime, timedelta

from crawler.sample.templating import stored

_WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_VIET_NAM = timedelta(hours=7)


def visible_date(when: datetime) -> str:
    """An article's own line.

    >>> visible_date(datetime(2020, 11, 9, 9, 0))
    'Thứ hai - 09/11/2020 09:00'
    """
    return f"{_WEEKDAYS[when.weekday()]} - {when:%d/%m/%Y %H:%M}"


def list_date(when: datetime) -> str:
    """A list's line, on a 12-hour clock.

    >>> list_date(datetime(2016, 3, 5, 12, 30)), list_date(datetime(2020, 11, 9, 0, 5, 7))
    ('05/03/2016 12:30:00 PM', '09/11/2020 12:05:07 AM')
    """
    return f"{when:%d/%m/%Y} {(when.hour - 1) % 12 + 1:02d}:{when:%M:%S} {'PM' if when.hour >= 12 else 'AM'}"


def meta_date(when: datetime) -> str:
    """The value of article:published_time, malformed by the zone in the place of a "T".

    >>> meta_date(datetime(2020, 11, 9, 9, 0))
    '2020-11-09+0709:00:00'
    """
    return f"{when:%Y-%m-%d}+07{when:%H:%M:%S}"


def iso_date(when: datetime) -> str:
    """Microdata and sitemap.

    >>> iso_date(datetime(2020, 11, 9, 9, 0))
    '2020-11-09T09:00:00+07:00'
    """
    return f"{when:%Y-%m-%dT%H:%M:%S}+07:00"


def rss_date(when: datetime) -> str:
    """An RSS date as NukeViet prints it up to 4.5: the month stands where the minutes belong.

    >>> rss_date(datetime(2020, 11, 9, 9, 0))
    'Mon, 09 Nov 2020 02:11:00 GMT'
    """
    utc = when - _VIET_NAM
    return f"{_DAYS[utc.weekday()]}, {utc:%d} {_MONTHS[utc.month - 1]} {utc:%Y %H:%m:%S} GMT"


def hits(count: int) -> str:
    """A view count with dots.

    >>> hits(24310)
    '24.310'
    """
    return f"{count:,}".replace(",", ".")


def printed(text: str, *, nfd: bool) -> str:
    """A stored title, lead, author or source; line breaks as <br />; decomposed where the editor's keyboard did so."""
    text = stored(text).replace("\n", "<br />")
    return unicodedata.normalize("NFD", text) if nfd else text


def teaser(text: str, length: int, *, nfd: bool) -> str:
    """A lead on one line, cut at a word, as tooltips and meta tags hold it."""
    line = text.replace("\n", " ")
    if len(line) > length:
        line = line[:length].rpartition(" ")[0] + "..."
    return printed(line, nfd=nfd)
