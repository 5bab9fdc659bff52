"""A notice board: the application that the tests of this folder test.

Its files, from the bottom to the top:

    database.py    notes and their files in SQLite
    news.py        new notes as server-sent events, and a ticker
    notes.py       notes over HTTP: write, list, delete, attach a file; and a search over a websocket
    jobs.py        exports of all notes, made after the answer
    chat.py        rooms to talk in, over websockets
    app.py         all of it as one application, whose lifespan opens and closes the database
"""
