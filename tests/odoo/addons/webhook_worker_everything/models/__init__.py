# SPDX-License-Identifier: LGPL-3.0-or-later
from . import everything, everything_callbacks, inbound_event, outbound_delivery, sale_order
