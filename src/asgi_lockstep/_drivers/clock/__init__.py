"""Time: real seconds, virtual ones, and how much idle time a call has left. Knows nothing of loops and threads."""
