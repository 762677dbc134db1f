#include "noc/vc_core.hpp"
#include "noc/vc_engine.hpp"
#include "noc/vc_engine_choices.hpp"

namespace intarsia::noc {

namespace {

template <class Derived>
using Core4VcWide = VcCore<VcShape<std::uint64_t, 2, 16, false>, Derived>;
template <class Derived>
using Core8Vc = VcCore<VcShape<std::uint64_t, 3, 8, false>, Derived>;

} // namespace

std::unique_ptr<NetworkEngine> make_vc_engine_4vc_wide(const NetworkPlan& plan, const SinkOptions& sink) {
    return std::make_unique<VcEngine<Core4VcWide>>(plan, sink);
}

std::unique_ptr<NetworkEngine> make_vc_engine_8vc(const NetworkPlan& plan, const SinkOptions& sink) {
    return std::make_unique<VcEngine<Core8Vc>>(plan, sink);
}

} // namespace intarsia::noc
