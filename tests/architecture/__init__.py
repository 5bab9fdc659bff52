"""The layout of the package, as rules that are checked: each is data at the top of a file, compared with the source."""
