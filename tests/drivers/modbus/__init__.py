"""Tests of the Modbus driver."""
