"""Series that other systems send to port 9090 by Prometheus remote write, as points. No I/O: the web process takes requests."""
