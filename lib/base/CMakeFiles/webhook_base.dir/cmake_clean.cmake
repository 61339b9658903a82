file(REMOVE_RECURSE
  "CMakeFiles/webhook_base.dir/assert.cc.o"
  "CMakeFiles/webhook_base.dir/assert.cc.o.d"
  "CMakeFiles/webhook_base.dir/base64.cc.o"
  "CMakeFiles/webhook_base.dir/base64.cc.o.d"
  "CMakeFiles/webhook_base.dir/clock.cc.o"
  "CMakeFiles/webhook_base.dir/clock.cc.o.d"
  "CMakeFiles/webhook_base.dir/random.cc.o"
  "CMakeFiles/webhook_base.dir/random.cc.o.d"
  "CMakeFiles/webhook_base.dir/suggestion.cc.o"
  "CMakeFiles/webhook_base.dir/suggestion.cc.o.d"
  "CMakeFiles/webhook_base.dir/text.cc.o"
  "CMakeFiles/webhook_base.dir/text.cc.o.d"
  "CMakeFiles/webhook_base.dir/uuid.cc.o"
  "CMakeFiles/webhook_base.dir/uuid.cc.o.d"
  "libwebhook_base.a"
  "libwebhook_base.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/webhook_base.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
