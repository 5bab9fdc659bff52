"""What ASGI asks of a server: in a test we are the server. A small test for each rule; `rule_names.py` has the ids."""
