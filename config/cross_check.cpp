#include "config/cross_check.hpp"

#include "config/d2d_formats.hpp"
#include "config/hbm_peak.hpp"
#include "config/rule.hpp"
#include "config/section_text.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <numeric>
#include <set>
#include <tuple>

namespace intarsia::config {

namespace {

using namespace std::string_view_literals;

/// Limits of the network engine: its bit masks, and the range of endpoint numbers.
constexpr std::uint32_t max_vcs = 16;
constexpr std::uint32_t max_router_ports = 16;
constexpr std::uint64_t max_endpoints = 65'535;
constexpr std::uint32_t burst_bytes = 32; ///< of an HBM access: packets carry whole bursts

std::string text(RouterPosition router) {
    return fmt::format("[{}, {}]", router.column, router.row);
}

bool overlap(Point a, Micrometres a_width, Micrometres a_height, Point b, Micrometres b_width, Micrometres b_height) {
    return a.x < b.x + b_width && b.x < a.x + a_width && a.y < b.y + b_height && b.y < a.y + a_height;
}

class Checker {
  public:
    Checker(const SystemConfig& system, const Node& root, Faults& faults)
        : system_(system), root_(root), faults_(faults) {}

    void run() {
        check_names("die", system_.dies);
        check_names("d2d", system_.links);
        check_names("stack", system_.stacks);
        if (system_.dies.empty()) {
            fault(root_, "the system has no die", "add a [[die]]");
            return;
        }
        for (std::size_t i = 0; i < system_.dies.size(); ++i) {
            check_die(i);
        }
        check_uniform_packets();
        check_floorplan();
        for (std::size_t i = 0; i < system_.links.size(); ++i) {
            check_link(i);
        }
        check_reachability();
        for (std::size_t i = 0; i < system_.stacks.size(); ++i) {
            check_stack(i);
        }
        check_ranks();
        check_placement();
        check_ports();
    }

  private:
    // The smallest d2d_flit, 64 bytes, in a picosecond.
    static constexpr double fastest_framed_bytes_per_s = 64e12;

    using Path = std::initializer_list<std::variant<std::string_view, std::size_t>>;

    void fault(const Node& node, std::string message, std::string remedy) {
        faults_.add(node.place(), std::move(message), std::move(remedy));
    }
    void fault(Path path, std::string message, std::string remedy) {
        fault(place_of(root_, path), std::move(message), std::move(remedy));
    }

    template <class Element>
    void check_names(std::string_view array, const std::vector<Element>& elements) {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < elements.size(); ++i) {
            if (!seen.insert(elements[i].name).second) {
                fault({array, i, "name"sv},
                      fmt::format("a second [[{}]] is named {}", array, in_quotes(elements[i].name)),
                      "give each its own name");
            }
        }
    }

