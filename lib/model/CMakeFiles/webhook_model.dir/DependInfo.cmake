
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/cb/lib/model/contract_callbacks.cc" "lib/model/CMakeFiles/webhook_model.dir/contract_callbacks.cc.o" "gcc" "lib/model/CMakeFiles/webhook_model.dir/contract_callbacks.cc.o.d"
  "/tmp/cb/lib/model/contract_claim.cc" "lib/model/CMakeFiles/webhook_model.dir/contract_claim.cc.o" "gcc" "lib/model/CMakeFiles/webhook_model.dir/contract_claim.cc.o.d"
  "/tmp/cb/lib/model/contract_configuration.cc" "lib/model/CMakeFiles/webhook_model.dir/contract_configuration.cc.o" "gcc" "lib/model/CMakeFiles/webhook_model.dir/contract_configuration.cc.o.d"
  "/tmp/cb/lib/model/contract_events.cc" "lib/model/CMakeFiles/webhook_model.dir/contract_events.cc.o" "gcc" "lib/model/CMakeFiles/webhook_model.dir/contract_events.cc.o.d"
  "/tmp/cb/lib/model/contract_findings.cc" "lib/model/CMakeFiles/webhook_model.dir/contract_findings.cc.o" "gcc" "lib/model/CMakeFiles/webhook_model.dir/contract_findings.cc.o.d"
  "/tmp/cb/lib/model/contract_hello.cc" "lib/model/CMakeFiles/webhook_model.dir/contract_hello.cc.o" "gcc" "lib/model/CMakeFiles/webhook_model.dir/contract_hello.cc.o.d"
  "/tmp/cb/lib/model/contract_rules.cc" "lib/model/CMakeFiles/webhook_model.dir/contract_rules.cc.o" "gcc" "lib/model/CMakeFiles/webhook_model.dir/contract_rules.cc.o.d"
  "/tmp/cb/lib/model/contract_settle.cc" "lib/model/CMakeFiles/webhook_model.dir/contract_settle.cc.o" "gcc" "lib/model/CMakeFiles/webhook_model.dir/contract_settle.cc.o.d"
  "/tmp/cb/lib/model/spelling.cc" "lib/model/CMakeFiles/webhook_model.dir/spelling.cc.o" "gcc" "lib/model/CMakeFiles/webhook_model.dir/spelling.cc.o.d"
  "/tmp/cb/lib/model/value.cc" "lib/model/CMakeFiles/webhook_model.dir/value.cc.o" "gcc" "lib/model/CMakeFiles/webhook_model.dir/value.cc.o.d"
  "/tmp/cb/lib/model/value_dump.cc" "lib/model/CMakeFiles/webhook_model.dir/value_dump.cc.o" "gcc" "lib/model/CMakeFiles/webhook_model.dir/value_dump.cc.o.d"
  "/tmp/cb/lib/model/value_json.cc" "lib/model/CMakeFiles/webhook_model.dir/value_json.cc.o" "gcc" "lib/model/CMakeFiles/webhook_model.dir/value_json.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/cb/lib/base/CMakeFiles/webhook_base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
