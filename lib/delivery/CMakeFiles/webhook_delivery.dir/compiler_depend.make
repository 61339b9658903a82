# Empty compiler generated dependencies file for webhook_delivery.
# This may be replaced when dependencies are built.
