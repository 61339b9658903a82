
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/cb/lib/net/address_guard.cc" "lib/net/CMakeFiles/webhook_net.dir/address_guard.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/address_guard.cc.o.d"
  "/tmp/cb/lib/net/connection.cc" "lib/net/CMakeFiles/webhook_net.dir/connection.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/connection.cc.o.d"
  "/tmp/cb/lib/net/connection_pool.cc" "lib/net/CMakeFiles/webhook_net.dir/connection_pool.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/connection_pool.cc.o.d"
  "/tmp/cb/lib/net/event_loop.cc" "lib/net/CMakeFiles/webhook_net.dir/event_loop.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/event_loop.cc.o.d"
  "/tmp/cb/lib/net/exchange.cc" "lib/net/CMakeFiles/webhook_net.dir/exchange.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/exchange.cc.o.d"
  "/tmp/cb/lib/net/ip_address.cc" "lib/net/CMakeFiles/webhook_net.dir/ip_address.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/ip_address.cc.o.d"
  "/tmp/cb/lib/net/name_lookup.cc" "lib/net/CMakeFiles/webhook_net.dir/name_lookup.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/name_lookup.cc.o.d"
  "/tmp/cb/lib/net/poller.cc" "lib/net/CMakeFiles/webhook_net.dir/poller.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/poller.cc.o.d"
  "/tmp/cb/lib/net/pooled_transport.cc" "lib/net/CMakeFiles/webhook_net.dir/pooled_transport.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/pooled_transport.cc.o.d"
  "/tmp/cb/lib/net/reply_parser.cc" "lib/net/CMakeFiles/webhook_net.dir/reply_parser.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/reply_parser.cc.o.d"
  "/tmp/cb/lib/net/request_text.cc" "lib/net/CMakeFiles/webhook_net.dir/request_text.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/request_text.cc.o.d"
  "/tmp/cb/lib/net/resolver.cc" "lib/net/CMakeFiles/webhook_net.dir/resolver.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/resolver.cc.o.d"
  "/tmp/cb/lib/net/socket_address.cc" "lib/net/CMakeFiles/webhook_net.dir/socket_address.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/socket_address.cc.o.d"
  "/tmp/cb/lib/net/special_ranges.cc" "lib/net/CMakeFiles/webhook_net.dir/special_ranges.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/special_ranges.cc.o.d"
  "/tmp/cb/lib/net/tls_client.cc" "lib/net/CMakeFiles/webhook_net.dir/tls_client.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/tls_client.cc.o.d"
  "/tmp/cb/lib/net/transport_loop.cc" "lib/net/CMakeFiles/webhook_net.dir/transport_loop.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/transport_loop.cc.o.d"
  "/tmp/cb/lib/net/udp_wakeup.cc" "lib/net/CMakeFiles/webhook_net.dir/udp_wakeup.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/udp_wakeup.cc.o.d"
  "/tmp/cb/lib/net/url.cc" "lib/net/CMakeFiles/webhook_net.dir/url.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/url.cc.o.d"
  "/tmp/cb/lib/net/wake_datagram.cc" "lib/net/CMakeFiles/webhook_net.dir/wake_datagram.cc.o" "gcc" "lib/net/CMakeFiles/webhook_net.dir/wake_datagram.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/cb/lib/base/CMakeFiles/webhook_base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
