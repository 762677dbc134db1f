// Networks put together from lists, and lists laid over regular ones.
#pragma once

#include "noc/topology/lists.hpp"

namespace intarsia::noc {

/// The routers, links and endpoints listed; endpoints are numbered router by router, link ports stand before them in
/// the order of the links. Adds the faults of what does not fit together.
[[nodiscard]] Wiring wire_custom(const NocConfig& config, const config::Node& root, config::Faults& faults);

/// Gives links of a regular network what the lists say about them.
void change_links(Wiring& wiring, const NocConfig& config, const config::Node& root, config::Faults& faults);

/// Takes out what [[noc.missing_link]] lists.
void remove_missing(Wiring& wiring, const NocConfig& config, const config::Node& root, config::Faults& faults);

/// What [noc] says of links that say nothing themselves.
[[nodiscard]] LinkShape usual_link(const NocConfig& config);

/// rate_of() with a fault at `place` if there is none.
[[nodiscard]] LinkRate checked_rate(const LinkShape& shape, const LinkShape& usual, const SourcePlace& place,
                                    config::Faults& faults);

} // namespace intarsia::noc
