// A network without a network, for tests of what drives one: every figure that it must lead to can be said beforehand.
#pragma once

#include "noc/network_engine.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace intarsia::tests {

/// `nodes` endpoints at one router each, no links.
inline noc::NetworkPlan fake_plan(std::uint32_t nodes, std::uint32_t classes = 1) {
    noc::NetworkPlan plan;
    plan.name = "fake";
    for (std::uint32_t n = 0; n < nodes; ++n) {
        noc::NetworkPort port;
        port.use = noc::PortUse::endpoint;
        port.endpoint = n;
        port.name = "P";
        plan.routers.push_back({{port}, "r" + std::to_string(n), {}});
        plan.endpoints.push_back({n, 0, "n" + std::to_string(n)});
    }
    plan.class_vcs.assign(classes, 1);
    return plan;
}

/// A source sends one flit every `interval` cycles, in order; a flit arrives `latency` cycles after it was sent. It so
/// saturates at 1 / interval, and a packet of P flits alone takes latency + interval (P - 1) cycles.
class FakeNetwork : public noc::NetworkEngine {
  public:
    struct Behaviour {
        std::uint64_t latency = 10;
        std::uint64_t interval = 1;
        std::uint64_t swallow_after = UINT64_MAX; ///< from this cycle on nothing arrives any more
    };
    FakeNetwork(const noc::NetworkPlan& plan, Behaviour behaviour)
        : behaviour_(behaviour), free_at_(plan.endpoints.size(), 0), flits_out_(plan.endpoints.size()) {}

    void offer(const noc::TrafficPacket& packet) override {
        offered_.push_back(packet);
        ++in_flight_;
        noc::DeliveredPacket d;
        d.packet = packet;
        d.hops = 1;
        d.inject_head = std::max(packet.created, free_at_[packet.source]);
        d.inject_tail = d.inject_head + behaviour_.interval * (packet.flits - 1);
        free_at_[packet.source] = d.inject_tail + behaviour_.interval;
        d.eject_head = d.inject_head + behaviour_.latency;
        d.eject_tail = d.inject_tail + behaviour_.latency;
        d.flit_latency_sum = behaviour_.latency * packet.flits;
        for (std::uint32_t f = 0; f < packet.flits; ++f) {
            const std::uint64_t cycle = d.eject_head + behaviour_.interval * f;
            flits_.emplace(cycle, noc::FlitHop{cycle, packet.destination, 0, packet.id, f});
        }
        arrivals_.emplace(d.eject_tail, d);
    }
    void tick(std::uint64_t cycle) override {
        ++ticks_;
        delivered_.clear();
        if (cycle >= behaviour_.swallow_after) {
            return;
        }
        while (!flits_.empty() && flits_.begin()->first <= cycle) {
            const noc::FlitHop hop = flits_.begin()->second;
            flits_.erase(flits_.begin());
            ++ejected_;
            ++flits_out_[hop.router];
            last_progress_ = cycle;
            if (hops_ != nullptr) {
                hops_->push_back(hop);
            }
        }
        while (!arrivals_.empty() && arrivals_.begin()->first <= cycle) {
            delivered_.push_back(arrivals_.begin()->second);
            arrivals_.erase(arrivals_.begin());
            --in_flight_;
        }
    }
    std::uint64_t next_cycle(std::uint64_t cycle) const override {
        if (flits_.empty()) {
            return UINT64_MAX;
        }
        return cycle >= behaviour_.swallow_after ? cycle + 1000 : flits_.begin()->first;
    }
    const std::vector<noc::DeliveredPacket>& delivered() const override { return delivered_; }
    void record_hops(std::vector<noc::FlitHop>* hops) override { hops_ = hops; }
    std::uint64_t flit_hops() const override { return ejected_; }
    std::uint64_t ejected_flits() const override { return ejected_; }
    std::uint64_t in_flight() const override { return in_flight_; }
    std::uint64_t last_progress() const override { return last_progress_; }
    noc::OutputCounters counters(std::uint32_t router, std::uint32_t) const override {
        noc::OutputCounters counters;
        counters.flits = {flits_out_[router]};
        counters.no_credit = 2 * flits_out_[router];
        return counters;
    }
    std::vector<std::string> describe_waits(std::size_t) const override { return {"r0 waits for r1"}; }
    void audit() const override { require(in_flight_ == 0, "all packets have arrived"); }

    const std::vector<noc::TrafficPacket>& offered() const { return offered_; }
    std::uint64_t ticks() const { return ticks_; }

  private:
    Behaviour behaviour_;
    std::vector<std::uint64_t> free_at_;
    std::vector<std::uint64_t> flits_out_;
    std::multimap<std::uint64_t, noc::FlitHop> flits_;
    std::multimap<std::uint64_t, noc::DeliveredPacket> arrivals_;
    std::vector<noc::DeliveredPacket> delivered_;
    std::vector<noc::TrafficPacket> offered_;
    std::vector<noc::FlitHop>* hops_ = nullptr;
    std::uint64_t in_flight_ = 0;
    std::uint64_t ejected_ = 0;
    std::uint64_t last_progress_ = 0;
    std::uint64_t ticks_ = 0;
};

} // namespace intarsia::tests
