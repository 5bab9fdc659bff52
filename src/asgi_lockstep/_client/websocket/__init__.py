"""The websocket sessions: `session_base` decides; the sync and the async session, method for method, wait."""
