// Times the codecs on a record such as services send, beside code written by hand for that record alone, and
// beside Apache's and Google's libraries where they are installed:
//
//   codec_bench [rounds [records]]
//
// All contenders work in turn, round by round, on this thread's CPU time; what is printed is the median over
// the rounds, and the median of what a contender took in a round against the hand-written code in the same
// one. With several records each call takes the next one, so that branches are less foreseeable.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <time.h>
#include <vector>

#include <weft/codec/compact.h>
#include <weft/codec/protobuf.h>

#include "hand.h"
#include "record.h"
#if WEFT_GOOGLE_PROTOBUF
#include <google/protobuf/arena.h>

#include "record.pb.h"
#endif
#if WEFT_ADAPT_PROTOBUF
#include <weft/codec/adapt_protobuf.h>
#endif
#if WEFT_ADAPT_THRIFT
#include <weft/codec/adapt_thrift.h>
#endif
#if WEFT_APACHE_THRIFT
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include "record_types.h"
#endif

namespace {

using weft::Bytes;
using weft::Chain;

std::size_t sum = 0;  ///< of what was done, so that it is done

[[noreturn]] void wrong(const char* what) {
  std::printf("%s: the record did not survive\n", what);
  std::exit(1);
}

double cpu_nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <class T>
T median(std::vector<T> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// One thing to time: `work(n)` does it with record n.
struct Contender {
  std::string name;
  std::function<double(int calls)> run;
  std::vector<double> times{};
};

std::size_t records_count = 1;

template <class Work>
Contender contender(std::string name, Work work) {
  return {std::move(name), [work, next = std::size_t{0}](int calls) mutable {
            const double start = cpu_nanoseconds();
            for (int call = 0; call < calls; ++call) {
              work(next);
              if (++next == records_count) next = 0;
            }
            return (cpu_nanoseconds() - start) / calls;
          }};
}

/// The first contender is what the others are compared with.
void race(const char* title, int rounds, std::vector<Contender> contenders) {
  constexpr int calls = 400;
  for (Contender& one : contenders) one.run(4 * calls);
  for (int round = 0; round < rounds; ++round)
    for (Contender& one : contenders) one.times.push_back(one.run(calls));
  std::printf("%s\n", title);
  for (const Contender& one : contenders) {
    std::vector<double> ratios;
    for (int round = 0; round < rounds; ++round) {
      const auto at = static_cast<std::size_t>(round);
      ratios.push_back(one.times[at] / contenders[0].times[at]);
    }
    std::printf("  %-42s %7.0f ns  %5.2f\n", one.name.c_str(), median(one.times), median(ratios));
  }
}

void compact_races(int rounds, const std::vector<bench::Record>& records) {
  using namespace weft;
  std::vector<Bytes> encoded;
  std::vector<std::uint8_t> room(65536);
  for (const bench::Record& record : records) {
    encoded.push_back(compact::encode(record).flatten());
    const auto* end = bench::hand::write_compact(record, room.data());
    const std::string_view by_hand{reinterpret_cast<char*>(room.data()),
                                   static_cast<std::size_t>(end - room.data())};
    bench::Record back, back_by_hand;
    if (!compact::decode(encoded.back(), back).ok() || !equal(back, record)) wrong("Weft compact");
    if (by_hand != encoded.back().view() || !bench::hand::read_compact(by_hand, back_by_hand) ||
        !equal(back_by_hand, record))
      wrong("compact by hand");
  }
  std::printf("Thrift compact, %zu bytes\n", encoded[0].size());

  std::vector<Contender> encode, decode;
  encode.push_back(contender("by hand, into memory that is there", [&](std::size_t n) {
    std::vector<std::uint8_t>& to = room;
    if (bench::hand::bound(records[n]) > to.size()) std::abort();
    sum += static_cast<std::size_t>(bench::hand::write_compact(records[n], to.data()) - to.data());
  }));
  encode.push_back(
      contender("Weft, into a Chain", [&](std::size_t n) { sum += compact::encode(records[n]).size(); }));
  encode.push_back(contender("  of that: a Chain of that size, unwritten", [&](std::size_t n) {
    Writer writer{encoded[n].size()};
    writer.cursor(writer.cursor() + encoded[n].size());
    sum += writer.finish().size();
  }));
  decode.push_back(contender("by hand", [&](std::size_t n) {
    bench::Record record;
    if (!bench::hand::read_compact(encoded[n].view(), record)) wrong("compact by hand");
    sum += record.subs.size();
  }));
  std::vector<Chain> chains(encoded.begin(), encoded.end());
  decode.push_back(contender("Weft, from a Chain into a value", [&, chains](std::size_t n) {
    bench::Record record;
    if (!compact::decode(chains[n], record).ok()) wrong("Weft compact");
    sum += record.subs.size();
  }));
  decode.push_back(contender("Weft, from a Chain to a Result", [&, chains](std::size_t n) {
    Result<bench::Record> record = compact::decode<bench::Record>(chains[n]);
    if (!record.ok()) wrong("Weft compact");
    sum += record->subs.size();
  }));
  decode.push_back(contender("Weft, borrowed from a Chain", [&, chains](std::size_t n) {
    Result<Borrowed<bench::RecordView>> record = compact::borrow<bench::RecordView>(chains[n]);
    if (!record.ok()) wrong("Weft compact");
    sum += (*record)->subs.size();
  }));
  bench::Record used;
  decode.push_back(contender("Weft, into a value that was used before", [&, chains](std::size_t n) {
    if (!compact::decode(chains[n], used).ok()) wrong("Weft compact");
    sum += used.subs.size();
  }));
#if WEFT_APACHE_THRIFT
  using apache::thrift::protocol::TCompactProtocolT;
  using apache::thrift::transport::TMemoryBuffer;
  auto memory = std::make_shared<TMemoryBuffer>(4096);
  auto protocol = std::make_shared<TCompactProtocolT<TMemoryBuffer>>(memory);
  std::vector<bench_apache::Record> apache_records(records.size());
  for (std::size_t n = 0; n < records.size(); ++n) {
    Bytes bytes = encoded[n];
    memory->resetBuffer(const_cast<std::uint8_t*>(bytes.data()), static_cast<std::uint32_t>(bytes.size()));
    apache_records[n].read(protocol.get());
    memory->resetBuffer(4096);
    apache_records[n].write(protocol.get());
    if (Bytes{memory->getBufferAsString()} != bytes) wrong("Apache");
  }
  encode.push_back(
      contender("Apache, TCompactProtocolT<TMemoryBuffer>", [&, memory, protocol](std::size_t n) {
        memory->resetBuffer();
        sum += apache_records[n].write(protocol.get());
      }));
  auto source = std::make_shared<TMemoryBuffer>();
  auto reader = std::make_shared<TCompactProtocolT<TMemoryBuffer>>(source);
  decode.push_back(contender("Apache, TCompactProtocolT<TMemoryBuffer>", [&, source, reader](std::size_t n) {
    source->resetBuffer(const_cast<std::uint8_t*>(encoded[n].data()),
                        static_cast<std::uint32_t>(encoded[n].size()));
    bench_apache::Record record;
    record.read(reader.get());
    sum += record.subs.size();
  }));
#if WEFT_ADAPT_THRIFT
  encode.push_back(contender("Apache, by Weft's adapter into a Chain",
                             [&](std::size_t n) { sum += libthrift::encode(apache_records[n]).size(); }));
  decode.push_back(contender("Apache, by Weft's adapter from a Chain", [&, chains](std::size_t n) {
    bench_apache::Record record;
    if (!libthrift::decode(chains[n], record).ok()) wrong("the adapter of Apache's");
    sum += record.subs.size();
  }));
#endif
#endif
  race(" encode", rounds, std::move(encode));
  race(" decode", rounds, std::move(decode));
}

void protobuf_races(int rounds, const std::vector<bench::Record>& records) {
  using namespace weft;
  std::vector<Bytes> encoded;
  std::vector<std::uint8_t> room(65536);
  for (const bench::Record& record : records) {
    encoded.push_back(protobuf::encode(record).flatten());
    const auto* end = bench::hand::write_protobuf(record, room.data());
    const std::string_view by_hand{reinterpret_cast<char*>(room.data()),
                                   static_cast<std::size_t>(end - room.data())};
    bench::Record back, back_by_hand;
    if (!protobuf::decode(encoded.back(), back).ok() || !equal(back, record)) wrong("Weft Protobuf");
    if (by_hand != encoded.back().view() || !bench::hand::read_protobuf(by_hand, back_by_hand) ||
        !equal(back_by_hand, record))
      wrong("Protobuf by hand");
  }
  std::printf("Protobuf, %zu bytes\n", encoded[0].size());

  std::vector<Contender> encode, decode;
  encode.push_back(contender("by hand, into memory that is there", [&](std::size_t n) {
    std::vector<std::uint8_t>& to = room;
    if (bench::hand::bound(records[n]) > to.size()) std::abort();
    sum += static_cast<std::size_t>(bench::hand::write_protobuf(records[n], to.data()) - to.data());
  }));
  encode.push_back(
      contender("Weft, into a Chain", [&](std::size_t n) { sum += protobuf::encode(records[n]).size(); }));
  decode.push_back(contender("by hand", [&](std::size_t n) {
    bench::Record record;
    if (!bench::hand::read_protobuf(encoded[n].view(), record)) wrong("Protobuf by hand");
    sum += record.subs.size();
  }));
  std::vector<Chain> chains(encoded.begin(), encoded.end());
  decode.push_back(contender("Weft, from a Chain into a value", [&, chains](std::size_t n) {
    bench::Record record;
    if (!protobuf::decode(chains[n], record).ok()) wrong("Weft Protobuf");
    sum += record.subs.size();
  }));
  decode.push_back(contender("Weft, borrowed from a Chain", [&, chains](std::size_t n) {
    Result<Borrowed<bench::RecordView>> record = protobuf::borrow<bench::RecordView>(chains[n]);
    if (!record.ok()) wrong("Weft Protobuf");
    sum += (*record)->subs.size();
  }));
#if WEFT_GOOGLE_PROTOBUF
  std::vector<bench_google::Record> google_records(records.size());
  for (std::size_t n = 0; n < records.size(); ++n) {
    google_records[n].ParseFromArray(encoded[n].data(), static_cast<int>(encoded[n].size()));
    if (google_records[n].ByteSizeLong() != encoded[n].size()) wrong("libprotobuf");
  }
  encode.push_back(contender("libprotobuf, into memory that is there", [&](std::size_t n) {
    if (google_records[n].ByteSizeLong() > room.size()) std::abort();
    sum += static_cast<std::size_t>(google_records[n].SerializeWithCachedSizesToArray(room.data()) -
                                    room.data());
  }));
  encode.push_back(contender("libprotobuf, into a new std::string",
                             [&](std::size_t n) { sum += google_records[n].SerializeAsString().size(); }));
  decode.push_back(contender("libprotobuf", [&](std::size_t n) {
    bench_google::Record record;
    if (!record.ParseFromArray(encoded[n].data(), static_cast<int>(encoded[n].size()))) wrong("libprotobuf");
    sum += static_cast<std::size_t>(record.subs_size());
  }));
  std::vector<char> first_block(8192);
  decode.push_back(contender("libprotobuf, Arena", [&](std::size_t n) {
    google::protobuf::Arena arena;
    auto* record = google::protobuf::Arena::CreateMessage<bench_google::Record>(&arena);
    if (!record->ParseFromArray(encoded[n].data(), static_cast<int>(encoded[n].size()))) wrong("libprotobuf");
    sum += static_cast<std::size_t>(record->subs_size());
  }));
  decode.push_back(contender("libprotobuf, Arena with a first block", [&](std::size_t n) {
    google::protobuf::ArenaOptions options;
    options.initial_block = first_block.data();
    options.initial_block_size = first_block.size();
    google::protobuf::Arena arena{options};
    auto* record = google::protobuf::Arena::CreateMessage<bench_google::Record>(&arena);
    if (!record->ParseFromArray(encoded[n].data(), static_cast<int>(encoded[n].size()))) wrong("libprotobuf");
    sum += static_cast<std::size_t>(record->subs_size());
  }));
#if WEFT_ADAPT_PROTOBUF
  encode.push_back(contender("libprotobuf, by Weft's adapter into a Chain",
                             [&](std::size_t n) { sum += protobuf::encode(google_records[n]).size(); }));
  decode.push_back(contender("libprotobuf, by Weft's adapter", [&, chains](std::size_t n) {
    bench_google::Record record;
    if (!protobuf::decode(chains[n], record).ok()) wrong("the adapter of libprotobuf's");
    sum += static_cast<std::size_t>(record.subs_size());
  }));
  decode.push_back(contender("libprotobuf, by Weft's adapter OnArena", [&, chains](std::size_t n) {
    OnArena<bench_google::Record> record;
    if (!protobuf::decode(chains[n], record).ok()) wrong("the adapter of libprotobuf's");
    sum += static_cast<std::size_t>(record->subs_size());
  }));
#endif
#endif
  race(" encode", rounds, std::move(encode));
  race(" decode", rounds, std::move(decode));
}

}  // namespace

int main(int count, char** arguments) {
  const int rounds = count > 1 ? std::max(1, std::atoi(arguments[1])) : 301;
  records_count = count > 2 ? static_cast<std::size_t>(std::max(1, std::atoi(arguments[2]))) : 1;
  std::vector<bench::Record> records;
  for (std::size_t seed = 0; seed < records_count; ++seed) records.push_back(bench::realistic(seed));
  compact_races(rounds, records);
  protobuf_races(rounds, records);
  return sum == 0;
}
