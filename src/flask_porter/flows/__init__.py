"""What people do with their accounts: no HTTP, values in, an outcome out."""
