"""Personal data: e-mail addresses, IP addresses and phone numbers in a text."""
