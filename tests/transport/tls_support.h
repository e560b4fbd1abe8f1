// What the tests of TLS have in common: servers that show a certificate, channels that trust it, and what a
// caller is told.
#pragma once

#include <string>
#include <utility>

#include "authority.h"
#include "probe_service.h"

namespace weft::test {

inline ServerOptions serving(TlsCertificate certificate, bool required = true) {
  ServerOptions options;
  options.tls.certificates = {std::move(certificate)};
  options.tls.required = required;
  return options;
}

inline ChannelOptions trusting(const Authority& authority) {
  ChannelOptions options;
  options.tls.ca_file = authority.file();
  options.connect_timeout = std::chrono::seconds(10);
  return options;
}

/// Over a connection of its own.
inline Task<std::string> echo(std::string address, ChannelOptions options, std::string text = "hello") {
  auto client = co_await connect<probe::Probe>(std::move(address), std::move(options));
  co_return co_await client.echo(std::move(text));
}

/// What such a call fails with; empty: it does not.
inline Task<std::string> refusal(std::string address, ChannelOptions options) {
  auto answer = co_await attempt(echo(std::move(address), std::move(options)));
  if (answer) co_return std::string{};
  if (answer.status().code() == Code::cancelled) co_await std::move(answer).status();
  CHECK(answer.status().code() == Code::unavailable);
  co_return std::string(answer.status().message());
}

inline bool contains(std::string_view text, std::string_view part) {
  bool found = text.find(part) != text.npos;
  if (!found) MESSAGE(std::string(text));
  return found;
}

/// Whether the other side closes, whatever it says before.
inline Task<bool> ends(Socket* socket) {
  for (;;) {
    auto piece = co_await attempt(socket->receive());
    if (!piece && piece.status().code() == Code::cancelled) co_return false;
    if (!piece || piece->empty()) co_return true;
  }
}

}  // namespace weft::test
