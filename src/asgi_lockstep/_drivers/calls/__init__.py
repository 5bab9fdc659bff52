"""One call of the app, and the tasks that come of it. `contract` is what a backend has to offer for that."""
