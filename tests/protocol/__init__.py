"""Tests of the floor without I/O: no event loop, no threads, no clock. A package, so that they share `playing`."""
