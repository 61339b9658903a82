# SPDX-License-Identifier: LGPL-3.0-or-later
from . import bwt_webhook_worker
