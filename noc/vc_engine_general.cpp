#include "noc/vc_core.hpp"
#include "noc/vc_engine.hpp"
#include "noc/vc_engine_choices.hpp"

namespace intarsia::noc {

namespace {

template <class Derived>
using CoreGeneral = VcCore<VcShape<WideMask<4>, -1, 64, true>, Derived>;

} // namespace

std::unique_ptr<NetworkEngine> make_vc_engine_general(const NetworkPlan& plan, const SinkOptions& sink) {
    return std::make_unique<VcEngine<CoreGeneral>>(plan, sink);
}

} // namespace intarsia::noc
