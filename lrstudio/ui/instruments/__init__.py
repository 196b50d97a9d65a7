"""The instruments: what tells why a rate fails and which one to choose."""
