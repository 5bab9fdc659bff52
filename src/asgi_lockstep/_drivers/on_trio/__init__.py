"""The backend for trio. `backend` is its door; nobody else imports from in here.

The file names are those of `on_asyncio/`, which explains them. Beside them stand the `clocks`, which see the rests of a
run and let its time jump.
"""
