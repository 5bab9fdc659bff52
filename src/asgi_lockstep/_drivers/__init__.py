"""Who turns the event loop. Read base.py first; choose.py says which driver serves which situation."""
