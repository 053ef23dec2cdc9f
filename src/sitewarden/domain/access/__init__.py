"""Doors, people and rights: the model, schedules, the decision engine, the behaviour of a door. Pure; no I/O."""
