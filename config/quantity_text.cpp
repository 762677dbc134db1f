#include "config/quantity_text.hpp"

#include "config/faults.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

namespace intarsia::config {

namespace {

__extension__ using wide = unsigned __int128;

constexpr std::array<UnitSymbol, 5> frequencies{
    {{"Hz", 1}, {"kHz", 1'000}, {"MHz", 1'000'000}, {"GHz", 1'000'000'000}, {"THz", 1'000'000'000'000}}};
constexpr std::array<UnitSymbol, 9> sizes{{{"B", 1},
                                           {"kB", 1'000},
                                           {"KiB", 1ULL << 10U},
                                           {"MB", 1'000'000},
                                           {"MiB", 1ULL << 20U},
                                           {"GB", 1'000'000'000},
                                           {"GiB", 1ULL << 30U},
                                           {"TB", 1'000'000'000'000},
                                           {"TiB", 1ULL << 40U}}};
constexpr std::array<UnitSymbol, 9> bandwidths{{{"B/s", 1},
                                                {"kB/s", 1'000},
                                                {"KiB/s", 1ULL << 10U},
                                                {"MB/s", 1'000'000},
                                                {"MiB/s", 1ULL << 20U},
                                                {"GB/s", 1'000'000'000},
                                                {"GiB/s", 1ULL << 30U},
                                                {"TB/s", 1'000'000'000'000},
                                                {"TiB/s", 1ULL << 40U}}};
constexpr std::array<UnitSymbol, 5> times{
    {{"ps", 1}, {"ns", 1'000}, {"us", 1'000'000}, {"ms", 1'000'000'000}, {"s", 1'000'000'000'000}}};
constexpr std::array<UnitSymbol, 2> lengths{{{"um", 1}, {"mm", 1'000}}};
constexpr std::array<UnitSymbol, 3> transfer_rates{{{"T/s", 1}, {"MT/s", 1'000'000}, {"GT/s", 1'000'000'000}}};

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}
bool is_binary(const UnitSymbol& unit) {
    return unit.symbol.find('i') != std::string_view::npos;
}

std::string symbol_list(Unit unit) {
    std::string list;
    for (const UnitSymbol& each : symbols_of(unit)) {
        list += fmt::format("{}{}", list.empty() ? "" : ", ", each.symbol);
    }
    return list;
}

ValueFault malformed(Unit unit) {
    return {"is not a number and a unit", fmt::format("write {} such as \"{}\"", unit_name(unit), unit_example(unit))};
}

ValueFault wrong_symbol(std::string_view symbol, Unit unit) {
    std::vector<std::string> names;
    for (const UnitSymbol& each : symbols_of(unit)) {
        names.emplace_back(each.symbol);
    }
    const auto same_letters = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
        return std::equal(name.begin(), name.end(), symbol.begin(), symbol.end(),
                          [](char a, char b) { return (a | 0x20) == (b | 0x20); });
    });
    return {fmt::format("has the unit {}, which is not {}", in_quotes(symbol), unit_name(unit)),
            same_letters != names.end() ? fmt::format("did you mean '{}'?", *same_letters)
                                        : fmt::format("use one of {}", symbol_list(unit))};
}

/// Digits with at most one point, as digits * 10^-places.
struct Decimal {
    wide digits = 0;
    std::uint32_t places = 0;
    bool overflows = false;
};

constexpr std::uint32_t max_places = 18;

/// Reads a decimal from the front of `text` and removes it; false if there is none.
bool take_decimal(std::string_view& text, Decimal& decimal) {
    bool any = false;
    bool after_point = false;
    std::uint32_t waiting_zeros = 0; // zeros at the end of a fraction change nothing
    std::size_t used = 0;
    for (; used < text.size(); ++used) {
        const char letter = text[used];
        if (letter == '.' && !after_point && any) {
            after_point = true;
            continue;
        }
        if (!is_digit(letter)) {
            break;
        }
        any = true;
        if (after_point && letter == '0') {
            ++waiting_zeros;
            continue;
        }
        const std::uint32_t steps = after_point ? waiting_zeros + 1 : 1;
        waiting_zeros = 0;
        for (std::uint32_t step = 0; step < steps && !decimal.overflows; ++step) {
            decimal.digits *= 10;
            decimal.places += after_point ? 1 : 0;
            decimal.overflows =
                decimal.digits > std::numeric_limits<std::uint64_t>::max() || decimal.places > max_places;
        }
        decimal.digits += static_cast<unsigned>(letter - '0');
        decimal.overflows = decimal.overflows || decimal.digits > std::numeric_limits<std::uint64_t>::max();
        if (decimal.overflows) {
            decimal.digits = 0;
        }
    }
    const bool ends_in_point = used > 0 && text[used - 1] == '.';
    text.remove_prefix(used);
    return any && !ends_in_point;
}

} // namespace

std::span<const UnitSymbol> symbols_of(Unit unit) {
    switch (unit) {
    case Unit::frequency:
        return frequencies;
    case Unit::size:
        return sizes;
    case Unit::bandwidth:
        return bandwidths;
    case Unit::time:
        return times;
    case Unit::length:
        return lengths;
    case Unit::transfers:
        return transfer_rates;
    case Unit::count:
    case Unit::fraction:
    case Unit::text:
    case Unit::flag:
        break;
    }
    return {};
}

const char* unit_name(Unit unit) {
    switch (unit) {
    case Unit::count:
        return "a whole number";
    case Unit::fraction:
        return "a number";
    case Unit::text:
        return "text";
    case Unit::flag:
        return "true or false";
    case Unit::frequency:
        return "a frequency";
    case Unit::size:
        return "a size";
    case Unit::bandwidth:
        return "a bandwidth";
    case Unit::time:
        return "a time";
    case Unit::length:
        return "a length";
    case Unit::transfers:
        return "a transfer rate";
    }
    return "";
}

const char* unit_example(Unit unit) {
    switch (unit) {
    case Unit::frequency:
        return "1.8 GHz";
    case Unit::size:
        return "16 MiB";
    case Unit::bandwidth:
        return "512 GB/s";
    case Unit::time:
        return "2 ns";
    case Unit::length:
        return "26 mm";
    case Unit::transfers:
        return "32 GT/s";
    case Unit::count:
    case Unit::fraction:
    case Unit::text:
    case Unit::flag:
        break;
    }
    return "";
}

std::variant<std::uint64_t, ValueFault> parse_quantity(std::string_view text, Unit unit) {
    if (!text.empty() && text.front() == '-') {
        return ValueFault{"must not be negative", "give a positive value"};
    }
    Decimal decimal;
    if (!take_decimal(text, decimal)) {
        return malformed(unit);
    }
    while (!text.empty() && text.front() == ' ') {
        text.remove_prefix(1);
    }
    if (text.empty()) {
        return ValueFault{"has no unit", fmt::format("write {} such as \"{}\"", unit_name(unit), unit_example(unit))};
    }
    const std::span<const UnitSymbol> symbols = symbols_of(unit);
    const auto symbol =
        std::find_if(symbols.begin(), symbols.end(), [&](const UnitSymbol& each) { return each.symbol == text; });
    if (symbol == symbols.end()) {
        return wrong_symbol(text, unit);
    }
    wide scale = 1;
    for (std::uint32_t place = 0; place < decimal.places; ++place) {
        scale *= 10;
    }
    // Below 2^64 * 2^40 each: the product fits.
    const wide product = decimal.digits * symbol->factor;
    if (decimal.overflows || product / scale > static_cast<wide>(std::numeric_limits<std::int64_t>::max())) {
        return ValueFault{"has too many digits to be held exactly", "give a smaller value, or one with fewer digits"};
    }
    if (product % scale != 0) {
        return ValueFault{fmt::format("is not a whole number of {}", symbols.front().symbol),
                          fmt::format("round it to {}, the finest step", symbols.front().symbol)};
    }
    return static_cast<std::uint64_t>(product / scale);
}

std::string quantity_text(std::uint64_t value, Unit unit) {
    const std::span<const UnitSymbol> symbols = symbols_of(unit);
    if (symbols.empty()) {
        return std::to_string(value);
    }
    // Whole multiples of the largest unit, binary and decimal alike; then up to three decimals of a decimal
    // unit.
    const auto whole = std::find_if(symbols.rbegin(), symbols.rend(), [&](const UnitSymbol& each) {
        return value >= each.factor && value % each.factor == 0;
    });
    const auto decimal = std::find_if(symbols.rbegin(), symbols.rend(), [&](const UnitSymbol& each) {
        return !is_binary(each) && each.factor >= 1'000 && value >= each.factor && value % (each.factor / 1'000) == 0;
    });
    const bool use_decimal = decimal != symbols.rend() && (whole == symbols.rend() || decimal->factor > whole->factor);
    if (use_decimal) {
        std::string fraction = fmt::format("{:03}", value % decimal->factor / (decimal->factor / 1'000));
        fraction.erase(fraction.find_last_not_of('0') + 1);
        return fmt::format("{}{}{} {}", value / decimal->factor, fraction.empty() ? "" : ".", fraction,
                           decimal->symbol);
    }
    const UnitSymbol& best = whole != symbols.rend() ? *whole : symbols.front();
    return fmt::format("{} {}", value / best.factor, best.symbol);
}

} // namespace intarsia::config
