"""Every connection that we open, in one room: mail goes out from here."""
