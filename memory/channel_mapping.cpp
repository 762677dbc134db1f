#include "memory/channel_mapping.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <string_view>

namespace intarsia::memory {

namespace {

constexpr std::array<std::string_view, 6> field_names = {"pc", "sid", "bankgroup", "bank", "column", "row"};
constexpr std::size_t most_text = 2'000; // characters of an order or a hash

std::optional<std::size_t> field_of(std::string_view name) {
    const auto* const found = std::find(field_names.begin(), field_names.end(), name);
    return found == field_names.end() ? std::nullopt
                                      : std::optional(static_cast<std::size_t>(found - field_names.begin()));
}

std::optional<std::uint32_t> number_of(std::string_view text) {
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// A mention of a field: alone, with a number of bits ("bank:1"), or of one bit ("bank[1]").
struct Mention {
    std::string_view field;
    std::string_view bits;
    bool has_bits = false;
    bool is_bit = false;
};

Mention mention_of(std::string_view word) {
    const std::size_t bracket = word.find('[');
    if (bracket != std::string_view::npos && word.back() == ']') {
        return {word.substr(0, bracket), word.substr(bracket + 1, word.size() - bracket - 2), false, true};
    }
    const std::size_t colon = word.find(':');
    if (colon != std::string_view::npos) {
        return {word.substr(0, colon), word.substr(colon + 1), true, false};
    }
    return {word, {}, false, false};
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> words;
    while (true) {
        const std::size_t end = text.find(at);
        std::string_view word = text.substr(0, end);
        while (!word.empty() && word.front() == ' ') {
            word.remove_prefix(1);
        }
        while (!word.empty() && word.back() == ' ') {
            word.remove_suffix(1);
        }
        words.push_back(word);
        if (end == std::string_view::npos) {
            return words;
        }
        text.remove_prefix(end + 1);
    }
}

struct FaultList {
    std::vector<Diagnostic> faults;
    std::string where;
    void add(std::string message, std::string remedy) {
        faults.push_back({{"", 0, 0, where}, std::move(message), std::move(remedy)});
    }
};

// Bits that number the values of a field; none where these are not a power of two.
std::uint32_t bits_of(std::uint32_t size) {
    return std::has_single_bit(size) ? static_cast<std::uint32_t>(std::countr_zero(size)) : 0;
}

// Bits of a number below `size`.
std::uint32_t index_bits(std::uint32_t size) {
    return static_cast<std::uint32_t>(std::bit_width(size - 1));
}

} // namespace

// Reads the order of fields.
class ChannelMapping::OrderReader {
  public:
    OrderReader(const Values& sizes, FaultList& faults) : sizes_(sizes), left_(sizes), faults_(faults) {}

    std::vector<Part> read(const std::string& order) {
        for (const std::string_view word : split(order, '-')) {
            read(mention_of(word));
        }
        for (std::size_t field = 0; field < field_count; ++field) {
            check_complete(field);
        }
        return std::move(parts_);
    }

  private:
    void read(const Mention& mention) {
        const std::optional<std::size_t> field = field_of(mention.field);
        if (!field) {
            faults_.add(fmt::format("address order has an unknown field \"{}\"", mention.field),
                        fmt::format("the fields are {}", fmt::join(field_names, ", ")));
        } else if (mention.is_bit) {
            read_bit(mention, *field);
        } else if (bits_[*field] != 0) {
            faults_.add(fmt::format("address order has {} both by bits and whole", mention.field),
                        fmt::format("name each bit ({}[0], ...), or none", mention.field));
        } else {
            read_part(mention, *field);
        }
    }

    void read_bit(const Mention& mention, std::size_t field) {
        const std::optional<std::uint32_t> bit = number_of(mention.bits);
        if (!bit || *bit >= bits_of(sizes_[field])) {
            faults_.add(fmt::format("{} has no bit \"{}\"", mention.field, mention.bits),
                        fmt::format("its {} values have bits 0 to {}, if they are a power of two", sizes_[field],
                                    static_cast<int>(bits_of(sizes_[field])) - 1));
        } else if (left_[field] != sizes_[field] || (bits_[field] >> *bit & 1U) != 0) {
            faults_.add(fmt::format("address order has bit {} of {} twice", *bit, mention.field), "remove one");
        } else {
            bits_[field] |= 1U << *bit;
            parts_.push_back({static_cast<Field>(field), 2, 1U << *bit, 1, true});
        }
    }

