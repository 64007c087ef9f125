"""What can be asked for, each module one subject."""
