"""Cameras as things that are added and moved: asked before they are added, held by one operator at a time."""
