#include "memory/channel_mapping.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <fmt/format.h>
#include <string_view>

namespace intarsia::memory {

namespace {

constexpr std::array<std::string_view, 6> field_names = {"pc", "sid", "bankgroup", "bank", "column", "row"};

// One mention of a field in the order, as written.
struct Mention {
    std::string_view field;
    std::string_view bits;
    bool has_bits = false;
};

std::vector<Mention> split(std::string_view order) {
    std::vector<Mention> mentions;
    while (true) {
        const std::size_t dash = order.find('-');
        const std::string_view word = order.substr(0, dash);
        const std::size_t colon = word.find(':');
        if (colon == std::string_view::npos) {
            mentions.push_back({word, {}, false});
        } else {
            mentions.push_back({word.substr(0, colon), word.substr(colon + 1), true});
        }
        if (dash == std::string_view::npos) {
            return mentions;
        }
        order.remove_prefix(dash + 1);
    }
}

} // namespace

ChannelMapping::ChannelMapping(const TimingSet& timing, const std::string& order, const std::string& where) {
    std::vector<Diagnostic> faults;
    const auto fault = [&](std::string message, std::string remedy) {
        faults.push_back({{"", 0, 0, where}, std::move(message), std::move(remedy)});
    };
    const Values sizes = {timing.pseudo_channels, timing.stack_ids, timing.bank_groups,
                          timing.banks_per_group, timing.columns(), timing.rows};
    Values left = sizes;
    std::array<bool, field_count> complete{};
    std::array<bool, field_count> in_parts{}; // a part with a number of bits came, the rest has not
    for (const Mention& mention : split(order)) {
        const auto* const name = std::find(field_names.begin(), field_names.end(), mention.field);
        if (name == field_names.end()) {
            fault(fmt::format("address order has an unknown field \"{}\"", mention.field),
                  fmt::format("the fields are {}", fmt::join(field_names, ", ")));
            continue;
        }
        const auto field = static_cast<std::size_t>(name - field_names.begin());
        if (complete[field] && in_parts[field] && !mention.has_bits) {
            in_parts[field] = false; // the parts took all of a small field, and nothing is left for its last mention
            continue;
        }
        if (complete[field]) {
            fault(fmt::format("address order has {} twice", mention.field),
                  fmt::format("remove one, or give the earlier one a number of bits ({}:1)", mention.field));
            continue;
        }
        std::uint32_t radix = left[field];
        if (mention.has_bits) {
            std::uint32_t bits = 0;
            const char* const end = mention.bits.data() + mention.bits.size();
            const auto parsed = std::from_chars(mention.bits.data(), end, bits);
            if (parsed.ec != std::errc() || parsed.ptr != end || bits == 0 || bits > 24 ||
                left[field] % (1U << bits) != 0) {
                fault(fmt::format("address order cannot take \"{}\" bits of {}, which has {} of {} values left",
                                  mention.bits, mention.field, left[field], sizes[field]),
                      "give a number of bits that divides what is left");
                continue;
            }
            radix = 1U << bits;
            in_parts[field] = true;
        }
        const std::uint32_t weight = sizes[field] / left[field];
        left[field] /= radix;
        complete[field] = left[field] == 1;
        if (radix > 1) {
            parts_.push_back({static_cast<Field>(field), radix, weight,
                              static_cast<std::uint8_t>(std::countr_zero(radix)), std::has_single_bit(radix)});
        }
    }
    for (std::size_t field = 0; field < field_count; ++field) {
        if (left[field] != 1) {
            const bool none = left[field] == sizes[field];
            fault(none ? fmt::format("address order misses {}", field_names[field])
                       : fmt::format("address order misses {} of the {} values of {}", left[field], sizes[field],
                                     field_names[field]),
                  fmt::format("add \"-{}\"", field_names[field]));
        }
    }
    if (!faults.empty()) {
        throw InputError(std::move(faults));
    }
    bursts_ = timing.channel_bytes() / timing.access_bytes();
}

BurstAddress ChannelMapping::at(std::uint64_t burst) const {
    Values values{};
    for (const Part& part : parts_) {
        std::uint64_t digit = 0;
        if (part.power_of_two) {
            digit = burst & (part.radix - 1);
            burst >>= part.shift;
        } else {
            digit = burst % part.radix;
            burst /= part.radix;
        }
        values[part.field] += static_cast<std::uint32_t>(digit) * part.weight;
    }
    return {values[row],
            static_cast<std::uint16_t>(values[column]),
            static_cast<std::uint8_t>(values[pc]),
            static_cast<std::uint8_t>(values[sid]),
            static_cast<std::uint8_t>(values[bankgroup]),
            static_cast<std::uint8_t>(values[bank])};
}

std::uint64_t ChannelMapping::burst_of(const BurstAddress& address) const {
    const Values values = {address.pseudo_channel, address.stack_id, address.bank_group,
                           address.bank,           address.column,   address.row};
    std::uint64_t burst = 0;
    std::uint64_t weight = 1;
    for (const Part& part : parts_) {
        burst += values[part.field] / part.weight % part.radix * weight;
        weight *= part.radix;
    }
    return burst;
}

} // namespace intarsia::memory
