"""Time: knows nothing of loops and threads.

From the bottom to the top:

    real_time        real seconds
    virtual_clock    those that pass by jumping
    endless_body     how long an app may send to a client that collects the whole body
    idle_time        how much time a call has left
"""
