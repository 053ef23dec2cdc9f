"""The integration API on 8601: query-string commands for third-party systems."""
