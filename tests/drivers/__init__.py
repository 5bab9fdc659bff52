"""Tests of the driver floor; conftest.py has what those that turn a loop by hand share."""
