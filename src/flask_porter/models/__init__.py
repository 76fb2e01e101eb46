"""What we keep: one table and its queries a file, mapped on the app's own base."""
