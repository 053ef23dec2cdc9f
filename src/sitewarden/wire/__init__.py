"""Sans-IO codecs that several rooms use: bytes to messages and back. No I/O."""
