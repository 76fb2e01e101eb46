"""What expires: session records and the counts of attempts, one backend a file."""
