"""The time of the app, as the test sees it.

From the bottom to the top:

    client_clock    `client.clock`
    wall_clock      the clock on the wall, which goes with it
"""
