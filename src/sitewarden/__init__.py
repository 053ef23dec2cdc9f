"""Sitewarden: the server that a site's doors, cameras and machines run on."""

__version__ = "0.1.0"
