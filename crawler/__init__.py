"""How district portals are read, cleaned and kept."""

VERSION = "0.1.0"
