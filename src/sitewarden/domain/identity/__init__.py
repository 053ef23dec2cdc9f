"""Users, roles, grants and who may do what. Pure."""
