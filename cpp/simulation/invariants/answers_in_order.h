// Invariant 32: on a connection, answers leave in the order of the requests, one for each.
#pragma once

#include <map>

#include "simulation/invariant.h"

namespace kafkascope {

class AnswersInOrder : public Invariant {
 public:
  std::string statement() const override {
    return "on a connection answers leave in request order, one per request, with its correlation "
           "id";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  struct Asked {
    std::string api;
    int64_t correlation_id = 0;
  };
  std::map<std::pair<std::string, std::string>, Asked> open_;  // by node and connection
};

}  // namespace kafkascope
