"""Bringing tables (CSV, Excel) into the database, row by row and in constant memory."""
