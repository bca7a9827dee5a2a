"""Evidence for one article: a small zip that a stranger can check without this program.

`verify.py` beside this file goes into it as it is; it may use nothing but Python's standard library.
"""
