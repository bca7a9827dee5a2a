"""Our `scrapy …` subcommands."""
