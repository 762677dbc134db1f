#include "noc/vc_core.hpp"
#include "noc/vc_engine.hpp"
#include "noc/vc_engine_choices.hpp"

namespace intarsia::noc {

namespace {

template <class Derived>
using CoreHuge = VcCore<VcShape<WideMask<16>, -1, 64, true>, Derived>;

} // namespace

std::unique_ptr<NetworkEngine> make_vc_engine_huge(const NetworkPlan& plan, const SinkOptions& sink) {
    return std::make_unique<VcEngine<CoreHuge>>(plan, sink);
}

} // namespace intarsia::noc
