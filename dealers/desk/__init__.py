"""What a dealership's staff do at the desk with test drives and with their own delivery."""