    void check_die(std::size_t i) {
        const NetworkConfig& network = system_.dies[i].network;
        const CoreConfig& core = system_.dies[i].core;
        const std::string name = in_quotes(system_.dies[i].name);
        if (core.columns > network.columns || core.rows > network.rows) {
            fault({"die"sv, i, "core"sv, core.columns > network.columns ? "columns"sv : "rows"sv},
                  fmt::format("{} x {} cores of die {} do not fit on its mesh of {} x {} routers", core.columns,
                              core.rows, name, network.columns, network.rows),
                  "enlarge [network] columns and rows, or reduce those of [core]");
        }
        if (network.request_vcs + network.reply_vcs > max_vcs) {
            fault({"die"sv, i, "network"sv, "reply_vcs"sv},
                  fmt::format("{} request and {} reply virtual channels are more than {}", network.request_vcs,
                              network.reply_vcs, max_vcs),
                  "reduce request_vcs or reply_vcs");
        }
        if (network.header_bytes > network.flit_bytes) {
            fault({"die"sv, i, "network"sv, "header_bytes"sv},
                  fmt::format("a header of {} bytes does not fit into a flit of {}", network.header_bytes,
                              network.flit_bytes),
                  "enlarge flit_bytes");
        }
        if (network.max_payload_bytes % burst_bytes != 0) {
            fault({"die"sv, i, "network"sv, "max_payload_bytes"sv},
                  fmt::format("max_payload_bytes = {} is no multiple of {}", network.max_payload_bytes, burst_bytes),
                  "packets carry whole bursts of the DRAM");
        }
        const std::uint64_t least_landing = 16ULL * network.max_payload_bytes;
        if (core.landing_buffer.count() < least_landing) {
            fault({"die"sv, i, "core"sv, "landing_buffer"sv},
                  fmt::format("landing_buffer = {} is less than 16 packets",
                              quantity_text(core.landing_buffer.count(), Unit::size)),
                  fmt::format("give it at least {}", quantity_text(least_landing, Unit::size)));
        }
        const std::uint64_t free_sram = core.sram > core.landing_buffer ? (core.sram - core.landing_buffer).count() : 0;
        const std::uint64_t needed = std::max<std::uint64_t>(32U << 10U, 8 * system_.placement.interleave.count());
        if (free_sram < needed) {
            fault({"die"sv, i, "core"sv, "landing_buffer"sv},
                  fmt::format("sram less landing_buffer leaves {} for tiles", quantity_text(free_sram, Unit::size)),
                  fmt::format("leave at least {} (eight interleaving units, and 32 KiB)",
                              quantity_text(needed, Unit::size)));
        }
    }

    /// Flits and packets cross dies as they are, so all networks must cut them alike.
    void check_uniform_packets() {
        const NetworkConfig& first = system_.dies.front().network;
        const auto check = [&](std::size_t i, std::string_view key, std::uint32_t mine, std::uint32_t others) {
            if (mine != others) {
                fault({"die"sv, i, "network"sv, key},
                      fmt::format("{} = {} of die {} differs from {} of die {}", key, mine,
                                  in_quotes(system_.dies[i].name), others, in_quotes(system_.dies.front().name)),
                      "give all dies the same: packets cross them unchanged");
            }
        };
        for (std::size_t i = 1; i < system_.dies.size(); ++i) {
            const NetworkConfig& network = system_.dies[i].network;
            check(i, "flit_bytes", network.flit_bytes, first.flit_bytes);
            check(i, "header_bytes", network.header_bytes, first.header_bytes);
            check(i, "max_payload_bytes", network.max_payload_bytes, first.max_payload_bytes);
            check(i, "request_vcs", network.request_vcs, first.request_vcs);
            check(i, "reply_vcs", network.reply_vcs, first.reply_vcs);
        }
    }

    void check_floorplan() {
        const PackageConfig& package = system_.package;
        for (std::size_t i = 0; i < system_.dies.size(); ++i) {
            const DieConfig& die = system_.dies[i];
            for (std::size_t j = 0; j < i; ++j) {
                const DieConfig& other = system_.dies[j];
                if (overlap(die.position, die.width, die.height, other.position, other.width, other.height)) {
                    fault({"die"sv, i, "position"sv},
                          fmt::format("dies {} and {} overlap", in_quotes(other.name), in_quotes(die.name)),
                          "move one of them");
                }
            }
            const bool too_wide = package.width > 0 && die.position.x + die.width > package.width;
            const bool too_high = package.height > 0 && die.position.y + die.height > package.height;
            if (too_wide || too_high) {
                fault({"die"sv, i, "position"sv},
                      fmt::format("die {} reaches beyond the package of {} x {}", in_quotes(die.name),
                                  quantity_text(package.width, Unit::length),
                                  quantity_text(package.height, Unit::length)),
                      "move the die, or enlarge [package] width and height");
            }
        }
        for (std::size_t i = 0; i < system_.stacks.size(); ++i) {
            const HbmStackConfig& stack = system_.stacks[i];
            if (stack.position.x == 0 && stack.position.y == 0) {
                continue; // not placed
            }
            for (const DieConfig& die : system_.dies) {
                if (overlap(stack.position, 1, 1, die.position, die.width, die.height)) {
                    fault({"stack"sv, i, "position"sv},
                          fmt::format("stack {} lies on die {}", in_quotes(stack.name), in_quotes(die.name)),
                          "move one of them");
                }
            }
        }
    }

