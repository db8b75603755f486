"""A mail server's world, made up: who talks to it, and what it writes into its log."""
