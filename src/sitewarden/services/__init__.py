"""What the platform does, a capability a file or folder. Authorisation is checked here, once."""
