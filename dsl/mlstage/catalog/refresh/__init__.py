"""Reading today's prices from AWS: its Price List API, or the files that it publishes."""
