// What is wrong with a [noc] before anything is built of it.
#pragma once

#include "noc/noc_config.hpp"

namespace intarsia::noc {

/// Adds the faults of combinations of values. Without any, the regular topologies can be wired within the limits of
/// noc_config.hpp. `config` has been completed.
void check_config(const NocConfig& config, const config::Node& root, config::Faults& faults);

/// Product of the numbers, or UINT32_MAX if it is larger.
[[nodiscard]] std::uint64_t bounded_product(const std::vector<std::uint32_t>& numbers);

[[nodiscard]] bool is_grid(const std::string& topology); ///< all but tree, crossbar and custom

} // namespace intarsia::noc
