"""What it means that nothing is ready to run.

From the bottom to the top:

    answers       who can reach what a call of the app, or any task, waits for
    proofs        whether anybody can still move: by threads, and by references
    rest_rules    the three rules
    watch         the same for loops that are not ours
    why_stuck     why a call gets no further, in words
    backend       the contract of a backend: whoever turns a loop and sees its rests
"""
