"""Runnable fakes of the far ends: cameras, controllers, machines. Used by tests and by the demo."""