    bool is_in_mesh(std::uint32_t die, RouterPosition router) const {
        const NetworkConfig& network = system_.dies[die].network;
        return router.column < network.columns && router.row < network.rows;
    }

    void check_router(const Node& place, std::uint32_t die, RouterPosition router) {
        if (!is_in_mesh(die, router)) {
            const DieConfig& config = system_.dies[die];
            fault(place, fmt::format("die {} has no router {}", in_quotes(config.name), text(router)),
                  fmt::format("its columns are 0 to {} and its rows 0 to {}", config.network.columns - 1,
                              config.network.rows - 1));
        }
    }

    void check_link(std::size_t i) {
        const D2dLinkConfig& link = system_.links[i];
        if (link.from_die == link.to_die) {
            fault({"d2d"sv, i, "to_die"sv},
                  fmt::format("link {} joins die {} to itself", in_quotes(link.name),
                              in_quotes(system_.dies[link.from_die].name)),
                  "name two different dies");
        }
        check_router(place_of(root_, {"d2d"sv, i, "from_router"sv}), link.from_die, link.from_router);
        check_router(place_of(root_, {"d2d"sv, i, "to_router"sv}), link.to_die, link.to_router);
        End from{link.from_die, link.from_router.column, link.from_router.row};
        End to{link.to_die, link.to_router.column, link.to_router.row};
        if (!joined_.insert(std::minmax(from, to)).second) {
            fault({"d2d"sv, i}, fmt::format("link {} is the second between its two routers", in_quotes(link.name)),
                  "remove it, and give the other more lanes");
        }
        if (link.transfers_per_s % 1'000'000 != 0) {
            fault({"d2d"sv, i, "transfer_rate"sv},
                  fmt::format("transfer_rate = {} T/s is no whole number of MT/s", link.transfers_per_s), "round it");
        }
        const D2dFormat* format = find_d2d_format(link.flit_format);
        if (link.ber > 0 && (format == nullptr || !format->has_crc || !link.retry)) {
            fault({"d2d"sv, i, "ber"sv},
                  fmt::format("link {} has bit errors but no retry, so packets would be lost", in_quotes(link.name)),
                  "set retry = true and a flit_format with CRC, such as 256B, or ber = 0");
        }
        const double lane_bytes_per_s = link.lanes * static_cast<double>(link.transfers_per_s) / 8;
        if (format != nullptr && lane_bytes_per_s > fastest_framed_bytes_per_s) {
            fault({"d2d"sv, i, "lanes"sv},
                  fmt::format("link {} sends a d2d_flit in less than a picosecond", in_quotes(link.name)),
                  fmt::format("reduce lanes or transfer_rate: the largest is {:g} bytes a second",
                              fastest_framed_bytes_per_s));
        }
        const double flit_bits = 8.0 * system_.dies[link.from_die].network.flit_bytes;
        const double flits_per_s =
            link.lanes * static_cast<double>(link.transfers_per_s) * link.payload_efficiency / flit_bits;
        if (flits_per_s > 1e11) {
            fault({"d2d"sv, i, "lanes"sv},
                  fmt::format("link {} carries {:.3g} flits a second", in_quotes(link.name), flits_per_s),
                  "reduce lanes or transfer_rate: the largest is 1e+11");
        }
    }

