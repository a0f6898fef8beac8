"""Order, retries, schedule and the command line; judgement lives in the other rooms."""
