file(REMOVE_RECURSE
  "libwebhook_rules.a"
)
