# SPDX-License-Identifier: LGPL-3.0-or-later
from . import alarm_mixin
from . import configuration_mixin
from . import ledger
from . import handler
from . import retry_policy
from . import endpoint
from . import endpoint_queue
from . import delivery
from . import delivery_actions
from . import delivery_attempt
from . import identity_key
from . import lane_lease
from . import worker
from . import housekeeping
from . import res_company
from . import res_config_settings
