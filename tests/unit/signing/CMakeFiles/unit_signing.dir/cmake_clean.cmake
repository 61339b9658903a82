file(REMOVE_RECURSE
  "CMakeFiles/unit_signing.dir/__/__/doctest_main.cc.o"
  "CMakeFiles/unit_signing.dir/__/__/doctest_main.cc.o.d"
  "CMakeFiles/unit_signing.dir/hash_test.cc.o"
  "CMakeFiles/unit_signing.dir/hash_test.cc.o.d"
  "CMakeFiles/unit_signing.dir/hmac_test.cc.o"
  "CMakeFiles/unit_signing.dir/hmac_test.cc.o.d"
  "CMakeFiles/unit_signing.dir/identity_test.cc.o"
  "CMakeFiles/unit_signing.dir/identity_test.cc.o.d"
  "CMakeFiles/unit_signing.dir/standard_webhooks_test.cc.o"
  "CMakeFiles/unit_signing.dir/standard_webhooks_test.cc.o.d"
  "unit_signing"
  "unit_signing.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/unit_signing.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
