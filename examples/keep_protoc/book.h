// The code that keeps its types: it knows protoc's classes, and nothing of Weft.
#pragma once

#include <map>
#include <string>

#include "ledger.pb.h"

namespace ledger {

class Book {
 public:
  /// False when there is too little on the account, and then nothing was moved.
  bool move(const Transfer& transfer) {
    std::int64_t& from = cents_[transfer.from()];
    if (from < transfer.cents()) return false;
    from -= transfer.cents();
    cents_[transfer.to()] += transfer.cents();
    return true;
  }

  void write(Balance& balance) const {
    for (const auto& [owner, cents] : cents_) {
      Account* account = balance.add_accounts();
      account->set_owner(owner);
      account->set_cents(cents);
    }
  }

 private:
  std::map<std::string, std::int64_t> cents_{{"Ada", 1000}};
};

}  // namespace ledger
