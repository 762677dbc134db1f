#include "noc/vc_core.hpp"
#include "noc/vc_engine.hpp"
#include "noc/vc_engine_choices.hpp"

namespace intarsia::noc {

namespace {

template <class Derived>
using Core1Vc = VcCore<VcShape<std::uint32_t, 0, 32, false>, Derived>;
template <class Derived>
using Core2Vc = VcCore<VcShape<std::uint32_t, 1, 16, false>, Derived>;
template <class Derived>
using Core4Vc = VcCore<VcShape<std::uint32_t, 2, 8, false>, Derived>;

} // namespace

std::unique_ptr<NetworkEngine> make_vc_engine_1vc(const NetworkPlan& plan, const SinkOptions& sink) {
    return std::make_unique<VcEngine<Core1Vc>>(plan, sink);
}

std::unique_ptr<NetworkEngine> make_vc_engine_2vc(const NetworkPlan& plan, const SinkOptions& sink) {
    return std::make_unique<VcEngine<Core2Vc>>(plan, sink);
}

std::unique_ptr<NetworkEngine> make_vc_engine_4vc(const NetworkPlan& plan, const SinkOptions& sink) {
    return std::make_unique<VcEngine<Core4Vc>>(plan, sink);
}

} // namespace intarsia::noc
