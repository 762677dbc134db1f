#include "config/hbm_peak.hpp"

#include "config/hbm_sets.hpp"

#include <algorithm>
#include <cmath>

namespace intarsia::config {

HbmPeak hbm_peak(const HbmStackConfig& stack) {
    const auto* const set =
        std::find_if(hbm_sets.begin(), hbm_sets.end(), [&](const HbmSet& each) { return each.id == stack.timing_set; });
    if (set == hbm_sets.end()) {
        return {};
    }
    const auto column = [&](const char* name, double in_set) {
        const auto found = stack.timing.find(name);
        return found == stack.timing.end() ? in_set : found->second;
    };
    const double bits_per_s = column("data_rate_Gbps", set->data_rate_mbps / 1e3) * 1e9;
    const double pins = column("pc_per_channel", set->pseudo_channels) * column("dq_bits_per_pc", set->dq_bits);
    const double burst_length = column("burst_length", set->burst_length);
    const double burst_nck = column("burst_nCK", set->burst_nck);
    const double nrp = column("nRP", set->nrp);
    const double nrcdrd = column("nRCDRD", set->nrcdrd);
    const double ncl = column("nCL", set->ncl);
    // A burst of burst_length beats takes burst_nCK clock cycles.
    const double ck_ns = bits_per_s > 0 && burst_nck > 0 ? burst_length / burst_nck / bits_per_s * 1e9 : 0;

    HbmPeak peak;
    peak.channels = static_cast<std::uint32_t>(column("channels_per_stack", set->channels));
    peak.channel_bytes_per_s = bits_per_s * pins / 8;
    peak.stack_bytes_per_s = peak.channel_bytes_per_s * stack.channels;
    const double channel_bytes = column("pc_per_channel", set->pseudo_channels) *
                                 column("bank_groups_per_pc", set->bank_groups) *
                                 column("banks_per_group", set->banks_per_group) * column("stack_ids", set->stack_ids) *
                                 column("rows", set->rows) * column("page_bytes_per_pc", set->page_bytes);
    // Beyond 2^60 bytes the columns are nonsense, which the memory model names one by one.
    const double capacity = channel_bytes * stack.channels;
    peak.capacity_bytes = capacity < 0x1p60 ? static_cast<std::uint64_t>(capacity) : 0;
    peak.queue_stay_ns = (nrp + nrcdrd) * ck_ns;
    peak.closed_row_read_ns = (nrp + nrcdrd + ncl + burst_nck) * ck_ns;
    peak.access_bytes = static_cast<std::uint32_t>(column("dq_bits_per_pc", set->dq_bits) * burst_length / 8);
    return peak;
}

} // namespace intarsia::config
