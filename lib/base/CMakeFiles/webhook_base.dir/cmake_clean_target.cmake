file(REMOVE_RECURSE
  "libwebhook_base.a"
)
