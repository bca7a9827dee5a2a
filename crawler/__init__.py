"""How district portals are read, cleaned and kept."""
