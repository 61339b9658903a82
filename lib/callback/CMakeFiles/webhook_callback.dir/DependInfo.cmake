
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/cb/lib/callback/answer_json.cc" "lib/callback/CMakeFiles/webhook_callback.dir/answer_json.cc.o" "gcc" "lib/callback/CMakeFiles/webhook_callback.dir/answer_json.cc.o.d"
  "/tmp/cb/lib/callback/context.cc" "lib/callback/CMakeFiles/webhook_callback.dir/context.cc.o" "gcc" "lib/callback/CMakeFiles/webhook_callback.dir/context.cc.o.d"
  "/tmp/cb/lib/callback/context_json.cc" "lib/callback/CMakeFiles/webhook_callback.dir/context_json.cc.o" "gcc" "lib/callback/CMakeFiles/webhook_callback.dir/context_json.cc.o.d"
  "/tmp/cb/lib/callback/dispatch.cc" "lib/callback/CMakeFiles/webhook_callback.dir/dispatch.cc.o" "gcc" "lib/callback/CMakeFiles/webhook_callback.dir/dispatch.cc.o.d"
  "/tmp/cb/lib/callback/entry.cc" "lib/callback/CMakeFiles/webhook_callback.dir/entry.cc.o" "gcc" "lib/callback/CMakeFiles/webhook_callback.dir/entry.cc.o.d"
  "/tmp/cb/lib/callback/odoo_reader.cc" "lib/callback/CMakeFiles/webhook_callback.dir/odoo_reader.cc.o" "gcc" "lib/callback/CMakeFiles/webhook_callback.dir/odoo_reader.cc.o.d"
  "/tmp/cb/lib/callback/operation.cc" "lib/callback/CMakeFiles/webhook_callback.dir/operation.cc.o" "gcc" "lib/callback/CMakeFiles/webhook_callback.dir/operation.cc.o.d"
  "/tmp/cb/lib/callback/registry.cc" "lib/callback/CMakeFiles/webhook_callback.dir/registry.cc.o" "gcc" "lib/callback/CMakeFiles/webhook_callback.dir/registry.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/cb/lib/rules/CMakeFiles/webhook_rules.dir/DependInfo.cmake"
  "/tmp/cb/lib/model/CMakeFiles/webhook_model.dir/DependInfo.cmake"
  "/tmp/cb/lib/base/CMakeFiles/webhook_base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
