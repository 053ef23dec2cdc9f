"""Endpoints, devices and points as a table: its columns, its rows, what an import would change. Pure."""
