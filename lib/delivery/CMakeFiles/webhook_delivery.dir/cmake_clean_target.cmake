file(REMOVE_RECURSE
  "libwebhook_delivery.a"
)
