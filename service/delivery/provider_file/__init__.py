"""How the file of providers is read: strictly, every fault at once, none of them repeating what may be a secret."""
