"""The backend for asyncio, uvloop and their like. `backend` is its door; nobody else imports from in here."""
