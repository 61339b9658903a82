# SPDX-License-Identifier: LGPL-3.0-or-later
from . import worker_key
from . import queue_test
from . import probe_samples
from . import rule_test
