// The reference network of `vc` routers.
#pragma once

#include "noc/reference/reference_engine.hpp"

namespace intarsia::noc::reference {

/// See reference_network.hpp.
class VcNetwork final : public ReferenceEngine {
  public:
    VcNetwork(const NetworkPlan& plan, const SinkOptions& sink);
    ~VcNetwork() override;

    [[nodiscard]] std::uint64_t flit_hops() const override;
    [[nodiscard]] std::uint64_t ejected_flits() const override;
    [[nodiscard]] OutputCounters counters(std::uint32_t router, std::uint32_t port) const override;
    [[nodiscard]] std::vector<std::string> describe_waits(std::size_t lines) const override;
    void audit() const override;

  private:
    struct Modules;

    void queue_packet(const TrafficPacket& packet) override;
    void collect_delivered(std::vector<DeliveredPacket>& delivered) const override;
    void collect_hops(std::vector<FlitHop>& hops) const override;
    [[nodiscard]] bool moved() const override;

    std::unique_ptr<Modules> modules_;
};

} // namespace intarsia::noc::reference
