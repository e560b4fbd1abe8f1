#include "grpc_peer.h"

#include <charconv>
#include <cstring>

#include <fmt/format.h>

namespace interop {

weft::Task<weft::Reply> Beside::operator()(weft::Call call, weft::Next next) const {
  auto kept = seen;
  *kept = {};
  for (const auto& [name, value] : metadata) call.metadata.add(name, value);
  if (compress) call.compress = compress;
  auto reply = co_await weft::attempt(next(std::move(call)));
  if (reply) {
    kept->initial = reply->metadata;
    kept->trailers = reply->trailers;
    kept->compressed = reply->compressed;
  } else if (const auto* trailers = reply.status().get_if<weft::Trailers>()) {
    kept->trailers = std::make_shared<weft::Metadata>(trailers->metadata);
  }
  co_return reply;
}

grpc::testing::Payload payload_of(std::size_t size) {
  weft::Buffer body{size};
  if (size > 0) std::memset(body.data(), 0, size);
  return {.body = body.freeze(size)};
}

std::size_t size_of(const std::optional<grpc::testing::Payload>& payload) {
  return payload ? payload->body.size() : 0;
}

std::string address_of(std::string_view host, std::string_view port) {
  return host.find(':') == host.npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

bool option(std::string_view word, std::string_view name, std::string_view& value) {
  if (!word.starts_with(name) || word.size() <= name.size() || word[name.size()] != '=') return false;
  value = word.substr(name.size() + 1);
  return true;
}

bool option(std::string_view word, std::string_view name, std::size_t& value) {
  std::string_view text;
  if (!option(word, name, text)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace interop
