"""How the shipped weights were made, runnable again. Nothing here is imported when the model is used."""
