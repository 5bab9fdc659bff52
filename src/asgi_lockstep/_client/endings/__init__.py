"""What happens when a client is left: its lifespan stops, background work is told, tasks left behind are ended."""
