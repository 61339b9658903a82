file(REMOVE_RECURSE
  "CMakeFiles/unit_config.dir/__/__/doctest_main.cc.o"
  "CMakeFiles/unit_config.dir/__/__/doctest_main.cc.o.d"
  "CMakeFiles/unit_config.dir/config_input.cc.o"
  "CMakeFiles/unit_config.dir/config_input.cc.o.d"
  "CMakeFiles/unit_config.dir/diagnosis_test.cc.o"
  "CMakeFiles/unit_config.dir/diagnosis_test.cc.o.d"
  "CMakeFiles/unit_config.dir/environment_values_test.cc.o"
  "CMakeFiles/unit_config.dir/environment_values_test.cc.o.d"
  "CMakeFiles/unit_config.dir/file_reader_test.cc.o"
  "CMakeFiles/unit_config.dir/file_reader_test.cc.o.d"
  "CMakeFiles/unit_config.dir/key_source_test.cc.o"
  "CMakeFiles/unit_config.dir/key_source_test.cc.o.d"
  "CMakeFiles/unit_config.dir/keys_test.cc.o"
  "CMakeFiles/unit_config.dir/keys_test.cc.o.d"
  "CMakeFiles/unit_config.dir/load_config_test.cc.o"
  "CMakeFiles/unit_config.dir/load_config_test.cc.o.d"
  "CMakeFiles/unit_config.dir/network_test.cc.o"
  "CMakeFiles/unit_config.dir/network_test.cc.o.d"
  "CMakeFiles/unit_config.dir/parse_config_test.cc.o"
  "CMakeFiles/unit_config.dir/parse_config_test.cc.o.d"
  "CMakeFiles/unit_config.dir/reference_test.cc.o"
  "CMakeFiles/unit_config.dir/reference_test.cc.o.d"
  "CMakeFiles/unit_config.dir/relations_test.cc.o"
  "CMakeFiles/unit_config.dir/relations_test.cc.o.d"
  "CMakeFiles/unit_config.dir/text_checks_test.cc.o"
  "CMakeFiles/unit_config.dir/text_checks_test.cc.o.d"
  "unit_config"
  "unit_config.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/unit_config.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
