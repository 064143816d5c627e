"""One file a provider or protocol."""
