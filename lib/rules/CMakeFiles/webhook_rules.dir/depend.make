# Empty dependencies file for webhook_rules.
# This may be replaced when dependencies are built.
