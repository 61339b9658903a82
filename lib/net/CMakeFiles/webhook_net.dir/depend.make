# Empty dependencies file for webhook_net.
# This may be replaced when dependencies are built.
