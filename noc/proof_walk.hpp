// Follows packets through the routing tables and notes which channel is asked for from which.
#pragma once

#include "noc/deadlock_proof.hpp"
#include "noc/proof_channels.hpp"
#include "noc/proof_graph.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

namespace intarsia::noc {

/// All dependencies that packets of the classes walked so far cause.
class ProofWalk {
  public:
    ProofWalk(const NetworkPlan& plan, const ProofOptions& options, const DestinationSpace& space,
              const ProofRows& rows, const ProofChannels& channels, ProofFaults& faults);

    /// Called with channels and destinations for which packets arrive on them.
    using Visitor = std::function<void(std::uint32_t channel, std::uint32_t destination)>;

    /// Follows all packets of a message class, and shows `visit`, if there is one, all that arrives where. Memory: for
    /// dense tables two masks of at most 1,024 destinations a channel.
    void walk(std::uint32_t message_class, const Visitor& visit = {});

    /// Appends the dependencies of a channel, whatever the destination, in ascending order.
    void dependencies(std::uint32_t channel, std::vector<Dependency>& list) const;

    /// Appends those of packets that arrive on a channel for one destination.
    void dependencies(std::uint32_t channel, std::uint32_t destination, std::uint32_t message_class,
                      std::vector<Dependency>& list);

    /// Not towards an endpoint or the border.
    [[nodiscard]] bool ends_in_router(std::uint32_t channel) const { return arrival_[channel].exists(); }

    /// Some packet that arrives on the channel has an adaptive list, with or without escapes.
    [[nodiscard]] bool adapts(std::uint32_t channel) const { return marks_[channel] & (with_escape | without_escape); }
    [[nodiscard]] bool lacks_escape(std::uint32_t channel) const { return marks_[channel] & without_escape; }

  private:
    static constexpr std::uint8_t with_escape = 1;
    static constexpr std::uint8_t without_escape = 2;
    static constexpr std::uint8_t takes_requests = 4; ///< an endpoint takes packets of class 0 from the channel

    /// The options of an entry as ports and groups, narrowed to the class.
    struct Way {
        std::uint32_t port = 0;
        std::uint32_t groups = 0;
        bool waits = true;
    };

    void seed(std::uint32_t message_class);
    void drain();
    void show(const Visitor& visit) const;
    void expand(std::uint32_t channel, const std::uint64_t* box);
    void take(std::uint32_t channel, RouteEntry entry, const std::uint64_t* box);
    void go(std::uint32_t channel, const Way& way, const std::uint64_t* box);
    void add(std::uint32_t channel, const std::uint64_t* box);
    void add_product(std::uint32_t channel, const std::uint64_t* box);
    void refuse(std::uint32_t channel, const std::uint64_t* box, const char* what, const char* remedy);
    [[nodiscard]] const char* resolve(PortEnd at, RouteEntry entry, std::uint32_t class_groups, std::vector<Way>& ways,
                                      std::uint8_t& marks) const;
    [[nodiscard]] bool from_border(std::uint32_t channel) const;
    /// A destination in a box, `except` left out; nobody if there is none.
    [[nodiscard]] std::uint32_t find(const std::uint64_t* box, std::uint32_t except) const;

    const NetworkPlan& plan_;
    const ProofOptions& options_;
    const DestinationSpace& space_;
    const ProofRows& rows_;
    const ProofChannels& channels_;
    ProofFaults& faults_;
    bool escapes_count_;

    std::vector<PortEnd> arrival_;   ///< by channel
    std::vector<std::uint32_t> row_; ///< by channel: index of its row
    std::vector<std::size_t>
        first_bits_; ///< by channel: words of waits_ and steps_, a bit a (port, group) of its router
    std::vector<std::uint64_t> waits_;
    std::vector<std::uint64_t> steps_;
    std::vector<std::uint8_t> marks_; ///< by channel

    // Of the class being walked, and for dense tables of a window of destinations.
    std::uint32_t class_ = 0;
    std::uint32_t class_groups_ = 0;
    std::uint32_t window_ = 0; ///< first word
    std::uint32_t words_ = 0;
    std::vector<std::uint8_t> wanted_; ///< destinations of the class, a flag each; empty: all
    std::vector<std::vector<std::uint64_t>> reached_;
    std::vector<std::vector<std::uint64_t>> pending_;
    std::deque<std::uint32_t> queue_; ///< channels with something pending
    std::vector<std::uint64_t> taken_;
    std::vector<std::uint64_t> rest_;
    std::vector<std::uint64_t> served_;
    std::vector<Way> ways_;
};

} // namespace intarsia::noc
