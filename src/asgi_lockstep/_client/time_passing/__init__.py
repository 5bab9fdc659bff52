"""`client.clock`, and the clock on the wall that goes with it."""
