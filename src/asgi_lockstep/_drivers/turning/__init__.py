"""Who turns the loop: the drivers of both clients. `backends` chooses; `client_loops` says which loop a client has."""
