"""The archive's schema and its history: named, transactional functions, never edited once released."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("district_portal_archive")

_TABLES = """
CREATE TABLE portals (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT,
    url TEXT NOT NULL,
    hosts TEXT NOT NULL,
    unit_code TEXT,
    former_province TEXT,
    province TEXT,
    fate TEXT,
    verified INTEGER NOT NULL,
    software TEXT
) STRICT;
CREATE TABLE crawls (
    id INTEGER PRIMARY KEY,
    portal TEXT NOT NULL REFERENCES portals(key),
    started_at TEXT NOT NULL,
    finished_at TEXT,
    status TEXT NOT NULL CHECK (status IN ('running', 'complete', 'partial', 'empty', 'failed')),
    message TEXT,
    urls INTEGER NOT NULL DEFAULT 0,
    articles_new INTEGER NOT NULL DEFAULT 0,
    articles_changed INTEGER NOT NULL DEFAULT 0,
    articles_unchanged INTEGER NOT NULL DEFAULT 0,
    problems INTEGER NOT NULL DEFAULT 0,
    outcomes TEXT NOT NULL DEFAULT '{}',
    problem_list TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    article_key TEXT NOT NULL UNIQUE,
    portal TEXT NOT NULL REFERENCES portals(key),
    in_language TEXT NOT NULL,
    module TEXT NOT NULL,
    cms_id TEXT NOT NULL,
    headline TEXT NOT NULL,
    description TEXT,
    date_published TEXT,
    published_day TEXT,
    published_month TEXT,
    published_year INTEGER,
    date_published_text TEXT,
    date_source TEXT,
    date_flags TEXT NOT NULL DEFAULT '[]',
    date_modified TEXT,
    article_section TEXT,
    section_path TEXT NOT NULL DEFAULT '[]',
    author TEXT,
    byline TEXT,
    source TEXT,
    keywords TEXT NOT NULL DEFAULT '[]',
    topic TEXT,
    view_count INTEGER,
    comment_count INTEGER,
    rating_value REAL,
    rating_count INTEGER,
    videos TEXT NOT NULL DEFAULT '[]',
    url TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    record_id TEXT NOT NULL REFERENCES captures(record_id) DEFERRABLE INITIALLY DEFERRED,
    content_digest TEXT NOT NULL,
    parser TEXT NOT NULL,
    UNIQUE (portal, in_language, module, cms_id)
) STRICT;
CREATE TABLE article_texts (
    article INTEGER PRIMARY KEY REFERENCES articles(id),
    article_body TEXT,
    article_body_html TEXT
) STRICT;
CREATE TABLE captures (
    record_id TEXT PRIMARY KEY,
    crawl INTEGER REFERENCES crawls(id),
    portal TEXT NOT NULL REFERENCES portals(key),
    target_uri TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    status INTEGER,
    media_type TEXT,
    payload_digest TEXT,
    outcome TEXT NOT NULL,
    message TEXT,
    article INTEGER REFERENCES articles(id),
    content_digest TEXT,
    view_count INTEGER,
    comment_count INTEGER,
    warc_file TEXT,
    warc_offset INTEGER
) STRICT;
CREATE TABLE revisions (
    article INTEGER NOT NULL REFERENCES articles(id),
    first_seen TEXT NOT NULL,
    content_digest TEXT NOT NULL,
    record_id TEXT NOT NULL REFERENCES captures(record_id) DEFERRABLE INITIALLY DEFERRED,
    content TEXT,
    PRIMARY KEY (article, first_seen, record_id)
) STRICT;
CREATE TABLE witnesses (
    article_key TEXT NOT NULL,
    source TEXT NOT NULL,
    text TEXT NOT NULL,
    iso TEXT,
    weekday_conflict INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    record_id TEXT NOT NULL,
    PRIMARY KEY (article_key, source, text)
) STRICT, WITHOUT ROWID;
CREATE TABLE listed_counts (
    article_key TEXT PRIMARY KEY,
    view_count INTEGER,
    comment_count INTEGER,
    last_seen TEXT NOT NULL,
    record_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE attachments (
    id INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles(id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    media_type TEXT,
    UNIQUE (article, position)
) STRICT;
CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles(id),
    position INTEGER NOT NULL,
    url TEXT NOT NULL,
    caption TEXT,
    UNIQUE (article, position)
) STRICT;
CREATE TABLE known_urls (
    url TEXT PRIMARY KEY,
    portal TEXT NOT NULL REFERENCES portals(key),
    kind TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    found_in TEXT NOT NULL
) STRICT;
"""

# Dates descend in their indexes, so that rows of one date come in the order of Datasette's "next page".
_INDEXES = """
CREATE INDEX articles_portal ON articles (portal, date_published DESC);
CREATE INDEX articles_date_published ON articles (date_published DESC);
CREATE INDEX articles_flagged ON articles (date_published DESC) WHERE date_flags <> '[]';
CREATE INDEX articles_section ON articles (article_section);
CREATE INDEX articles_year ON articles (published_year);
CREATE INDEX articles_month ON articles (published_month);
CREATE INDEX articles_record ON articles (record_id);
CREATE INDEX captures_article ON captures (article, fetched_at, record_id);
CREATE INDEX captures_crawl ON captures (crawl, outcome);
CREATE INDEX captures_target ON captures (target_uri, fetched_at);
CREATE INDEX captures_warc ON captures (warc_file, warc_offset);
CREATE INDEX crawls_portal ON crawls (portal, started_at);
CREATE INDEX known_urls_portal ON known_urls (portal, kind);
CREATE INDEX revisions_record ON revisions (record_id);
"""

_VIEWS = """
CREATE VIEW articles_full AS
SELECT articles.*, article_texts.article_body, article_texts.article_body_html
FROM articles JOIN article_texts ON article_texts.article = articles.id;
CREATE VIEW revisions_full AS
SELECT articles.article_key, revisions.article, revisions.first_seen,
    (SELECT max(captures.fetched_at) FROM captures
     WHERE captures.article = revisions.article AND captures.content_digest = revisions.content_digest
       AND captures.fetched_at >= revisions.first_seen
       AND captures.fetched_at < coalesce(
         (SELECT min(later.first_seen) FROM revisions AS later
          WHERE later.article = revisions.article AND later.first_seen > revisions.first_seen), '9'))
      AS last_seen,
    revisions.content IS NULL AS is_current,
    coalesce(json_extract(revisions.content, '$.headline'), articles.headline) AS headline,
    iif(revisions.content IS NULL, articles.date_published,
        json_extract(revisions.content, '$.date_published')) AS date_published,
    iif(revisions.content IS NULL, article_texts.article_body,
        json_extract(revisions.content, '$.article_body')) AS article_body,
    revisions.content_digest, revisions.record_id
FROM revisions
JOIN articles ON articles.id = revisions.article
JOIN article_texts ON article_texts.article = revisions.article;
"""

SEARCH_INDEX = """
CREATE VIRTUAL TABLE articles_fts USING fts5(
    headline, description, article_body, author, keywords,
    content=[articles_full], content_rowid=[id], tokenize='unicode61 remove_diacritics 2'
);
"""
"""Its rows are folded text (crawler.text.fold); its layout is disposable, see crawler.archive.search."""


@migrations()
def create_archive(db: Database) -> None:
    """Make every table, index and view of version 0.1."""
    for statement in (_TABLES + _INDEXES + _VIEWS + SEARCH_INDEX).split(";\n"):
        if statement.strip():
            db.execute(statement)
