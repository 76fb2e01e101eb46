"""Real servers and a real browser, found on the machine and started once a run."""
