"""SNMP v1, v2c and v3 with the User-based Security Model (RFC 1157, 3416, 3412, 3414), as bytes and messages. Pure."""
