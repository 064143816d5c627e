"""The tests: what is promised, and to whom."""

import os
import sys

# A machine may forbid Python to keep what it has compiled. Here a dozen programs start by the minute, and each worker
# would rewrite 300 files of tests anew: that is a third of the suite's time.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
