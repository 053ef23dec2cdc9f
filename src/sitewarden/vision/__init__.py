"""Pictures as numbers: motion, tracking, behaviours, plates. Pure computation."""