    void check_reachability() {
        std::vector<std::size_t> group(system_.dies.size());
        std::iota(group.begin(), group.end(), std::size_t{0});
        for (const D2dLinkConfig& link : system_.links) {
            const std::size_t kept = group[link.from_die];
            std::replace(group.begin(), group.end(), std::size_t{group[link.to_die]}, kept);
        }
        for (std::size_t i = 1; i < group.size(); ++i) {
            if (group[i] != group.front()) {
                fault({"die"sv, i, "name"sv},
                      fmt::format("no way leads from die {} to die {}", in_quotes(system_.dies.front().name),
                                  in_quotes(system_.dies[i].name)),
                      "join them by a [[d2d]]");
            }
        }
    }

    void check_stack(std::size_t i) {
        const HbmStackConfig& stack = system_.stacks[i];
        std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
        for (std::size_t r = 0; r < stack.routers.size(); ++r) {
            const RouterPosition router = stack.routers[r];
            check_router(place_of(root_, {"stack"sv, i, "routers"sv, r}), stack.die, router);
            if (!seen.insert({router.column, router.row}).second) {
                fault({"stack"sv, i, "routers"sv, r},
                      fmt::format("stack {} names router {} twice", in_quotes(stack.name), text(router)),
                      "name each router once: it gets one network interface");
            }
        }
        if (stack.channels % stack.routers.size() != 0) {
            fault({"stack"sv, i, "channels"sv},
                  fmt::format("{} channels of stack {} cannot be dealt evenly to {} network interfaces", stack.channels,
                              in_quotes(stack.name), stack.routers.size()),
                  "make channels a multiple of the number of routers");
        }
        const HbmPeak peak = hbm_peak(stack);
        if (peak.channels > 0 && stack.channels > peak.channels) {
            fault({"stack"sv, i, "channels"sv},
                  fmt::format("{} channels are more than the {} of a stack of {}", stack.channels, peak.channels,
                              stack.timing_set),
                  "reduce channels, or choose another timing_set");
        }
        if (peak.capacity_bytes == 0) {
            fault({"stack"sv, i, "timing_set"sv},
                  fmt::format("timing set {} leaves the size of the stack open", stack.timing_set),
                  "choose a complete set, or give stack_ids, rows and the other open columns in 'timing'");
        }
        if (stack.controller.write_drain_low >= stack.controller.write_drain_high) {
            fault({"stack"sv, i, "controller"sv, "write_drain_low"sv},
                  fmt::format("write_drain_low = {} is not below write_drain_high = {}",
                              stack.controller.write_drain_low, stack.controller.write_drain_high),
                  "leave room between the two marks");
        }
    }

    void check_ranks() {
        std::set<std::uint32_t> seen;
        for (std::size_t rank = 0; rank < system_.rank_dies.size(); ++rank) {
            if (!seen.insert(system_.rank_dies[rank]).second) {
                fault({"ranks"sv, "dies"sv, rank},
                      fmt::format("die {} gets a second rank", in_quotes(system_.dies[system_.rank_dies[rank]].name)),
                      "give each die one rank at most");
            }
        }
    }

