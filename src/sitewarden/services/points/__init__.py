"""Points: their values live and over time, and writing them. `worker` runs in the iot process, `operations` in core."""
