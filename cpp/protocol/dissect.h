// Dissection: bytes as a tree of named ranges, from which JSON and pictures are made.
#pragma once

#include <string>
#include <vector>

#include "common/bytes.h"
#include "protocol/json_value.h"
#include "protocol/schema.h"

namespace kafkascope::protocol {

/// One named range of bytes. A leaf owns its bytes alone; together the leaves cover all of them.
struct DissectNode {
  std::string name;  // "topicData", "length", "[0]", "tags"
  std::string type;  // "int32", "compact string", "array", a structure's name, "error"
  size_t begin = 0;
  size_t end = 0;
  JsonValue value;  // of a field
  bool is_field =
      false;  // false for lengths, tags and the like, which are no part of the JSON form
  std::vector<DissectNode> children;
};

/// The tree of one body. Never throws for bad bytes: the tree then ends in a node of type "error"
/// that says why and owns the rest.
DissectNode dissect_body(const MessageSchema& schema, int16_t version, ByteView body);

/// A whole frame, with or without its int32 length. A request says itself what it is; for a
/// response give the schema and version of what it answers with.
DissectNode dissect_frame(ByteView frame, const MessageSchema* response = nullptr,
                          int16_t version = 0);

/// The tree as indented text, one line a node.
std::string to_text(const DissectNode& node);

}  // namespace kafkascope::protocol
