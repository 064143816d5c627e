"""Administrative units and settlements: codes, names, hierarchy, ground."""
