"""What happens in the small timeline of `made`."""

from __future__ import annotations

from timeline.story import Story

NO_BODY = {"type": "http.request", "body": "", "more_body": False}

HEADERS = [["content-type", "application/json"], ["x-request-id", "7f3a"], ["set-cookie", "***"]]

TRACEBACK = """Traceback (most recent call last):
  File "board/app.py", line 61, in delete_note
    del NOTES[number]
        ~~~~~^^^^^^^^
KeyError: 99"""

REFUSED = """ASGIViolation: the app sent http.response.body before http.response.start.
Send {"type": "http.response.start", "status": 200, "headers": []} first."""

DEADLOCK = """Deadlock: GET /slow can never be answered: the app waits for something that nobody does any more.

The app waits in receive(), board/app.py:88, in export():
    message = await receive()
What to do: the request has ended; receive() gives http.disconnect only when the client leaves."""


def told(story: Story) -> Story:
    """Tells a story of a few exchanges to `story`, and returns it."""
    _start(story)
    _log_in(story)
    _search(story)
    _chat(story)
    _later(story)
    _failures(story)
    return story


def _start(story: Story) -> None:
    story.exchange(0, "lifespan", "lifespan")
    story.tell("test", None, "test: enter")
    story.tell("receives", 0, "app receives lifespan.startup", {"type": "lifespan.startup"})
    story.tell("logs", 0, "INFO board: opened the database", takes=0.0021)
    story.tell("sends", 0, "app sends lifespan.startup.complete", {"type": "lifespan.startup.complete"})
    story.tell("waits", 0, "app waits in receive()")


def _log_in(story: Story) -> None:
    headers = [["host", "testserver"], ["content-type", "application/json"], ["authorization", "***"]]
    story.exchange(
        1, "http", "POST /login", method="POST", path="/login", headers=headers, client=["testclient", 50000]
    )
    story.step = "log in"
    story.tell("test", 1, "test: POST /login")
    body = '{"user": "ada", "password": "***"}'
    story.tell(
        "receives", 1, "app receives http.request, 34 bytes", {"type": "http.request", "body": body, "more_body": False}
    )
    story.tell("task_starts", 1, "Task-7 starts: count_logins()", task="Task-7")
    start = {"type": "http.response.start", "status": 200, "headers": HEADERS}
    story.tell("sends", 1, "app sends http.response.start, status 200", start, takes=0.0017)
    answer = '{"user": {"name": "ada", "admin": false}, "notes": [1, 2, 3], "score": 0.75, "team": null}'
    story.tell("sends", 1, "app sends http.response.body, 89 bytes", {"type": "http.response.body", "body": answer})
    story.tell("ends", 1, "app returned")
    story.tell("logs", 1, "DEBUG board.jobs: counted a login", task="Task-7", takes=0.0008)
    story.tell("task_ends", 1, "Task-7 is over", task="Task-7")


def _search(story: Story) -> None:
    scope = {"method": "GET", "path": "/notes", "query_string": "q=été", "headers": [["host", "testserver"]]}
    story.exchange(2, "http", "GET /notes", **scope)
    story.step = "read > search"
    story.tell("test", 2, "test: GET /notes?q=%C3%A9t%C3%A9")
    story.tell("receives", 2, "app receives http.request, 0 bytes", NO_BODY)
    start = {"type": "http.response.start", "status": 200, "headers": [["content-type", "text/plain"]]}
    story.tell("sends", 2, "app sends http.response.start, status 200", start)
    cut = {"type": "http.response.body", "body": "one note\n" * 100, "body_length": 48213, "more_body": True}
    story.tell("sends", 2, "app sends http.response.body, 48213 bytes, more to come", cut, takes=0.004)
    raw = {"type": "http.response.body", "body": {"base64": "/9j/4AAQSkZJRg=="}}
    story.tell("sends", 2, "app sends http.response.body, 10 bytes", raw)
    story.tell("ends", 2, "app returned")


def _chat(story: Story) -> None:
    story.exchange(3, "websocket", "websocket /chat", path="/chat", subprotocols=[], headers=[["host", "testserver"]])
    story.step = "chat"
    story.tell("test", 3, "test: websocket /chat")
    story.tell("receives", 3, "app receives websocket.connect", {"type": "websocket.connect"})
    story.tell("sends", 3, "app sends websocket.accept", {"type": "websocket.accept", "headers": []})
    story.tell("waits", 3, "app waits in receive()")
    story.tell("test", 3, "test: send_text 'hi'")
    story.tell("receives", 3, "app receives websocket.receive, 'hi'", {"type": "websocket.receive", "text": "hi"})
    story.tell("task_starts", 3, "Task-9 starts: pings()", task="Task-9")
    reply = {"type": "websocket.send", "text": '{"from": "app", "said": "hi"}'}
    story.tell("sends", 3, "app sends websocket.send, 29 characters", reply)
    story.tell("waits", 3, "app waits in receive()")


def _later(story: Story) -> None:
    story.step = "an hour later"
    story.tell("test", 3, "test: sleep 3600")
    ping = {"type": "websocket.send", "bytes": {"base64": "AAEC/w=="}}
    story.tell("sends", 3, "app sends websocket.send, 4 bytes", ping, task="Task-9", jump=3600.0)
    story.tell("waits", 3, "app waits in send()", task="Task-9")
    story.tell("test", 3, "test: close 1000")
    story.tell("task_ends", 3, "Task-9 is cancelled", task="Task-9")
    story.tell(
        "receives", 3, "app receives websocket.disconnect, code 1000", {"type": "websocket.disconnect", "code": 1000}
    )
    story.tell("ends", 3, "app returned")


def _failures(story: Story) -> None:
    story.step = "go wrong"
    story.exchange(4, "http", "DELETE /notes/99", method="DELETE", path="/notes/99", headers=[["host", "testserver"]])
    story.tell("test", 4, "test: DELETE /notes/99")
    story.tell("receives", 4, "app receives http.request, 0 bytes", NO_BODY)
    story.tell(
        "refused",
        4,
        "app sends http.response.body: refused",
        {"type": "http.response.body", "body": "gone"},
        details=REFUSED,
    )
    story.tell("logs", 4, "ERROR board: could not delete note 99", details=TRACEBACK)
    story.tell("raises", 4, "app raises KeyError: 99", details=TRACEBACK)
    story.tell("ends", 4, "app raised")
    story.exchange(5, "http", "GET /slow", method="GET", path="/slow", headers=[["host", "testserver"]])
    story.step = ""
    story.tell("test", 5, "test: GET /slow")
    story.tell("waits", 5, "app waits in receive()")
    story.tell("fails", 5, f"test gets {DEADLOCK.splitlines()[0]}", details=DEADLOCK, takes=0.003)
    story.tell("ends", 5, "app cancelled")
    story.tell("test", None, "test: leave")
    story.tell("receives", 0, "app receives lifespan.shutdown", {"type": "lifespan.shutdown"})
    story.tell("sends", 0, "app sends lifespan.shutdown.complete", {"type": "lifespan.shutdown.complete"})
    story.tell("ends", 0, "app returned")
