"""SNMP manager: agents polled and set from one or many source ports, traps and informs heard. Driver, exchange and ear do I/O."""
