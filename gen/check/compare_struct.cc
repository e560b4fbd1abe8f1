// Structs, unions, exceptions and messages: field by field.
#include <map>

#include <fmt/format.h>

#include "compare.h"

namespace weft::gen::check {

namespace {

/// A field, and the oneof that it is in: its fields are those of the message.
struct Member {
  const Field* field = nullptr;
  const Field* oneof = nullptr;
};

using Members = std::map<std::int32_t, Member>;

Members members_of(const Struct& structure) {
  Members members;
  for (const Field& field : structure.fields) {
    if (!field.type.structure || !field.type.structure->oneof) {
      members[field.id] = {&field, nullptr};
      continue;
    }
    for (const Field& held : field.type.structure->fields) members[held.id] = {&held, &field};
  }
  return members;
}

class StructComparison {
 public:
  StructComparison(const Pair& pair, const Struct& before, const Struct& now, const Match& match, Wire& wire)
      : pair_(pair),
        before_(before),
        now_(now),
        match_(match),
        wire_(wire),
        protobuf_(now.module->protobuf),
        old_members_(members_of(before)),
        members_(members_of(now)) {}

  void run() {
    if (before_.oneof) return;
    if (before_.form != now_.form)
      pair_.wire("type-form", fmt::format("`{}` changed between struct, union and exception", now_.name));
    for (const auto& [id, member] : old_members_) {
      const auto found = members_.find(id);
      if (found == members_.end())
        removed(*member.field);
      else
        compare(member, found->second);
    }
    for (const auto& [id, member] : members_)
      if (!old_members_.contains(id)) added(*member.field);
    for (const Field& field : before_.fields)
      if (field.type.structure && field.type.structure->oneof) oneof(field);
    compare_reserved(pair_, before_.reserved, now_.reserved);
    if (before_.keeps_unknown && !now_.keeps_unknown)
      pair_.behaviour("unknown-fields", fmt::format("`{}` does not keep unknown fields any more", now_.name));
  }

 private:
  const Field* named(const Members& members, std::string_view name) const {
    for (const auto& [id, member] : members)
      if (member.field->name == name) return member.field;
    return nullptr;
  }

  void removed(const Field& field) {
    if (const Field* other = named(members_, field.name)) {
      pair_.part(field, *other)
          .wire("field-id",
                fmt::format("the field `{}` has the id {} now, it had {}", field.name, other->id, field.id));
      return;
    }
    const Pair gone = pair_.gone(field);
    if (field.presence == Presence::required)
      gone.wire("required-removed",
                fmt::format("`{}` is gone, and readers of the other version require it", field.name));
    else
      gone.source("field-removed", fmt::format("the field {} `{}` is gone", field.id, field.name));
    if (protobuf_ && !now_.reserved.has(field.id))
      gone.warn(
          "field-not-reserved", Level::wire,
          fmt::format("`reserved {};` keeps the number of `{}` from being used again", field.id, field.name));
    if (protobuf_ && !now_.reserved.has(field.name))
      gone.warn("field-not-reserved", Level::behaviour,
                fmt::format("`reserved \"{0}\";` keeps the name `{0}` from being used again in JSON and text",
                            field.name));
  }

  void added(const Field& field) {
    if (field.presence != Presence::required || named(old_members_, field.name)) return;
    const Pair pair{pair_.findings, pair_.subject + "." + field.name, before_.place, field.place};
    pair.wire("required-added",
              fmt::format("`{}` is required, and writers of the other version do not know it", field.name));
  }

