"""What is known: types, store, archive, event files, and everything shipped."""
