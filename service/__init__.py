"""Surefoot: warns people of mines and other explosive ordnance near them."""
