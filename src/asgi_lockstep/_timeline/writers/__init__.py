"""The forms in which a timeline is saved, each a function of the timeline."""
