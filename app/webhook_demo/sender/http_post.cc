// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/sender/http_post.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include "lib/base/ascii.h"

namespace webhook::demo {
namespace {

constexpr std::size_t kHeadBytesMax = 65536;

[[noreturn]] void Fail(const std::string& what) { throw std::runtime_error(what); }

int ToNumber(std::string_view text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : -1;
}

std::size_t ContentLength(std::string_view head) {
  constexpr std::string_view kName = "\r\ncontent-length:";
  const std::string lower = base::AsciiLower(head);
  const std::size_t at = lower.find(kName);
  if (at == std::string::npos) Fail("an answer without Content-Length");
  std::size_t start = at + kName.size();
  while (start < lower.size() && lower[start] == ' ') ++start;
  const int length =
      ToNumber(std::string_view(lower).substr(start, lower.find('\r', start) - start));
  if (length < 0) Fail("an answer whose Content-Length is no number");
  return static_cast<std::size_t>(length);
}

}  // namespace

PostTarget ParsePostTarget(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  PostTarget target;
  const std::string what = "the URL must be http://, a numeric address, a port and a path: ";
  if (!url.starts_with(kScheme)) Fail(what + std::string(url));
  const std::string_view rest = url.substr(kScheme.size());
  const std::size_t slash = rest.find('/');
  const std::string_view origin = rest.substr(0, slash);
  const std::size_t colon = origin.find(':');
  target.address = origin.substr(0, colon);
  target.port = colon == std::string_view::npos ? 80 : ToNumber(origin.substr(colon + 1));
  target.path = slash == std::string_view::npos ? "/" : rest.substr(slash);
  in_addr ignored{};
  const bool is_address = inet_pton(AF_INET, target.address.c_str(), &ignored) == 1;
  if (!is_address || target.port < 1 || target.port > 65535) Fail(what + std::string(url));
  return target;
}

HttpPost::HttpPost(PostTarget target) : target_(std::move(target)) {}

int HttpPost::Send(const Headers& headers, std::string_view body) {
  if (!socket_.valid()) Connect();
  std::string text = "POST " + target_.path + " HTTP/1.1\r\nHost: " + target_.address + ":" +
                     std::to_string(target_.port) +
                     "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  text += "\r\n";
  text += body;
  Write(text);
  return ReadAnswer();
}

void HttpPost::Connect() {
  received_.clear();
  socket_ = base::FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket_.valid()) Fail(std::string("no socket: ") + std::strerror(errno));
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(target_.port));
  inet_pton(AF_INET, target_.address.c_str(), &address.sin_addr);
  if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    Fail("cannot connect to " + target_.address + ":" + std::to_string(target_.port) + ": " +
         std::strerror(errno));
  }
}

void HttpPost::Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) Fail(std::string("the connection broke: ") + std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

int HttpPost::ReadAnswer() {
  std::size_t end = received_.find("\r\n\r\n");
  for (; end == std::string::npos; end = received_.find("\r\n\r\n")) {
    if (received_.size() > kHeadBytesMax) Fail("an answer without an end of its headers");
    ReadMore();
  }
  const std::string head = received_.substr(0, end + 2);
  const std::size_t whole = end + 4 + ContentLength(head);
  while (received_.size() < whole) ReadMore();
  received_.erase(0, whole);
  if (base::AsciiLower(head).find("\r\nconnection: close") != std::string::npos) socket_ = {};
  const int status = head.starts_with("HTTP/1.1 ") ? ToNumber(head.substr(9, 3)) : -1;
  if (status < 100) Fail("something that is no HTTP answers there");
  return status;
}

void HttpPost::ReadMore() {
  std::array<char, 16384> buffer;
  const ssize_t got = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EINTR) return;
  if (got <= 0) Fail("the other side closed the connection without an answer");
  received_.append(buffer.data(), static_cast<std::size_t>(got));
}

}  // namespace webhook::demo
