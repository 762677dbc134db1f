// Links for tests, described as users do.
#pragma once

#include "d2d/link_run.hpp"

#include <string>
#include <vector>

namespace intarsia::tests {

/// The default link with overrides.
inline d2d::LoadedLink link_with(const std::vector<std::string>& overrides) {
    return d2d::parse_link("[link]\n[traffic]\n[sink]\n", "link.toml", overrides);
}

/// Runs it until all is acknowledged and every account is checked.
inline d2d::LinkReport run_with(const std::vector<std::string>& overrides) {
    return d2d::run_link(link_with(overrides), {}, true);
}

inline double share(const d2d::LinkReport& report, d2d::SlotUse use) {
    return report.slot_shares()[static_cast<std::size_t>(use)];
}

} // namespace intarsia::tests
