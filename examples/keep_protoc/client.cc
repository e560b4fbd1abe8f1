#include <fmt/format.h>

#include <weft/weft.h>

#include "ledger.weft.h"

weft::Task<void> move_some(std::string address) {
  auto client = co_await weft::connect<ledger::Ledger>(address);
  ledger::Transfer transfer;  // protoc's class, as everywhere in this code base
  transfer.set_from("Ada");
  transfer.set_to("Grace");
  transfer.set_cents(250);
  const ledger::Balance balance = co_await client.move(transfer);
  for (const ledger::Account& account : balance.accounts())
    fmt::print("{}: {} cents\n", account.owner(), account.cents());

  transfer.set_cents(1'000'000);
  auto refused = co_await weft::attempt(client.move(transfer));
  fmt::print("{}\n", refused.status().to_string());
}

int main(int argc, char** argv) { return weft::run(move_some(argc > 1 ? argv[1] : "127.0.0.1:9000")); }
