"""Which reader this is; every reading carries it."""

READER_VERSION = "3"  # raised whenever a change of code or rules changes what a page is read as
