"""Tests of the driver kit."""
