"""A small invented web to crawl: what the demo and the tests read instead of the world."""