  void compare(const Member& before, const Member& now) {
    const Field& old = *before.field;
    const Field& field = *now.field;
    const Pair pair = pair_.part(old, field);
    const std::string what = wire_.difference(old, field, protobuf_);
    const std::string types =
        fmt::format("field {} `{}` is {} now, it was {}", field.id, field.name,
                    name_of(field.type, protobuf_, field.coding), name_of(old.type, protobuf_, old.coding));
    if (!what.empty())
      pair.wire("field-type", fmt::format("{}: {}", types, what));
    else if (!match_.same(old.type, field.type))
      pair.source("field-type", fmt::format("{}: it travels alike", types));
    if (old.name != field.name) {
      // What is another thing altogether need not be called a new name too.
      if (what.empty())
        pair.source("field-renamed",
                    fmt::format("field {} is `{}` now, it was `{}`", field.id, field.name, old.name));
    } else {
      compare_entities(pair, old, field);
    }
    if (before.oneof || now.oneof)
      moved(pair, before, now);
    else
      presence(pair, old, field);
    if (!same(old.value.get(), field.value.get()) || !same(old.fallback.get(), field.fallback.get()))
      pair.behaviour("default", fmt::format("`{}` has another default", field.name));
    if (old.json_name != field.json_name && old.name == field.name)
      pair.behaviour("json-name", fmt::format("`{}` is `{}` in JSON now, it was `{}`", field.name,
                                              field.json_name, old.json_name));
    if (old.coding.unchecked && !field.coding.unchecked && what.empty())
      pair.warn("utf8", Level::behaviour,
                fmt::format("text in `{}` that is not UTF-8 is refused now", field.name));
    if (old.boxed != field.boxed && old.presence == field.presence && match_.same(old.type, field.type))
      pair.source("boxed", fmt::format("`{}` is {} weft::Box {}", field.name, field.boxed ? "a" : "no",
                                       field.boxed ? "now" : "any more"));
  }

  void presence(const Pair& pair, const Field& before, const Field& now) {
    if (before.presence == now.presence) return;
    if (now.presence == Presence::required)
      return pair.wire("required-added",
                       fmt::format("`{}` is required now, and other versions leave it out", now.name));
    if (before.presence == Presence::required && (protobuf_ || now.presence == Presence::optional))
      return pair.wire("required-removed",
                       fmt::format("`{}` may be left out now, and other versions require it", now.name));
    const bool optional = now.presence == Presence::optional;
    if (before.presence == Presence::required)
      return pair.warn(
          "required-removed", Level::wire,
          fmt::format("`{}` is not required any more; it goes on to be written always", now.name));
    // In a union all of them are.
    if (before_.form == Struct::Form::union_ || now_.form == Struct::Form::union_) return;
    pair.source("presence", fmt::format("`{}` is {} now", now.name, optional ? "optional" : "always there"));
  }

  /// Into a oneof, out of it, or from one to another.
  void moved(const Pair& pair, const Member& before, const Member& now) {
    if (before.oneof && now.oneof && before.oneof->name == now.oneof->name) return;
    // A oneof that no other field was in or has moved to takes the place of what was optional.
    if (!before.oneof && before.field->presence == Presence::optional) {
      std::size_t known = 0;
      for (const Field& held : now.oneof->type.structure->fields) known += old_members_.contains(held.id);
      if (known == 1)
        return pair.source("oneof",
                           fmt::format("`{}` is in the new oneof `{}`", now.field->name, now.oneof->name));
    }
    if (before.oneof && now.oneof) {
      // The whole of it renamed.
      bool all = true;
      for (const Field& held : before.oneof->type.structure->fields) {
        const auto found = members_.find(held.id);
        all &= found != members_.end() && found->second.oneof == now.oneof;
      }
      if (all) return;  // said once, for the oneof
    }
    const auto place = [](const Member& member) {
      return member.oneof ? fmt::format("in the oneof `{}`", member.oneof->name) : std::string("in no oneof");
    };
    pair.wire("oneof", fmt::format("`{}` is {} now, it was {}: who sets several loses all but one",
                                   now.field->name, place(now), place(before)));
  }

  void oneof(const Field& before) {
    for (const Field& field : now_.fields)
      if (field.name == before.name && field.type.structure && field.type.structure->oneof) return;
    pair_.gone(before).source("oneof-removed",
                              fmt::format("the oneof `{}` is gone, or has another name", before.name));
  }

  const Pair& pair_;
  const Struct& before_;
  const Struct& now_;
  const Match& match_;
  Wire& wire_;
  const bool protobuf_;
  const Members old_members_;
  const Members members_;
};

}  // namespace

void compare_structs(const Pair& pair, const Struct& before, const Struct& now, const Match& match,
                     Wire& wire) {
  StructComparison{pair, before, now, match, wire}.run();
}

}  // namespace weft::gen::check
