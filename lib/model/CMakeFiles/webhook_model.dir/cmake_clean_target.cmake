file(REMOVE_RECURSE
  "libwebhook_model.a"
)
