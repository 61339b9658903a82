file(REMOVE_RECURSE
  "CMakeFiles/webhook_model.dir/contract_callbacks.cc.o"
  "CMakeFiles/webhook_model.dir/contract_callbacks.cc.o.d"
  "CMakeFiles/webhook_model.dir/contract_claim.cc.o"
  "CMakeFiles/webhook_model.dir/contract_claim.cc.o.d"
  "CMakeFiles/webhook_model.dir/contract_configuration.cc.o"
  "CMakeFiles/webhook_model.dir/contract_configuration.cc.o.d"
  "CMakeFiles/webhook_model.dir/contract_events.cc.o"
  "CMakeFiles/webhook_model.dir/contract_events.cc.o.d"
  "CMakeFiles/webhook_model.dir/contract_findings.cc.o"
  "CMakeFiles/webhook_model.dir/contract_findings.cc.o.d"
  "CMakeFiles/webhook_model.dir/contract_hello.cc.o"
  "CMakeFiles/webhook_model.dir/contract_hello.cc.o.d"
  "CMakeFiles/webhook_model.dir/contract_rules.cc.o"
  "CMakeFiles/webhook_model.dir/contract_rules.cc.o.d"
  "CMakeFiles/webhook_model.dir/contract_settle.cc.o"
  "CMakeFiles/webhook_model.dir/contract_settle.cc.o.d"
  "CMakeFiles/webhook_model.dir/spelling.cc.o"
  "CMakeFiles/webhook_model.dir/spelling.cc.o.d"
  "CMakeFiles/webhook_model.dir/value.cc.o"
  "CMakeFiles/webhook_model.dir/value.cc.o.d"
  "CMakeFiles/webhook_model.dir/value_dump.cc.o"
  "CMakeFiles/webhook_model.dir/value_dump.cc.o.d"
  "CMakeFiles/webhook_model.dir/value_json.cc.o"
  "CMakeFiles/webhook_model.dir/value_json.cc.o.d"
  "libwebhook_model.a"
  "libwebhook_model.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/webhook_model.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
