"""The REST and WebSocket API on the server port, described by OpenAPI 3.1."""
