"""The buyer's pages of dealerships and test drives."""
