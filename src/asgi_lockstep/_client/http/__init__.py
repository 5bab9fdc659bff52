"""A request becomes an exchange, and an exchange a response whose body arrives. Sync and async side by side."""
