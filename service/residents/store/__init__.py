"""The tables of residents, one file each part."""
