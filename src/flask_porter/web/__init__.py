"""What people and programs see: HTTP in, HTTP out."""
