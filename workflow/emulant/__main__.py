"""`python -m emulant` is `emulant`."""

import sys

from emulant.command.main import main

sys.exit(main())
