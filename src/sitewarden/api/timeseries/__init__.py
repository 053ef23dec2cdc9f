"""Port 9090: the Prometheus HTTP API over points' history, so that Grafana's own datasource works. No samples pass core."""
