"""What collects: from an address to a document with its evidence. Imports `data` only."""
