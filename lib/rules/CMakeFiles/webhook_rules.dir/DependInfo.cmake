
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/cb/lib/rules/coerce.cc" "lib/rules/CMakeFiles/webhook_rules.dir/coerce.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/coerce.cc.o.d"
  "/tmp/cb/lib/rules/coerce_list.cc" "lib/rules/CMakeFiles/webhook_rules.dir/coerce_list.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/coerce_list.cc.o.d"
  "/tmp/cb/lib/rules/coerce_number.cc" "lib/rules/CMakeFiles/webhook_rules.dir/coerce_number.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/coerce_number.cc.o.d"
  "/tmp/cb/lib/rules/coerce_operation.cc" "lib/rules/CMakeFiles/webhook_rules.dir/coerce_operation.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/coerce_operation.cc.o.d"
  "/tmp/cb/lib/rules/coerce_text.cc" "lib/rules/CMakeFiles/webhook_rules.dir/coerce_text.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/coerce_text.cc.o.d"
  "/tmp/cb/lib/rules/coerce_time.cc" "lib/rules/CMakeFiles/webhook_rules.dir/coerce_time.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/coerce_time.cc.o.d"
  "/tmp/cb/lib/rules/compiled_rules.cc" "lib/rules/CMakeFiles/webhook_rules.dir/compiled_rules.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/compiled_rules.cc.o.d"
  "/tmp/cb/lib/rules/credential_source.cc" "lib/rules/CMakeFiles/webhook_rules.dir/credential_source.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/credential_source.cc.o.d"
  "/tmp/cb/lib/rules/date_format.cc" "lib/rules/CMakeFiles/webhook_rules.dir/date_format.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/date_format.cc.o.d"
  "/tmp/cb/lib/rules/decimal.cc" "lib/rules/CMakeFiles/webhook_rules.dir/decimal.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/decimal.cc.o.d"
  "/tmp/cb/lib/rules/describe.cc" "lib/rules/CMakeFiles/webhook_rules.dir/describe.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/describe.cc.o.d"
  "/tmp/cb/lib/rules/evaluate.cc" "lib/rules/CMakeFiles/webhook_rules.dir/evaluate.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/evaluate.cc.o.d"
  "/tmp/cb/lib/rules/filters.cc" "lib/rules/CMakeFiles/webhook_rules.dir/filters.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/filters.cc.o.d"
  "/tmp/cb/lib/rules/instant.cc" "lib/rules/CMakeFiles/webhook_rules.dir/instant.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/instant.cc.o.d"
  "/tmp/cb/lib/rules/letter_case.cc" "lib/rules/CMakeFiles/webhook_rules.dir/letter_case.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/letter_case.cc.o.d"
  "/tmp/cb/lib/rules/literal.cc" "lib/rules/CMakeFiles/webhook_rules.dir/literal.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/literal.cc.o.d"
  "/tmp/cb/lib/rules/operand.cc" "lib/rules/CMakeFiles/webhook_rules.dir/operand.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/operand.cc.o.d"
  "/tmp/cb/lib/rules/operation_fields.cc" "lib/rules/CMakeFiles/webhook_rules.dir/operation_fields.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/operation_fields.cc.o.d"
  "/tmp/cb/lib/rules/operators.cc" "lib/rules/CMakeFiles/webhook_rules.dir/operators.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/operators.cc.o.d"
  "/tmp/cb/lib/rules/path.cc" "lib/rules/CMakeFiles/webhook_rules.dir/path.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/path.cc.o.d"
  "/tmp/cb/lib/rules/payload_assignment.cc" "lib/rules/CMakeFiles/webhook_rules.dir/payload_assignment.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/payload_assignment.cc.o.d"
  "/tmp/cb/lib/rules/phase_checks.cc" "lib/rules/CMakeFiles/webhook_rules.dir/phase_checks.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/phase_checks.cc.o.d"
  "/tmp/cb/lib/rules/plan.cc" "lib/rules/CMakeFiles/webhook_rules.dir/plan.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/plan.cc.o.d"
  "/tmp/cb/lib/rules/plan_error.cc" "lib/rules/CMakeFiles/webhook_rules.dir/plan_error.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/plan_error.cc.o.d"
  "/tmp/cb/lib/rules/planned_items.cc" "lib/rules/CMakeFiles/webhook_rules.dir/planned_items.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/planned_items.cc.o.d"
  "/tmp/cb/lib/rules/planned_records.cc" "lib/rules/CMakeFiles/webhook_rules.dir/planned_records.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/planned_records.cc.o.d"
  "/tmp/cb/lib/rules/planned_values.cc" "lib/rules/CMakeFiles/webhook_rules.dir/planned_values.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/planned_values.cc.o.d"
  "/tmp/cb/lib/rules/reading.cc" "lib/rules/CMakeFiles/webhook_rules.dir/reading.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/reading.cc.o.d"
  "/tmp/cb/lib/rules/record_reference.cc" "lib/rules/CMakeFiles/webhook_rules.dir/record_reference.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/record_reference.cc.o.d"
  "/tmp/cb/lib/rules/reference.cc" "lib/rules/CMakeFiles/webhook_rules.dir/reference.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/reference.cc.o.d"
  "/tmp/cb/lib/rules/request_changes.cc" "lib/rules/CMakeFiles/webhook_rules.dir/request_changes.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/request_changes.cc.o.d"
  "/tmp/cb/lib/rules/rule_findings.cc" "lib/rules/CMakeFiles/webhook_rules.dir/rule_findings.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/rule_findings.cc.o.d"
  "/tmp/cb/lib/rules/short_json.cc" "lib/rules/CMakeFiles/webhook_rules.dir/short_json.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/short_json.cc.o.d"
  "/tmp/cb/lib/rules/source.cc" "lib/rules/CMakeFiles/webhook_rules.dir/source.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/source.cc.o.d"
  "/tmp/cb/lib/rules/target_checks.cc" "lib/rules/CMakeFiles/webhook_rules.dir/target_checks.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/target_checks.cc.o.d"
  "/tmp/cb/lib/rules/template.cc" "lib/rules/CMakeFiles/webhook_rules.dir/template.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/template.cc.o.d"
  "/tmp/cb/lib/rules/template_parser.cc" "lib/rules/CMakeFiles/webhook_rules.dir/template_parser.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/template_parser.cc.o.d"
  "/tmp/cb/lib/rules/template_readings.cc" "lib/rules/CMakeFiles/webhook_rules.dir/template_readings.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/template_readings.cc.o.d"
  "/tmp/cb/lib/rules/text_of.cc" "lib/rules/CMakeFiles/webhook_rules.dir/text_of.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/text_of.cc.o.d"
  "/tmp/cb/lib/rules/trace.cc" "lib/rules/CMakeFiles/webhook_rules.dir/trace.cc.o" "gcc" "lib/rules/CMakeFiles/webhook_rules.dir/trace.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/cb/lib/model/CMakeFiles/webhook_model.dir/DependInfo.cmake"
  "/tmp/cb/lib/base/CMakeFiles/webhook_base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
