# SPDX-License-Identifier: LGPL-3.0-or-later
from . import test_actions
from . import test_claim
from . import test_company
from . import test_concurrency
from . import test_copies
from . import test_endpoint
from . import test_guard
from . import test_handler
from . import test_housekeeping
from . import test_lease
from . import test_queue
from . import test_settle
from . import test_wake
from . import test_worker_key
