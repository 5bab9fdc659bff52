"""Servers with real sockets, and clients for them.

From the bottom to the top:

    errors            what can go wrong with a server
    deadlines         moments until which something has to have happened
    record            what is known of the calls of an app
    app_side          one call of the app, as the timeline has it
    recorder          the app as a server gets it
    whereabouts       where the app stands
    serving/          the servers, in threads and in child processes
    clients/          httpx's clients, and websockets
    running           how a server is started, stopped and killed
    live_server       `LiveServer`
"""
