file(REMOVE_RECURSE
  "CMakeFiles/webhook_config.dir/apply.cc.o"
  "CMakeFiles/webhook_config.dir/apply.cc.o.d"
  "CMakeFiles/webhook_config.dir/config_error.cc.o"
  "CMakeFiles/webhook_config.dir/config_error.cc.o.d"
  "CMakeFiles/webhook_config.dir/diagnosis.cc.o"
  "CMakeFiles/webhook_config.dir/diagnosis.cc.o.d"
  "CMakeFiles/webhook_config.dir/environment_values.cc.o"
  "CMakeFiles/webhook_config.dir/environment_values.cc.o.d"
  "CMakeFiles/webhook_config.dir/file_reader.cc.o"
  "CMakeFiles/webhook_config.dir/file_reader.cc.o.d"
  "CMakeFiles/webhook_config.dir/file_values.cc.o"
  "CMakeFiles/webhook_config.dir/file_values.cc.o.d"
  "CMakeFiles/webhook_config.dir/key_source.cc.o"
  "CMakeFiles/webhook_config.dir/key_source.cc.o.d"
  "CMakeFiles/webhook_config.dir/keys.cc.o"
  "CMakeFiles/webhook_config.dir/keys.cc.o.d"
  "CMakeFiles/webhook_config.dir/load_config.cc.o"
  "CMakeFiles/webhook_config.dir/load_config.cc.o.d"
  "CMakeFiles/webhook_config.dir/network.cc.o"
  "CMakeFiles/webhook_config.dir/network.cc.o.d"
  "CMakeFiles/webhook_config.dir/origins.cc.o"
  "CMakeFiles/webhook_config.dir/origins.cc.o.d"
  "CMakeFiles/webhook_config.dir/parse_config.cc.o"
  "CMakeFiles/webhook_config.dir/parse_config.cc.o.d"
  "CMakeFiles/webhook_config.dir/reference.cc.o"
  "CMakeFiles/webhook_config.dir/reference.cc.o.d"
  "CMakeFiles/webhook_config.dir/relations.cc.o"
  "CMakeFiles/webhook_config.dir/relations.cc.o.d"
  "CMakeFiles/webhook_config.dir/text_checks.cc.o"
  "CMakeFiles/webhook_config.dir/text_checks.cc.o.d"
  "libwebhook_config.a"
  "libwebhook_config.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/webhook_config.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
