// Quantities as text: "1.8 GHz", "512 GB/s", "16 GiB", to and from exact integers of the base unit.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace intarsia::config {

/// What a parameter is measured in. Quantities are integers of the base unit in brackets.
enum class Unit : std::uint8_t {
    count,     ///< a plain whole number
    fraction,  ///< a plain number with a fraction
    text,      ///< no number
    flag,      ///< true or false
    frequency, ///< Hz, kHz, MHz, GHz, THz [Hz]
    size,      ///< B, kB, MB, GB, TB (powers of 10^3), KiB, MiB, GiB, TiB (powers of 2^10) [bytes]
    bandwidth, ///< the same a second [bytes/s]
    time,      ///< ps, ns, us, ms, s [ps]
    length,    ///< um, mm [um]
    transfers, ///< T/s, MT/s, GT/s [transfers/s]
};

/// A unit symbol and how many of the base unit it stands for.
struct UnitSymbol {
    std::string_view symbol;
    std::uint64_t factor;
};

/// The symbols of a unit, smallest first; empty for units that are written as plain values.
[[nodiscard]] std::span<const UnitSymbol> symbols_of(Unit unit);
/// "a frequency", "a size", ...
[[nodiscard]] const char* unit_name(Unit unit);
/// An example to put into a remedy: "1.8 GHz".
[[nodiscard]] const char* unit_example(Unit unit);

/// Why a text is no valid value.
struct ValueFault {
    std::string message; ///< to follow the parameter's name: "has no unit"
    std::string remedy;
};

/// Reads `text` as a whole number of the base unit of `unit`, exactly: 1.8 GHz is 1 800 000 000 Hz with no
/// rounding, and what is no whole number of the base unit (0.5 ps) is a fault, as are signs, overflow and
/// other units.
[[nodiscard]] std::variant<std::uint64_t, ValueFault> parse_quantity(std::string_view text, Unit unit);

/// The shortest usual way to write `value`, which parse_quantity reads back as the same number. Plain digits
/// for units without symbols.
[[nodiscard]] std::string quantity_text(std::uint64_t value, Unit unit);

} // namespace intarsia::config
