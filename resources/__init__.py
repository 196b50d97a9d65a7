"""What the program ships beside its code: icons, translations, lessons, data sets, example sessions."""
