"""MQTT client, 3.1.1 and 5: values from topics and from Sparkplug B, and writing to both. I/O is in driver.py and session.py."""
