# SPDX-License-Identifier: LGPL-3.0-or-later
from . import worker_key
from . import queue_test
from . import probe_samples
from . import probe_asking
from . import rule_test
from . import replay
from . import reprocess
from . import send_test
from . import endpoint_archive
from . import secret_rotation
