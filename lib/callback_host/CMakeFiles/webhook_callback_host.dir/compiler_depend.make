# Empty compiler generated dependencies file for webhook_callback_host.
# This may be replaced when dependencies are built.
