"""Keep and answer: the only room that knows DuckDB."""
