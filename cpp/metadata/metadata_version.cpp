#include "metadata/metadata_version.h"

#include <array>
#include <initializer_list>

#include "common/errors.h"

namespace kafkascope {
namespace {

constexpr std::array kNames = {
    "0.8.0",      "0.8.1",      "0.8.2",      "0.9.0",      "0.10.0-IV0", "0.10.0-IV1",
    "0.10.1-IV0", "0.10.1-IV1", "0.10.1-IV2", "0.10.2-IV0", "0.11.0-IV0", "0.11.0-IV1",
    "0.11.0-IV2", "1.0-IV0",    "1.1-IV0",    "2.0-IV0",    "2.0-IV1",    "2.1-IV0",
    "2.1-IV1",    "2.1-IV2",    "2.2-IV0",    "2.2-IV1",    "2.3-IV0",    "2.3-IV1",
    "2.4-IV0",    "2.4-IV1",    "2.5-IV0",    "2.6-IV0",    "2.7-IV0",    "2.7-IV1",
    "2.7-IV2",    "2.8-IV0",    "2.8-IV1",    "3.0-IV0",    "3.0-IV1",    "3.1-IV0",
    "3.2-IV0",    "3.3-IV0",    "3.3-IV1",    "3.3-IV2",    "3.3-IV3",    "3.4-IV0",
    "3.5-IV0",    "3.5-IV1",    "3.5-IV2",    "3.6-IV0",    "3.6-IV1",    "3.6-IV2",
    "3.7-IV0",    "3.7-IV1",    "3.7-IV2",    "3.7-IV3",    "3.7-IV4",    "3.8-IV0",
    "3.9-IV0",
};
static_assert(kNames.size() == static_cast<size_t>(kLatestZkVersion) + 1);

struct Since {
  MetadataVersion version;
  int16_t request_version;
};

/// The first entry that the version has reached; 0 when none.
int16_t newest(MetadataVersion version, std::initializer_list<Since> newest_first) {
  for (const Since& since : newest_first) {
    if (version >= since.version) return since.request_version;
  }
  return 0;
}

}  // namespace

std::string to_string(MetadataVersion version) { return kNames[static_cast<size_t>(version)]; }

MetadataVersion parse_metadata_version(const std::string& text) {
  for (size_t i = kNames.size(); i-- > 0;) {
    const std::string name = kNames[i];
    if (name == text || name.substr(0, name.find('-')) == text)
      return static_cast<MetadataVersion>(i);
  }
  // "0.10.2.1" and "2.8.0" name a release by its bugfix number.
  const size_t dot = text.rfind('.');
  if (dot != std::string::npos && text.find('.') != dot)
    return parse_metadata_version(text.substr(0, dot));
  throw ConfigException("inter.broker.protocol.version: '" + text +
                        "' is not a version of Kafka up to " + to_string(kLatestZkVersion));
}

int16_t ProtocolFeatures::fetch_version() const {
  return newest(version, {{MetadataVersion::k3_9_Iv0, 17},
                          {MetadataVersion::k3_7_Iv4, 16},
                          {MetadataVersion::k3_5_Iv1, 15},
                          {MetadataVersion::k3_5_Iv0, 14},
                          {MetadataVersion::k3_1_Iv0, 13},
                          {MetadataVersion::k2_7_Iv1, 12},
                          {MetadataVersion::k2_3_Iv1, 11},
                          {MetadataVersion::k2_1_Iv2, 10},
                          {MetadataVersion::k2_0_Iv1, 8},
                          {MetadataVersion::k1_1_Iv0, 7},
                          {MetadataVersion::k0_11_0_Iv1, 5},
                          {MetadataVersion::k0_11_0_Iv0, 4},
                          {MetadataVersion::k0_10_1_Iv1, 3},
                          {MetadataVersion::k0_10_0_Iv0, 2},
                          {MetadataVersion::k0_9_0, 1}});
}

int16_t ProtocolFeatures::offset_for_leader_epoch_version() const {
  return newest(version, {{MetadataVersion::k2_8_Iv0, 4},
                          {MetadataVersion::k2_3_Iv1, 3},
                          {MetadataVersion::k2_1_Iv1, 2},
                          {MetadataVersion::k2_0_Iv0, 1}});
}

int16_t ProtocolFeatures::list_offsets_version() const {
  return newest(version, {{MetadataVersion::k3_9_Iv0, 9},
                          {MetadataVersion::k3_5_Iv2, 8},
                          {MetadataVersion::k3_0_Iv1, 7},
                          {MetadataVersion::k2_8_Iv0, 6},
                          {MetadataVersion::k2_2_Iv1, 5},
                          {MetadataVersion::k2_1_Iv1, 4},
                          {MetadataVersion::k2_0_Iv1, 3},
                          {MetadataVersion::k0_11_0_Iv0, 2},
                          {MetadataVersion::k0_10_1_Iv2, 1}});
}

int16_t ProtocolFeatures::leader_and_isr_version() const {
  return newest(version, {{MetadataVersion::k3_4_Iv0, 7},
                          {MetadataVersion::k3_2_Iv0, 6},
                          {MetadataVersion::k2_8_Iv1, 5},
                          {MetadataVersion::k2_4_Iv1, 4},
                          {MetadataVersion::k2_4_Iv0, 3},
                          {MetadataVersion::k2_2_Iv0, 2},
                          {MetadataVersion::k1_0_Iv0, 1}});
}

int16_t ProtocolFeatures::stop_replica_version() const {
  return newest(version, {{MetadataVersion::k3_4_Iv0, 4},
                          {MetadataVersion::k2_6_Iv0, 3},
                          {MetadataVersion::k2_4_Iv1, 2},
                          {MetadataVersion::k2_2_Iv0, 1}});
}

int16_t ProtocolFeatures::update_metadata_version() const {
  return newest(version, {{MetadataVersion::k3_4_Iv0, 8},
                          {MetadataVersion::k2_8_Iv1, 7},
                          {MetadataVersion::k2_4_Iv1, 6},
                          {MetadataVersion::k2_2_Iv0, 5},
                          {MetadataVersion::k1_0_Iv0, 4},
                          {MetadataVersion::k0_10_2_Iv0, 3},
                          {MetadataVersion::k0_10_0_Iv1, 2},
                          {MetadataVersion::k0_9_0, 1}});
}

}  // namespace kafkascope
