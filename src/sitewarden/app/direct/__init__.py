"""`sitewarden direct`: a laptop holds a controller in direct mode, shows it live, orders its doors, relays to the server."""
