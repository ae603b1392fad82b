"""The pages: one module each; the folder is the registry.

A page offers ``PLACE`` (its order), ``TITLE`` (a key of texts.toml), ``ICON`` and ``render(look)``.
"""
