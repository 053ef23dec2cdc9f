"""`sitewarden probe`: what the network lets through to another computer, seen from this one. I/O through net.probing alone."""
