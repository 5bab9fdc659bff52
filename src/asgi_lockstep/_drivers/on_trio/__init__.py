"""The backend for trio. `backend` is its door; nobody else imports from in here. The same file names as on_asyncio."""
