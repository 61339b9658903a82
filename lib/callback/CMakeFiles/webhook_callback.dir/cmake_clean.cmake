file(REMOVE_RECURSE
  "CMakeFiles/webhook_callback.dir/answer_json.cc.o"
  "CMakeFiles/webhook_callback.dir/answer_json.cc.o.d"
  "CMakeFiles/webhook_callback.dir/context.cc.o"
  "CMakeFiles/webhook_callback.dir/context.cc.o.d"
  "CMakeFiles/webhook_callback.dir/context_json.cc.o"
  "CMakeFiles/webhook_callback.dir/context_json.cc.o.d"
  "CMakeFiles/webhook_callback.dir/dispatch.cc.o"
  "CMakeFiles/webhook_callback.dir/dispatch.cc.o.d"
  "CMakeFiles/webhook_callback.dir/entry.cc.o"
  "CMakeFiles/webhook_callback.dir/entry.cc.o.d"
  "CMakeFiles/webhook_callback.dir/odoo_reader.cc.o"
  "CMakeFiles/webhook_callback.dir/odoo_reader.cc.o.d"
  "CMakeFiles/webhook_callback.dir/operation.cc.o"
  "CMakeFiles/webhook_callback.dir/operation.cc.o.d"
  "CMakeFiles/webhook_callback.dir/registry.cc.o"
  "CMakeFiles/webhook_callback.dir/registry.cc.o.d"
  "libwebhook_callback.a"
  "libwebhook_callback.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/webhook_callback.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
