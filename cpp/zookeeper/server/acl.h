// ACLs: who a connection is, and what a node's list lets it do. Schemes world, auth, digest and ip.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zookeeper/zk_types.h"

namespace kafkascope::zk {

enum Permission : int32_t { kRead = 1, kWrite = 2, kCreate = 4, kDelete = 8, kAdmin = 16 };

/// One identity of a connection: {"ip", "10.0.0.7"}, {"digest", "user:hash"}.
struct AuthId {
  std::string scheme;
  std::string id;
  bool operator==(const AuthId&) const = default;
};

/// The identity that a client proves with these credentials ("user:password" for digest); nothing
/// when scheme or credentials are not accepted.
std::optional<AuthId> authenticate(std::string_view scheme, const Data& credentials,
                                   const std::string& address);

/// Does the list give one of the identities the permission? A list that is empty gives all.
bool is_allowed(const AclList& acl, int32_t permission, const std::vector<AuthId>& who);

/// The list as it is stored: "auth" replaced by the identities, no entry twice. Nothing when it is
/// empty or an entry is not valid.
std::optional<AclList> fix_acl(const AclList& acl, const std::vector<AuthId>& who);

/// The list as it is shown to who may not administer the node: without the digests' hashes.
AclList mask_acl(AclList acl);

}  // namespace kafkascope::zk
