"""Lists the public headers under the include folder sys.argv[1], as programs include them."""

import sys
from pathlib import Path

include = Path(sys.argv[1])
for header in sorted(include.rglob("*.h")):
    print(header.relative_to(include).as_posix())
