"""Calculated points: expressions over the values and states of the site. No network, no I/O of its own."""
