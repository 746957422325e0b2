"""The online course and exam platform for the training of trade-union cadres."""
