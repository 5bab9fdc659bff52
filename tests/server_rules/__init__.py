"""What ASGI asks of a server: in a test we are the server. One small test for each rule; `rule_names.py` has the ids."""
