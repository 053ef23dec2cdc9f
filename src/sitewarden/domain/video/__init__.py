"""Cameras, recordings and segments as data. Pure."""
