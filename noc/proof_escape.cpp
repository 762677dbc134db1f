#include "noc/proof_escape.hpp"

namespace intarsia::noc {

namespace {

/// Numbers the vertices: doubtful channels, then those with a class and a destination.
class PacketGraph {
  public:
    PacketGraph(const NetworkPlan& plan, ProofWalk& walk, const std::vector<std::uint8_t>& doubtful)
        : walk_(walk), destinations_(plan.routes.endpoints()), index_(doubtful.size(), nobody) {
        for (std::uint32_t channel = 0; channel < doubtful.size(); ++channel) {
            if (doubtful[channel] != 0) {
                index_[channel] = static_cast<std::uint32_t>(channels_.size());
                channels_.push_back(channel);
            }
        }
        classes_ = static_cast<std::uint32_t>(plan.class_vcs.size());
        too_large_ = channels_.size() * classes_ * destinations_ > most_cells;
        if (too_large_) {
            return;
        }
        arrives_.resize((cell(static_cast<std::uint32_t>(channels_.size()), 0, 0) + 63) / 64);
        for (std::uint32_t c = 0; c < classes_; ++c) {
            walk.walk(c, [&](std::uint32_t channel, std::uint32_t destination) {
                if (index_[channel] != nobody) {
                    const std::size_t at = cell(index_[channel], c, destination);
                    arrives_[at / 64] |= std::uint64_t(1) << (at % 64);
                }
            });
        }
    }

    [[nodiscard]] bool too_large() const { return too_large_; }
    [[nodiscard]] std::uint32_t vertices() const {
        return static_cast<std::uint32_t>(channels_.size() * (1 + std::size_t(classes_) * destinations_));
    }
    [[nodiscard]] std::uint32_t channel(std::uint32_t vertex) const {
        return channels_[vertex < channels_.size() ? vertex : (vertex - channels_.size()) / destinations_ / classes_];
    }

    void operator()(std::uint32_t vertex, std::vector<Dependency>& list) const {
        const bool packet = vertex >= channels_.size();
        const auto rest = static_cast<std::uint32_t>(vertex - channels_.size());
        const std::uint32_t index = packet ? rest / destinations_ / classes_ : vertex;
        if (walk_.ends_in_router(channels_[index])) {
            for (std::uint32_t c = 0; c < classes_ && !packet; ++c) {
                for (std::uint32_t d = 0; d < destinations_; ++d) {
                    add(index, c, d, list);
                }
            }
            if (packet) {
                add(index, rest / destinations_ % classes_, rest % destinations_, list);
            }
        } else if (!packet || rest / destinations_ % classes_ == 0) { // at an endpoint: from requests to replies
            const std::size_t first = list.size();
            walk_.dependencies(channels_[index], list);
            translate(first, list);
        }
    }

  private:
    static constexpr std::uint32_t nobody = UINT32_MAX;
    static constexpr std::size_t most_cells = std::size_t(1) << 27;

    [[nodiscard]] std::size_t cell(std::uint32_t index, std::uint32_t message_class, std::uint32_t destination) const {
        return (std::size_t(index) * classes_ + message_class) * destinations_ + destination;
    }

    void add(std::uint32_t index, std::uint32_t message_class, std::uint32_t destination,
             std::vector<Dependency>& list) const {
        const std::size_t at_cell = cell(index, message_class, destination);
        if ((arrives_[at_cell / 64] >> (at_cell % 64) & 1U) == 0) {
            return;
        }
        const std::size_t first = list.size();
        walk_.dependencies(channels_[index], destination, message_class, list);
        translate(first, list);
        for (std::size_t at = first; at < list.size(); ++at) {
            if (!list[at].waits) {
                list[at].to =
                    static_cast<std::uint32_t>(channels_.size() + cell(list[at].to, message_class, destination));
            }
        }
    }

    // From channels to their indices; leaves out those that lie on no cycle.
    void translate(std::size_t first, std::vector<Dependency>& list) const {
        std::size_t kept = first;
        for (std::size_t at = first; at < list.size(); ++at) {
            if (index_[list[at].to] != nobody) {
                list[kept++] = {index_[list[at].to], list[at].waits};
            }
        }
        list.resize(kept);
    }

    ProofWalk& walk_;
    std::uint32_t destinations_;
    std::uint32_t classes_ = 0;
    bool too_large_ = false;
    std::vector<std::uint32_t> index_; ///< by channel
    std::vector<std::uint32_t> channels_;
    std::vector<std::uint64_t> arrives_; ///< a bit a cell: packets that really come
};

} // namespace

std::optional<std::vector<std::uint32_t>> find_escape_cycle(const NetworkPlan& plan, ProofWalk& walk,
                                                            const std::vector<std::uint8_t>& doubtful) {
    const PacketGraph graph(plan, walk, doubtful);
    if (graph.too_large()) {
        return std::nullopt;
    }
    const std::vector<std::uint32_t> component = strong_components(graph.vertices(), graph);
    std::vector<std::uint32_t> cycle = short_waiting_cycle(component, graph);
    for (std::uint32_t& vertex : cycle) {
        vertex = graph.channel(vertex);
    }
    return cycle;
}

} // namespace intarsia::noc
