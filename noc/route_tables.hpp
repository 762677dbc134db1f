// The routing tables that the engines execute and the deadlock proof reads.
#pragma once

#include "kernel/packet.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace intarsia::noc {

/// One way on: an output port, and the virtual channels there that a head may ask for (before its message class narrows
/// them).
struct RouteOption {
    std::uint16_t port = 0;
    std::uint16_t vcs = 0;
    bool escape = false; ///< belongs to the escape subfunction of adaptive routing (Duato 1993)
};

/// What a table says for a head: one option, or a list of them.
struct RouteEntry {
    static constexpr std::uint16_t is_list = 0xFFFF;
    static constexpr std::uint16_t here = 0xFFFE; ///< in coordinate tables: nothing to do in this dimension
    static constexpr std::uint16_t none = 0xFFFD; ///< this input never carries packets to that destination
    std::uint16_t port = none;
    std::uint16_t vcs = 0; ///< of a list: its number
    bool operator==(const RouteEntry&) const = default;
};

struct RouteList {
    /// Adaptive: the head asks for all options at once. Otherwise bit `random_bit` of the packet's random byte chooses
    /// one of two options.
    bool adaptive = false;
    std::uint8_t random_bit = 0;
    std::vector<RouteOption> options;
};

/// Per router, an input virtual channel (local number: port << vc_bits | vc) selects a row, and the destination a place
/// in it. What a packet may do thus depends on where it is, which channel it came on and where it goes; nothing else.
/// Rows are shared by inputs that route alike. Two forms:
///  - dense: a row has an entry for every endpoint;
///  - by coordinates: a row has, for each level, an entry for every coordinate of that level; the first level whose
///    entry is not `here` decides. The last level is the place at the router (concentration). A grid of many thousand
///    nodes so needs kilobytes, not gigabytes.
class RouteTables {
  public:
    RouteTables() = default;
    /// Dense form. `vc_bits`: ceil(log2(virtual channels)); `ports`: ports of each router.
    RouteTables(std::uint32_t vc_bits, const std::vector<std::uint32_t>& ports, std::uint32_t endpoints);
    /// By coordinates: `extents` is the number of coordinates of each level, `coordinates` [endpoint * levels + level].
    /// `orders` are the sequences in which levels are looked at; a row names one of them.
    RouteTables(std::uint32_t vc_bits, const std::vector<std::uint32_t>& ports, std::vector<std::uint32_t> extents,
                std::vector<std::uint16_t> coordinates, std::vector<std::vector<std::uint8_t>> orders);

    /// A new row of `none` (dense) or `here` (by coordinates) entries; returns its number.
    std::uint32_t add_row(std::uint8_t order = 0);
    /// Sends an input of a router to a row.
    void set_row(std::uint32_t router, std::uint32_t local_input, std::uint32_t row);
    void set(std::uint32_t row, EndpointId destination, RouteEntry entry);                        ///< dense
    void set(std::uint32_t row, std::uint32_t level, std::uint32_t coordinate, RouteEntry entry); ///< by coordinates
    /// An entry that stands for a list; equal lists are kept once.
    RouteEntry add_list(const RouteList& list);

    [[nodiscard]] RouteEntry lookup(std::uint32_t router, std::uint32_t local_input, EndpointId destination) const {
        const Row row = rows_of_input_[first_input_[router] + local_input];
        if (dense_) {
            return entries_[row.start + destination];
        }
        const std::uint16_t* at = &coordinates_[(std::size_t(row.order) * endpoints_ + destination) * levels_];
        const std::uint32_t* offset = &offsets_[std::size_t(row.order) * levels_];
        for (std::uint32_t k = 0;; ++k) {
            const RouteEntry entry = entries_[row.start + offset[k] + at[k]];
            if (entry.port != RouteEntry::here) {
                return entry;
            }
        }
    }
    [[nodiscard]] const RouteList& list(RouteEntry entry) const { return lists_[entry.vcs]; }
    [[nodiscard]] bool has_adaptive_lists() const {
        return std::any_of(lists_.begin(), lists_.end(), [](const RouteList& list) { return list.adaptive; });
    }
    [[nodiscard]] std::uint32_t vc_bits() const { return vc_bits_; }
    [[nodiscard]] bool dense() const { return dense_; }
    [[nodiscard]] std::uint32_t endpoints() const { return endpoints_; }
    /// Rows that inputs of a router use, for readers that treat alike inputs once.
    [[nodiscard]] std::uint32_t row_of(std::uint32_t router, std::uint32_t local_input) const {
        return rows_of_input_[first_input_[router] + local_input].number;
    }
    /// By coordinates: levels, their extents, the orders, and single entries (for the proof, which needs no destination
    /// twice).
    [[nodiscard]] std::uint32_t levels() const { return levels_; }
    [[nodiscard]] const std::vector<std::uint32_t>& extents() const { return extents_; }
    [[nodiscard]] const std::vector<std::uint8_t>& order_of(std::uint32_t row) const {
        return orders_[order_of_row_[row]];
    }
    [[nodiscard]] RouteEntry entry(std::uint32_t row, std::uint32_t level, std::uint32_t coordinate) const;
    /// Of an endpoint, by level (order 0 names every level).
    [[nodiscard]] std::uint16_t coordinate(std::uint32_t endpoint, std::uint32_t level) const {
        std::uint32_t k = 0;
        while (orders_[0][k] != level) {
            ++k;
        }
        return coordinates_[std::size_t(endpoint) * levels_ + k];
    }
    /// The same tables in dense form, for networks small enough that one look-up beats several.
    [[nodiscard]] RouteTables as_dense() const;

  private:
    struct Row {
        std::uint32_t start = 0; ///< of its entries
        std::uint32_t number = 0;
        std::uint8_t order = 0;
    };
    std::uint32_t vc_bits_ = 0;
    std::uint32_t endpoints_ = 0;
    std::uint32_t levels_ = 0;
    std::uint32_t row_size_ = 0;
    bool dense_ = true;
    std::vector<std::uint32_t> first_input_; ///< by router
    std::vector<Row> rows_of_input_;
    std::vector<std::uint8_t> order_of_row_;
    std::vector<RouteEntry> entries_;
    std::vector<RouteList> lists_;
    std::vector<std::uint32_t> extents_;
    std::vector<std::uint32_t> level_offsets_;
    std::vector<std::vector<std::uint8_t>> orders_;
    std::vector<std::uint32_t> offsets_;     ///< [order][k]: where the k-th level looked at begins in a row
    std::vector<std::uint16_t> coordinates_; ///< [order][endpoint][k]
};

} // namespace intarsia::noc
