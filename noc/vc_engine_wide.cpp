#include "noc/vc_core.hpp"
#include "noc/vc_engine.hpp"
#include "noc/vc_engine_choices.hpp"

namespace intarsia::noc {

namespace {

template <class Derived>
using CoreWide = VcCore<VcShape<WideMask<4>, -1, 64, false>, Derived>;

} // namespace

std::unique_ptr<NetworkEngine> make_vc_engine_wide(const NetworkPlan& plan, const SinkOptions& sink) {
    return std::make_unique<VcEngine<CoreWide>>(plan, sink);
}

} // namespace intarsia::noc
