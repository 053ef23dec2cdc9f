"""Controllers beside us on the network: searched for, given network settings, reset. `asking` does I/O, by UDP 51110."""
