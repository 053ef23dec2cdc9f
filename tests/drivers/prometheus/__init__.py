"""Tests of the driver of remote write."""
