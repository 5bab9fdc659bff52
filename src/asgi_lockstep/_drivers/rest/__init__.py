"""What it means that nothing is ready to run.

From the bottom to the top:

    rest_rules    the three rules
    watch         the same for loops that are not ours
    why_stuck     why a call gets no further, in words
    backend       the contract of a backend: whoever turns a loop and sees its rests
"""
