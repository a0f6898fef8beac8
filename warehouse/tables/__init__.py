"""One file per table of the lake: its columns, what they mean, and its key."""
