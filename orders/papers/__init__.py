"""What the papers of a sale say; `services.papering` says when they are issued."""
