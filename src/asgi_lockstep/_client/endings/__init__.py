"""What happens when a client is left.

From the bottom to the top:

    lifespan          the app is shut down, and what that means
    background        what goes on behind complete responses is told
    waited_in_vain    a test that has polled is told why nothing moved
    leftovers         tasks that are left behind are ended
"""