    void read_part(const Mention& mention, std::size_t field) {
        if (complete_[field] && in_parts_[field] && !mention.has_bits) {
            in_parts_[field] = false; // the parts took all of a small field, and nothing is left for its last mention
            return;
        }
        if (complete_[field]) {
            faults_.add(fmt::format("address order has {} twice", mention.field),
                        fmt::format("remove one, or give the earlier one a number of bits ({}:1)", mention.field));
            return;
        }
        std::uint32_t radix = left_[field];
        if (mention.has_bits) {
            const std::optional<std::uint32_t> bits = number_of(mention.bits);
            if (!bits || *bits == 0 || *bits > 24 || left_[field] % (1U << *bits) != 0) {
                faults_.add(fmt::format("address order cannot take \"{}\" bits of {}, which has {} of {} values left",
                                        mention.bits, mention.field, left_[field], sizes_[field]),
                            "give a number of bits that divides what is left");
                return;
            }
            radix = 1U << *bits;
            in_parts_[field] = true;
        }
        const std::uint32_t weight = sizes_[field] / left_[field];
        left_[field] /= radix;
        complete_[field] = left_[field] == 1;
        if (radix > 1) {
            parts_.push_back({static_cast<Field>(field), radix, weight,
                              static_cast<std::uint8_t>(std::countr_zero(radix)), std::has_single_bit(radix)});
        }
    }

    void check_complete(std::size_t field) {
        if (bits_[field] != 0) {
            for (std::uint32_t bit = 0; bit < bits_of(sizes_[field]); ++bit) {
                if ((bits_[field] >> bit & 1U) == 0) {
                    faults_.add(fmt::format("address order misses bit {} of {}", bit, field_names[field]),
                                fmt::format("add \"-{}[{}]\"", field_names[field], bit));
                }
            }
        } else if (left_[field] != 1) {
            const bool none = left_[field] == sizes_[field];
            faults_.add(none ? fmt::format("address order misses {}", field_names[field])
                             : fmt::format("address order misses {} of the {} values of {}", left_[field],
                                           sizes_[field], field_names[field]),
                        fmt::format("add \"-{}\"", field_names[field]));
        }
    }

    const Values sizes_;
    Values left_;
    Values bits_{}; // named one by one
    std::array<bool, field_count> complete_{};
    std::array<bool, field_count> in_parts_{}; // a part with a number of bits came, the rest has not
    std::vector<Part> parts_;
    FaultList& faults_;
};

// Reads one hash.
class ChannelMapping::HashReader {
  public:
    HashReader(const Values& sizes, FaultList& faults) : sizes_(sizes), faults_(faults) {}

    void read(const std::string& text, std::vector<Hash>& hashes) {
        const std::vector<std::string_view> words = split(text, '^');
        std::vector<Mention> mentions;
        for (const std::string_view word : words) {
            mentions.push_back(mention_of(word));
            const Mention& mention = mentions.back();
            const std::optional<std::size_t> field = field_of(mention.field);
            const std::optional<std::uint32_t> bit = number_of(mention.bits);
            if (!field || mention.has_bits || (mention.is_bit && (!bit || *bit >= index_bits(sizes_[*field])))) {
                faults_.add(fmt::format("hash \"{}\" has \"{}\", which is no field and no bit of one", text, word),
                            "write fields (\"bank ^ row\") or bits of them (\"bank[0] ^ row[3]\")");
                return;
            }
        }
        const std::size_t target = *field_of(mentions.front().field);
        if (mentions.size() < 2 || !std::has_single_bit(sizes_[target])) {
            faults_.add(mentions.size() < 2 ? fmt::format("hash \"{}\" has nothing to add", text)
                                            : fmt::format("{} has {} values, not a power of two",
                                                          mentions.front().field, sizes_[target]),
                        "write the field or bit to change, \"^\", and the bits to add to it");
            return;
        }
        const bool whole = !mentions.front().is_bit;
        const std::uint32_t first = whole ? 0 : *number_of(mentions.front().bits);
        const std::uint32_t end = whole ? bits_of(sizes_[target]) : first + 1;
        for (std::uint32_t bit = first; bit < end; ++bit) {
            Hash hash{target, static_cast<std::uint8_t>(bit), {}};
            for (auto mention = mentions.begin() + 1; mention != mentions.end(); ++mention) {
                if (mention->is_bit == whole) {
                    faults_.add(fmt::format("hash \"{}\" mixes whole fields and bits", text),
                                "name bits only, or fields only");
                    return;
                }
                const std::size_t source = *field_of(mention->field);
                const std::uint32_t from = whole ? bit : *number_of(mention->bits);
                hash.sources[source] ^= from < index_bits(sizes_[source]) ? 1U << from : 0;
            }
            if ((hash.sources[target] >> bit & 1U) != 0) {
                faults_.add(fmt::format("hash \"{}\" adds a bit to itself", text), "leave it out");
                return;
            }
            hashes.push_back(hash);
        }
    }

