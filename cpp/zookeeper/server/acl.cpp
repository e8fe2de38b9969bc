#include "zookeeper/server/acl.h"

#include <algorithm>
#include <charconv>

#include "common/base64.h"
#include "common/text.h"
#include "zookeeper/server/sha1.h"

namespace kafkascope::zk {
namespace {

std::optional<uint32_t> parse_number(std::string_view text, uint32_t most) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

std::optional<uint32_t> parse_ipv4(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  uint32_t address = 0;
  for (const std::string_view part : parts) {
    const std::optional<uint32_t> number = parse_number(part, 255);
    if (!number) return std::nullopt;
    address = address << 8 | *number;
  }
  return address;
}

/// "10.0.0.7" or "10.0.0.0/8".
struct IpRange {
  uint32_t address = 0;
  uint32_t mask = 0;
};

std::optional<IpRange> parse_range(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<uint32_t> address = parse_ipv4(text.substr(0, slash));
  const std::optional<uint32_t> bits =
      slash == std::string_view::npos ? 32 : parse_number(text.substr(slash + 1), 32);
  if (!address || !bits) return std::nullopt;
  return IpRange{*address, *bits == 0 ? 0 : ~uint32_t{0} << (32 - *bits)};
}

bool is_valid_id(const Acl& acl) {
  if (acl.scheme == "world") return acl.id == "anyone";
  if (acl.scheme == "digest") return std::ranges::count(acl.id, ':') == 1;
  return acl.scheme == "ip" && parse_range(acl.id).has_value();
}

bool matches(const Acl& acl, const AuthId& who) {
  if (acl.scheme != who.scheme) return false;
  if (acl.scheme != "ip") return acl.id == who.id;
  const std::optional<IpRange> range = parse_range(acl.id);
  const std::optional<uint32_t> address = parse_ipv4(who.id);
  return range && address && (*address & range->mask) == (range->address & range->mask);
}

}  // namespace

std::optional<AuthId> authenticate(std::string_view scheme, const Data& credentials,
                                   const std::string& address) {
  if (scheme == "ip") return AuthId{"ip", address};
  const std::string_view text = credentials ? as_text(*credentials) : "";
  const size_t colon = text.find(':');
  if (scheme != "digest" || colon == std::string_view::npos) return std::nullopt;
  const std::string hash = base64_encode(sha1(as_bytes(text)), Base64::kStandard);
  return AuthId{"digest", std::string(text.substr(0, colon)) + ":" + hash};
}

bool is_allowed(const AclList& acl, int32_t permission, const std::vector<AuthId>& who) {
  if (acl.empty()) return true;
  return std::ranges::any_of(acl, [&](const Acl& entry) {
    if ((entry.permissions & permission) == 0) return false;
    return entry.scheme == "world" ||
           std::ranges::any_of(who, [&](const AuthId& id) { return matches(entry, id); });
  });
}

std::optional<AclList> fix_acl(const AclList& acl, const std::vector<AuthId>& who) {
  AclList fixed;
  const auto add = [&](const Acl& entry) {
    if (std::ranges::find(fixed, entry) == fixed.end()) fixed.push_back(entry);
  };
  for (const Acl& entry : acl) {
    if (entry.scheme == "auth") {
      bool any = false;
      for (const AuthId& id : who) {
        if (id.scheme == "ip") continue;  // an address proves nobody
        add({entry.permissions, id.scheme, id.id});
        any = true;
      }
      if (!any) return std::nullopt;
    } else if (is_valid_id(entry)) {
      add(entry);
    } else {
      return std::nullopt;
    }
  }
  return fixed.empty() ? std::nullopt : std::optional(fixed);
}

AclList mask_acl(AclList acl) {
  for (Acl& entry : acl) {
    if (entry.scheme == "digest") entry.id = entry.id.substr(0, entry.id.find(':')) + ":x";
  }
  return acl;
}

}  // namespace kafkascope::zk
