"""Event log, state, samples, segment index: interfaces here, homes in sqlite/ and postgres/."""
