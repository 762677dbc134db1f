#include "noc/plane_core.hpp"
#include "noc/vc_engine.hpp"
#include "noc/vc_engine_choices.hpp"

namespace intarsia::noc {

namespace {

template <class Derived>
using MeshCore = PlaneCore<5, 2, 4, Derived>;
template <class Derived>
using AnyCore = PlaneCore<-1, -1, 6, Derived>;

} // namespace

std::unique_ptr<NetworkEngine> make_plane_engine(const NetworkPlan& plan, const SinkOptions& sink) {
    const std::uint32_t deepest = std::max(plan.routers.front().ports.front().buffer_flits, sink.buffer_flits);
    if (plan.most_ports() == 5 && plan.routes.vc_bits() == 2 && deepest < 16) {
        return std::make_unique<VcEngine<MeshCore>>(plan, sink);
    }
    return std::make_unique<VcEngine<AnyCore>>(plan, sink);
}

} // namespace intarsia::noc
