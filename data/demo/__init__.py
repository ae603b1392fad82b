"""The demo web: invented pages of invented authors, served on loopback in the markup of the real platforms."""
