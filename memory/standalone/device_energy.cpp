#include "memory/standalone/device_energy.hpp"

namespace intarsia::memory {

namespace {

constexpr double activate_pj = 828;
constexpr double activate_page_bytes = 2048;
constexpr double read_pj_per_bit = 1.57;
constexpr double write_pj_per_bit = 2.09;
constexpr double background_w = 0.0805;
constexpr double background_data_bits = 128;

} // namespace

double device_energy_j(const CommandCounts& commands, const TimingSet& timing, std::uint32_t channels, double seconds) {
    double activates = 0;
    double read_bits = 0;
    double write_bits = 0;
    const double burst_bits = 8.0 * timing.access_bytes();
    for (std::size_t index = 0; index < commands.size(); ++index) {
        const auto kind = static_cast<CommandKind>(index);
        const auto count = static_cast<double>(commands[index]);
        activates += kind == CommandKind::activate ? count : 0;
        read_bits += is_read(kind) ? count * burst_bits : 0;
        write_bits += is_write(kind) ? count * burst_bits : 0;
    }
    const double pages = activates * timing.page_bytes / activate_page_bytes;
    const double data_bits = static_cast<double>(channels) * timing.pseudo_channels * timing.dq_bits;
    return (pages * activate_pj + read_bits * read_pj_per_bit + write_bits * write_pj_per_bit) * 1e-12 +
           background_w * data_bits / background_data_bits * seconds;
}

} // namespace intarsia::memory
