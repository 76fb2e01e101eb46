"""The history of our tables, one step a file; run by :mod:`..upgrading`."""
