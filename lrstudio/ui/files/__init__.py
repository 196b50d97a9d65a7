"""Opening, saving and importing files, with their dialogs."""
