"""Import and export of endpoints, devices and points as CSV and YAML."""
