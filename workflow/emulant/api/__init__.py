"""The stages of the road on samples in memory: what `from emulant import ...` gives.

Files lie in a scratch folder that goes with the object that needs it; nothing of what the workflow does is done again here.
"""
