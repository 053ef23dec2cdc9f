"""A simulated ONVIF camera: `python -m sim.onvif`. `server` does the I/O, the rest says what is answered."""
