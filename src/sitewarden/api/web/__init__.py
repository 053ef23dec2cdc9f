"""The page for browsers: the built console and its redirect to TLS."""
