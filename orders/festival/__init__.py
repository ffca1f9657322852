"""The pages of campaigns: announced, running, sold out and over."""
