// Four-letter words: "ruok" and the others that a person types at the client port.
#pragma once

#include <string>
#include <string_view>

#include "zookeeper/server/request_processor.h"

namespace kafkascope::zk {

/// The answer to ruok, srvr, stat, mntr, conf, cons, dump and wchs, if 4lw.commands.whitelist has
/// the word; empty for other words.
std::string four_letter_answer(std::string_view word, const ZooKeeperServerConfig& config,
                               const RequestProcessor& processor);

}  // namespace kafkascope::zk
