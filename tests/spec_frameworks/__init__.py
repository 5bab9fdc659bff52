"""Applications of real frameworks, which are judged by each rule that there is: `rules="spec"`.

framework.py         what a framework has to say of itself
answers.py           what each application answers
calls.py             one call of each route that all of them have, and what must come of it
websocket_calls.py   the same for websockets
*_websockets.py      the websockets of an application that has no room for them
*_app.py             one framework each: its application, and its own calls
every_framework.py   all of them
broken_by.py         which rules they break themselves, and why
test_*.py            each call of each framework
"""
