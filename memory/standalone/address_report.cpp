#include "memory/standalone/address_report.hpp"

#include "memory/standalone/traffic_source.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <vector>

namespace intarsia::memory {

namespace {

// Accesses by value of a field.
class Tally {
  public:
    Tally(const char* name, std::uint64_t values) : name_(name), counts_(values) {}
    void add(std::uint64_t value) { ++counts_[value]; }
    [[nodiscard]] StrideSpread::Field field(std::uint64_t accesses) const {
        const auto used = std::count_if(counts_.begin(), counts_.end(), [](std::uint64_t n) { return n != 0; });
        const auto most = *std::max_element(counts_.begin(), counts_.end());
        return {name_, static_cast<std::uint64_t>(used), counts_.size(),
                static_cast<double>(most) / static_cast<double>(accesses)};
    }

  private:
    const char* name_;
    std::vector<std::uint64_t> counts_;
};

} // namespace

std::string address_text(const Addressing& addressing, std::uint64_t address) {
    const std::uint64_t burst = address / addressing.access_bytes();
    const Place place = addressing.at(burst);
    const BurstAddress& at = place.at;
    std::string text;
    const auto line = [&](const char* name, std::uint64_t value) {
        fmt::format_to(std::back_inserter(text), "{:<16}{}\n", name, value);
    };
    fmt::format_to(std::back_inserter(text), "{:<16}{:#x}\n", "address", address);
    line("burst", burst);
    line("byte in burst", address % addressing.access_bytes());
    line("channel", place.channel);
    line("pc", at.pseudo_channel);
    line("sid", at.stack_id);
    line("bankgroup", at.bank_group);
    line("bank", at.bank);
    line("row", at.row);
    line("column", at.column);
    return text;
}

StrideSpread stride_spread(const TimingSet& timing, const Addressing& addressing, std::uint64_t stride,
                           std::uint64_t accesses) {
    TrafficConfig traffic;
    traffic.pattern = "strided";
    traffic.stride = stride;
    traffic.requests = accesses;
    traffic.warmup_requests = 0;
    PatternSource source(traffic, timing, addressing);

    const std::uint64_t pcs = std::uint64_t{addressing.channels()} * timing.pseudo_channels;
    const std::uint64_t groups = pcs * timing.stack_ids * timing.bank_groups;
    const std::uint64_t banks = groups * timing.banks_per_group;
    Tally channel("channels", addressing.channels());
    Tally pc("pseudo-channels", pcs);
    Tally sid("stack ids", pcs * timing.stack_ids);
    Tally group("bank groups", groups);
    Tally bank("banks", banks);
    constexpr std::uint64_t none = UINT64_MAX;
    std::vector<std::uint64_t> last_row(banks, none);
    std::vector<std::uint64_t> last_group(pcs, none);
    std::uint64_t other_row = 0;
    std::uint64_t same_group = 0;
    for (; !source.done(); source.next()) {
        const auto& [in_channel, at] = source.head().place;
        const std::uint64_t of_pc = std::uint64_t{in_channel} * timing.pseudo_channels + at.pseudo_channel;
        const std::uint64_t of_sid = of_pc * timing.stack_ids + at.stack_id;
        const std::uint64_t of_group = of_sid * timing.bank_groups + at.bank_group;
        const std::uint64_t of_bank = of_group * timing.banks_per_group + at.bank;
        channel.add(in_channel);
        pc.add(of_pc);
        sid.add(of_sid);
        group.add(of_group);
        bank.add(of_bank);
        other_row += last_row[of_bank] != none && last_row[of_bank] != at.row ? 1 : 0;
        same_group += last_group[of_pc] == of_group ? 1 : 0;
        last_row[of_bank] = at.row;
        last_group[of_pc] = of_group;
    }
    StrideSpread spread;
    spread.accesses = accesses;
    for (const Tally* tally : {&channel, &pc, &sid, &group, &bank}) {
        spread.fields.push_back(tally->field(accesses));
    }
    spread.same_bank_other_row = static_cast<double>(other_row) / static_cast<double>(accesses);
    spread.same_bank_group_next = static_cast<double>(same_group) / static_cast<double>(accesses);
    return spread;
}

std::string stride_text(const StrideSpread& spread, std::uint64_t stride, std::uint32_t access_bytes) {
    std::string text;
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "stride {} bursts of {} bytes, the first {} accesses\n", stride, access_bytes, spread.accesses);
    for (const StrideSpread::Field& field : spread.fields) {
        fmt::format_to(out, "  {:<16}{:>6} of {:<6} the busiest gets {:.2f} %\n", field.name, field.used, field.of,
                       field.busiest * 100);
    }
    fmt::format_to(out, "  {:.2f} % of the accesses find another row of their bank open (row conflicts)\n",
                   spread.same_bank_other_row * 100);
    fmt::format_to(out, "  {:.2f} % follow an access to the same bank group (tCCD_L instead of tCCD_S)\n",
                   spread.same_bank_group_next * 100);
    return text;
}

} // namespace intarsia::memory
