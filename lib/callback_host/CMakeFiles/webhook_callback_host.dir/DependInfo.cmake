
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/cb/lib/callback_host/call_queue.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/call_queue.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/call_queue.cc.o.d"
  "/tmp/cb/lib/callback_host/callback_host.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/callback_host.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/callback_host.cc.o.d"
  "/tmp/cb/lib/callback_host/channel.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/channel.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/channel.cc.o.d"
  "/tmp/cb/lib/callback_host/child.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/child.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/child.cc.o.d"
  "/tmp/cb/lib/callback_host/child_link.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/child_link.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/child_link.cc.o.d"
  "/tmp/cb/lib/callback_host/child_process.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/child_process.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/child_process.cc.o.d"
  "/tmp/cb/lib/callback_host/confinement.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/confinement.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/confinement.cc.o.d"
  "/tmp/cb/lib/callback_host/frame.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/frame.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/frame.cc.o.d"
  "/tmp/cb/lib/callback_host/library.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/library.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/library.cc.o.d"
  "/tmp/cb/lib/callback_host/library_check.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/library_check.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/library_check.cc.o.d"
  "/tmp/cb/lib/callback_host/loaded_callbacks.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/loaded_callbacks.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/loaded_callbacks.cc.o.d"
  "/tmp/cb/lib/callback_host/output_lines.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/output_lines.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/output_lines.cc.o.d"
  "/tmp/cb/lib/callback_host/results.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/results.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/results.cc.o.d"
  "/tmp/cb/lib/callback_host/slot.cc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/slot.cc.o" "gcc" "lib/callback_host/CMakeFiles/webhook_callback_host.dir/slot.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/cb/lib/callback/CMakeFiles/webhook_callback.dir/DependInfo.cmake"
  "/tmp/cb/lib/model/CMakeFiles/webhook_model.dir/DependInfo.cmake"
  "/tmp/cb/lib/base/CMakeFiles/webhook_base.dir/DependInfo.cmake"
  "/tmp/cb/lib/rules/CMakeFiles/webhook_rules.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
