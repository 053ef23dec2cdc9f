"""Reports to hand out: events and rights as CSV or PDF, with who made them, when, and of what. Rendered in children."""
