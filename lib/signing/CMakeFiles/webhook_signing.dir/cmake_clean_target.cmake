file(REMOVE_RECURSE
  "libwebhook_signing.a"
)
