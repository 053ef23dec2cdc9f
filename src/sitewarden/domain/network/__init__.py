"""Named networks of a site, and what a site's devices need of the ports. Pure."""
