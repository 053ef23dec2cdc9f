"""All that a driver may see: Driver, Endpoint, Context, supervise, backoff."""
