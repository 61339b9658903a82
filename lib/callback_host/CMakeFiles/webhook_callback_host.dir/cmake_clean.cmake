file(REMOVE_RECURSE
  "CMakeFiles/webhook_callback_host.dir/call_queue.cc.o"
  "CMakeFiles/webhook_callback_host.dir/call_queue.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/callback_host.cc.o"
  "CMakeFiles/webhook_callback_host.dir/callback_host.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/channel.cc.o"
  "CMakeFiles/webhook_callback_host.dir/channel.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/child.cc.o"
  "CMakeFiles/webhook_callback_host.dir/child.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/child_link.cc.o"
  "CMakeFiles/webhook_callback_host.dir/child_link.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/child_process.cc.o"
  "CMakeFiles/webhook_callback_host.dir/child_process.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/confinement.cc.o"
  "CMakeFiles/webhook_callback_host.dir/confinement.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/frame.cc.o"
  "CMakeFiles/webhook_callback_host.dir/frame.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/library.cc.o"
  "CMakeFiles/webhook_callback_host.dir/library.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/library_check.cc.o"
  "CMakeFiles/webhook_callback_host.dir/library_check.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/loaded_callbacks.cc.o"
  "CMakeFiles/webhook_callback_host.dir/loaded_callbacks.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/output_lines.cc.o"
  "CMakeFiles/webhook_callback_host.dir/output_lines.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/results.cc.o"
  "CMakeFiles/webhook_callback_host.dir/results.cc.o.d"
  "CMakeFiles/webhook_callback_host.dir/slot.cc.o"
  "CMakeFiles/webhook_callback_host.dir/slot.cc.o.d"
  "libwebhook_callback_host.a"
  "libwebhook_callback_host.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/webhook_callback_host.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