  private:
    const Values sizes_;
    FaultList& faults_;
};

ChannelMapping::ChannelMapping(const TimingSet& timing, const std::string& order,
                               const std::vector<std::string>& xor_terms, const std::string& where) {
    const Values sizes = {timing.pseudo_channels, timing.stack_ids, timing.bank_groups,
                          timing.banks_per_group, timing.columns(), timing.rows};
    FaultList faults{{}, where};
    const auto is_short = [&](const std::string& text) {
        if (text.size() > most_text) {
            faults.add(fmt::format("{} characters are too many", text.size()), fmt::format("at most {}", most_text));
        }
        return text.size() <= most_text;
    };
    if (is_short(order)) {
        parts_ = OrderReader(sizes, faults).read(order);
    }
    const std::size_t dot = where.rfind('.');
    faults.where = (dot == std::string::npos ? "" : where.substr(0, dot + 1)) + "xor";
    for (const std::string& term : xor_terms) {
        if (is_short(term)) {
            HashReader(sizes, faults).read(term, hashes_);
        }
    }
    if (!faults.faults.empty()) {
        throw InputError(std::move(faults.faults));
    }
    bursts_ = timing.channel_bytes() / timing.access_bytes();
    find_slices();
}

// Where each field is one group of neighbouring bits of the burst number, it is cut out at once.
void ChannelMapping::find_slices() {
    std::uint32_t shift = 0;
    contiguous_ = true;
    for (const Part& part : parts_) {
        Slice& slice = slices_[part.field];
        contiguous_ = contiguous_ && part.power_of_two && slice.mask == 0;
        slice = {shift, part.radix - 1};
        shift += part.shift;
    }
}

void ChannelMapping::apply(const Hash& hash, Values& values) {
    std::uint32_t sum = 0;
    for (std::size_t field = 0; field < field_count; ++field) {
        sum ^= values[field] & hash.sources[field];
    }
    values[hash.field] ^= (static_cast<std::uint32_t>(std::popcount(sum)) & 1U) << hash.bit;
}

BurstAddress ChannelMapping::at(std::uint64_t burst) const {
    Values values{};
    if (contiguous_) {
        for (std::size_t field = 0; field < field_count; ++field) {
            values[field] = static_cast<std::uint32_t>(burst >> slices_[field].shift) & slices_[field].mask;
        }
    } else {
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
    }
    for (const Hash& hash : hashes_) {
        apply(hash, values);
    }
    return {values[row],
            static_cast<std::uint16_t>(values[column]),
            static_cast<std::uint8_t>(values[pc]),
            static_cast<std::uint8_t>(values[sid]),
            static_cast<std::uint8_t>(values[bankgroup]),
            static_cast<std::uint8_t>(values[bank])};
}

std::uint64_t ChannelMapping::burst_of(const BurstAddress& address) const {
    Values values = {address.pseudo_channel, address.stack_id, address.bank_group,
                     address.bank,           address.column,   address.row};
    for (auto hash = hashes_.rbegin(); hash != hashes_.rend(); ++hash) {
        apply(*hash, values);
    }
    std::uint64_t burst = 0;
    std::uint64_t weight = 1;
    for (const Part& part : parts_) {
        burst += values[part.field] / part.weight % part.radix * weight;
        weight *= part.radix;
    }
    return burst;
}

} // namespace intarsia::memory
