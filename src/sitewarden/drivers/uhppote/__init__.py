"""UHPPOTE (UT0311-L0x) door controllers: 64-byte packets on UDP 60000, events on 60001. driver.py and board.py do I/O."""
