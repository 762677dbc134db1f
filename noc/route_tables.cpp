#include "noc/route_tables.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace intarsia::noc {

namespace {

/// Where each router's inputs begin, and their number at the end.
std::vector<std::uint32_t> input_starts(std::uint32_t vc_bits, const std::vector<std::uint32_t>& ports) {
    std::vector<std::uint32_t> starts(ports.size() + 1, 0);
    for (std::size_t router = 0; router < ports.size(); ++router) {
        starts[router + 1] = starts[router] + (ports[router] << vc_bits);
    }
    return starts;
}

bool same_options(const RouteOption& a, const RouteOption& b) {
    return a.port == b.port && a.vcs == b.vcs && a.escape == b.escape;
}

} // namespace

RouteTables::RouteTables(std::uint32_t vc_bits, const std::vector<std::uint32_t>& ports, std::uint32_t endpoints)
    : vc_bits_(vc_bits), endpoints_(endpoints), row_size_(endpoints), first_input_(input_starts(vc_bits, ports)),
      rows_of_input_(first_input_.back()), orders_(1) {
    add_row();
}

RouteTables::RouteTables(std::uint32_t vc_bits, const std::vector<std::uint32_t>& ports,
                         std::vector<std::uint32_t> extents, std::vector<std::uint16_t> coordinates,
                         std::vector<std::vector<std::uint8_t>> orders)
    : vc_bits_(vc_bits), levels_(static_cast<std::uint32_t>(extents.size())), dense_(false),
      first_input_(input_starts(vc_bits, ports)), rows_of_input_(first_input_.back()), extents_(std::move(extents)),
      level_offsets_(extents_.size()), orders_(std::move(orders)) {
    require(levels_ > 0 && coordinates.size() % levels_ == 0, "an endpoint has a coordinate of every level");
    endpoints_ = static_cast<std::uint32_t>(coordinates.size() / levels_);
    std::exclusive_scan(extents_.begin(), extents_.end(), level_offsets_.begin(), 0U);
    row_size_ = level_offsets_.back() + extents_.back();
    coordinates_.reserve(orders_.size() * coordinates.size());
    for (const std::vector<std::uint8_t>& order : orders_) {
        require(order.size() == levels_, "an order names every level");
        for (const std::uint8_t level : order) {
            offsets_.push_back(level_offsets_[level]);
        }
        for (std::size_t start = 0; start < coordinates.size(); start += levels_) {
            for (const std::uint8_t level : order) {
                coordinates_.push_back(coordinates[start + level]);
            }
        }
    }
    add_row();
    std::fill(entries_.begin(), entries_.end(), RouteEntry{});
}

std::uint32_t RouteTables::add_row(std::uint8_t order) {
    require(order < orders_.size(), "a row names an order that exists");
    const auto number = static_cast<std::uint32_t>(order_of_row_.size());
    order_of_row_.push_back(order);
    entries_.resize(entries_.size() + row_size_, dense_ ? RouteEntry{} : RouteEntry{RouteEntry::here, 0});
    return number;
}

void RouteTables::set_row(std::uint32_t router, std::uint32_t local_input, std::uint32_t row) {
    require(row < order_of_row_.size(), "an input is sent to a row that exists");
    const std::size_t start = std::size_t(row) * row_size_;
    require(start + row_size_ <= UINT32_MAX, "tables hold fewer than 2^32 entries");
    rows_of_input_[first_input_[router] + local_input] = {static_cast<std::uint32_t>(start), row, order_of_row_[row]};
}

void RouteTables::set(std::uint32_t row, EndpointId destination, RouteEntry entry) {
    require(dense_ && destination < endpoints_, "a dense row is set by destination");
    entries_[std::size_t(row) * row_size_ + destination] = entry;
}

void RouteTables::set(std::uint32_t row, std::uint32_t level, std::uint32_t coordinate, RouteEntry entry) {
    require(!dense_ && level < levels_ && coordinate < extents_[level], "a row by coordinates is set by coordinate");
    entries_[std::size_t(row) * row_size_ + level_offsets_[level] + coordinate] = entry;
}

RouteEntry RouteTables::add_list(const RouteList& list) {
    const auto same = std::find_if(lists_.begin(), lists_.end(), [&](const RouteList& other) {
        return other.adaptive == list.adaptive && other.random_bit == list.random_bit &&
               std::equal(other.options.begin(), other.options.end(), list.options.begin(), list.options.end(),
                          same_options);
    });
    const auto number = static_cast<std::uint16_t>(same - lists_.begin());
    if (same == lists_.end()) {
        require(lists_.size() < UINT16_MAX, "fewer than 65535 different lists of options");
        lists_.push_back(list);
    }
    return {RouteEntry::is_list, number};
}

RouteEntry RouteTables::entry(std::uint32_t row, std::uint32_t level, std::uint32_t coordinate) const {
    return entries_[std::size_t(row) * row_size_ + level_offsets_[level] + coordinate];
}

RouteTables RouteTables::as_dense() const {
    if (dense_) {
        return *this;
    }
    RouteTables dense;
    dense.vc_bits_ = vc_bits_;
    dense.endpoints_ = endpoints_;
    dense.row_size_ = endpoints_;
    dense.first_input_ = first_input_;
    dense.rows_of_input_ = rows_of_input_;
    dense.order_of_row_.assign(order_of_row_.size(), 0);
    dense.orders_.resize(1);
    dense.lists_ = lists_;
    require(order_of_row_.size() * endpoints_ <= UINT32_MAX, "tables hold fewer than 2^32 entries");
    for (Row& row : dense.rows_of_input_) {
        row.start = row.number * endpoints_;
        row.order = 0;
    }
    dense.entries_.resize(order_of_row_.size() * endpoints_);
    for (std::uint32_t row = 0; row < order_of_row_.size(); ++row) {
        const std::vector<std::uint8_t>& order = orders_[order_of_row_[row]];
        const std::uint16_t* at = &coordinates_[std::size_t(order_of_row_[row]) * endpoints_ * levels_];
        for (std::uint32_t destination = 0; destination < endpoints_; ++destination, at += levels_) {
            RouteEntry found{RouteEntry::here, 0};
            for (std::uint32_t k = 0; k < levels_ && found.port == RouteEntry::here; ++k) {
                found = entry(row, order[k], at[k]);
            }
            dense.entries_[std::size_t(row) * endpoints_ + destination] = found;
        }
    }
    return dense;
}

} // namespace intarsia::noc
