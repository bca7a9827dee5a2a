"""For `scrapyd-deploy`, which asks for this file; all that is to be said stands in pyproject.toml."""

from setuptools import setup

setup()
