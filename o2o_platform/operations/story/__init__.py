"""The whole deal played over HTTP, as a buyer and an advisor would: for `manage.py story`."""