    void check_placement() {
        const PlacementConfig& placement = system_.placement;
        const std::uint64_t interleave = placement.interleave.count();
        const std::uint32_t payload = system_.dies.front().network.max_payload_bytes;
        if (!std::has_single_bit(interleave) || interleave % payload != 0) {
            fault({"placement"sv, "interleave"sv},
                  fmt::format("interleave = {} is not a power of two that max_payload_bytes = {} divides",
                              quantity_text(interleave, Unit::size), payload),
                  "a packet goes to one channel, and addresses are split by bits");
        }
        bool any_interleaved = placement.home == "interleaved";
        bool any_on_die = !any_interleaved;
        for (const TensorPlacement& tensor : placement.tensors) {
            (tensor.home == "interleaved" ? any_interleaved : any_on_die) = true;
        }
        if (system_.stacks.empty()) {
            fault(root_, "the system has no HBM stack", "add a [[stack]]");
            return;
        }
        if (any_interleaved && placement.interleaved_fraction <= 0) {
            fault({"placement"sv, "interleaved_fraction"sv}, "no space is kept for interleaved tensors",
                  "make interleaved_fraction larger than 0");
        }
        if (any_on_die && placement.interleaved_fraction >= 1) {
            fault({"placement"sv, "interleaved_fraction"sv}, "no space is left for tensors on the dies",
                  "make interleaved_fraction smaller than 1");
        }
        for (std::uint32_t rank = 0; any_on_die && rank < system_.rank_dies.size(); ++rank) {
            const std::uint32_t die = system_.rank_dies[rank];
            const bool has_stack = std::any_of(system_.stacks.begin(), system_.stacks.end(),
                                               [&](const HbmStackConfig& stack) { return stack.die == die; });
            if (!has_stack) {
                fault({"die"sv, std::size_t{die}, "name"sv},
                      fmt::format("die {} runs rank {} but has no stack for local tensors",
                                  in_quotes(system_.dies[die].name), rank),
                      "add a [[stack]] to it, or set [placement] home = \"interleaved\"");
            }
        }
    }

    /// Ports of each router and endpoints of the package, against the engine's limits.
    void check_ports() {
        std::uint64_t endpoints = 0;
        std::vector<std::vector<std::uint32_t>> ports;
        for (const DieConfig& die : system_.dies) {
            const NetworkConfig& network = die.network;
            endpoints += std::uint64_t{die.core.columns} * die.core.rows;
            std::vector<std::uint32_t>& of_die = ports.emplace_back();
            for (std::uint32_t row = 0; row < network.rows; ++row) {
                for (std::uint32_t column = 0; column < network.columns; ++column) {
                    const bool has_core = column < die.core.columns && row < die.core.rows;
                    of_die.push_back((column > 0 ? 1U : 0U) + (column + 1 < network.columns ? 1U : 0U) +
                                     (row > 0 ? 1U : 0U) + (row + 1 < network.rows ? 1U : 0U) + (has_core ? 1U : 0U));
                }
            }
        }
        const auto add = [&](const Node& place, std::uint32_t die, RouterPosition router) {
            if (!is_in_mesh(die, router)) {
                return;
            }
            const DieConfig& config = system_.dies[die];
            if (++ports[die][router.row * config.network.columns + router.column] == max_router_ports + 1) {
                fault(place,
                      fmt::format("router {} of die {} gets more than {} ports", text(router), in_quotes(config.name),
                                  max_router_ports),
                      "spread interfaces and links over more routers");
            }
        };
        for (std::size_t i = 0; i < system_.stacks.size(); ++i) {
            const HbmStackConfig& stack = system_.stacks[i];
            endpoints += stack.routers.size();
            for (std::size_t r = 0; r < stack.routers.size(); ++r) {
                add(place_of(root_, {"stack"sv, i, "routers"sv, r}), stack.die, stack.routers[r]);
            }
        }
        for (std::size_t i = 0; i < system_.links.size(); ++i) {
            const D2dLinkConfig& link = system_.links[i];
            add(place_of(root_, {"d2d"sv, i, "from_router"sv}), link.from_die, link.from_router);
            add(place_of(root_, {"d2d"sv, i, "to_router"sv}), link.to_die, link.to_router);
        }
        if (endpoints > max_endpoints) {
            fault(root_, fmt::format("{} cores and stack interfaces are too many", endpoints),
                  fmt::format("a package holds at most {}", max_endpoints));
        }
    }

    using End = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;

    const SystemConfig& system_;
    const Node& root_;
    Faults& faults_;
    std::set<std::pair<End, End>> joined_;
};

} // namespace

void cross_check(const SystemConfig& system, const Node& root, Faults& faults) {
    Checker(system, root, faults).run();
}

} // namespace intarsia::config
