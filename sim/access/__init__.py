"""Thousands of doors and the people who pass them: a made-up site, their days, what goes wrong, and controllers that run it."""
