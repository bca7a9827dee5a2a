"""Fixity: whether the master copies are what they were, and whether archive.db says the same as they do."""
