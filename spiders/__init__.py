"""Go and get: fetch and store, judge nothing."""
