
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/cb/lib/delivery/attempt_log.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/attempt_log.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/attempt_log.cc.o.d"
  "/tmp/cb/lib/delivery/callback_caller.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/callback_caller.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/callback_caller.cc.o.d"
  "/tmp/cb/lib/delivery/callback_outcome.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/callback_outcome.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/callback_outcome.cc.o.d"
  "/tmp/cb/lib/delivery/classify.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/classify.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/classify.cc.o.d"
  "/tmp/cb/lib/delivery/decide.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/decide.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/decide.cc.o.d"
  "/tmp/cb/lib/delivery/dispatcher.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/dispatcher.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/dispatcher.cc.o.d"
  "/tmp/cb/lib/delivery/endpoint_queues.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/endpoint_queues.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/endpoint_queues.cc.o.d"
  "/tmp/cb/lib/delivery/engine.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/engine.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/engine.cc.o.d"
  "/tmp/cb/lib/delivery/event_dispatcher.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/event_dispatcher.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/event_dispatcher.cc.o.d"
  "/tmp/cb/lib/delivery/fact_values.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/fact_values.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/fact_values.cc.o.d"
  "/tmp/cb/lib/delivery/fault_text.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/fault_text.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/fault_text.cc.o.d"
  "/tmp/cb/lib/delivery/findings_reporter.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/findings_reporter.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/findings_reporter.cc.o.d"
  "/tmp/cb/lib/delivery/handler_book.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/handler_book.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/handler_book.cc.o.d"
  "/tmp/cb/lib/delivery/lease_book.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/lease_book.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/lease_book.cc.o.d"
  "/tmp/cb/lib/delivery/link.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/link.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/link.cc.o.d"
  "/tmp/cb/lib/delivery/probe_answer.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/probe_answer.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/probe_answer.cc.o.d"
  "/tmp/cb/lib/delivery/python_caller.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/python_caller.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/python_caller.cc.o.d"
  "/tmp/cb/lib/delivery/read_as.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/read_as.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/read_as.cc.o.d"
  "/tmp/cb/lib/delivery/releaser.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/releaser.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/releaser.cc.o.d"
  "/tmp/cb/lib/delivery/request_builder.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/request_builder.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/request_builder.cc.o.d"
  "/tmp/cb/lib/delivery/retry_after.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/retry_after.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/retry_after.cc.o.d"
  "/tmp/cb/lib/delivery/rule_decision.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/rule_decision.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/rule_decision.cc.o.d"
  "/tmp/cb/lib/delivery/sender.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/sender.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/sender.cc.o.d"
  "/tmp/cb/lib/delivery/settler.cc" "lib/delivery/CMakeFiles/webhook_delivery.dir/settler.cc.o" "gcc" "lib/delivery/CMakeFiles/webhook_delivery.dir/settler.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/cb/lib/callback/CMakeFiles/webhook_callback.dir/DependInfo.cmake"
  "/tmp/cb/lib/rules/CMakeFiles/webhook_rules.dir/DependInfo.cmake"
  "/tmp/cb/lib/model/CMakeFiles/webhook_model.dir/DependInfo.cmake"
  "/tmp/cb/lib/base/CMakeFiles/webhook_base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
