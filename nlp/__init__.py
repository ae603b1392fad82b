"""What reads the language: families, sentences, mentions, themes, polarity. Imports ``data`` only."""
