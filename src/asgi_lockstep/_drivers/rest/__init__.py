"""What it means that nothing is ready to run: the three rules, the watch over other loops, why a call is stuck."""
