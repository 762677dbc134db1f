#include "memory/address_map.hpp"

#include "config/errors.hpp"
#include "memory/timing_set.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace intarsia::memory {

AddressMap::AddressMap(const config::SystemConfig& system) : block_(system.placement.interleave.count()) {
    std::vector<Diagnostic> faults;
    const auto fault = [&](std::string where, std::string message, std::string remedy) {
        faults.push_back({{"", 0, 0, std::move(where)}, std::move(message), std::move(remedy)});
    };
    const double fraction = system.placement.interleaved_fraction;
    if (!(fraction >= 0 && fraction <= 1)) {
        fault("placement.interleaved_fraction", fmt::format("{} is not a fraction", fraction), "give 0 to 1");
    }
    if (block_ == 0) {
        fault("placement.interleave", "a block of 0 bytes interleaves nothing", "give a multiple of 32 bytes");
    }
    for (std::size_t i = 0; i < system.stacks.size(); ++i) {
        const config::HbmStackConfig& stack = system.stacks[i];
        const std::string where = fmt::format("stack \"{}\"", stack.name.empty() ? std::to_string(i) : stack.name);
        if (stack.die >= system.dies.size()) {
            fault(where, fmt::format("die {} does not exist", stack.die), "attach the stack to a die of the package");
        }
        if (stack.channels == 0) {
            fault(where, "a stack without channels stores nothing", "give at least one channel");
        }
        TimingSet timing;
        try {
            timing = timing_set(stack.timing_set, stack.timing, where);
        } catch (const InputError& error) {
            faults.insert(faults.end(), error.faults().begin(), error.faults().end());
            continue;
        }
        if (block_ == 0 || block_ % timing.access_bytes() != 0 || timing.channel_bytes() % block_ != 0) {
            fault("placement.interleave",
                  fmt::format("blocks of {} bytes do not fit {}: its bursts have {} bytes and its channels {}", block_,
                              where, timing.access_bytes(), timing.channel_bytes()),
                  "give a multiple of the burst that divides the channel");
            continue;
        }
        // Whole turns round the channels, so that each channel gives the same part of its rows to either
        // window.
        const std::uint64_t turns = timing.channel_bytes() / block_;
        const double local = std::clamp((1.0 - fraction) * static_cast<double>(turns), 0.0, static_cast<double>(turns));
        stacks_.push_back({stack.die, stack.channels, turns * stack.channels,
                           static_cast<std::uint64_t>(std::llround(local)) * stack.channels});
    }
    if (!faults.empty()) {
        throw InputError(std::move(faults));
    }
    std::uint64_t begin = 0;
    std::vector<std::uint32_t> all;
    for (std::uint32_t die = 0; die < system.dies.size(); ++die) {
        std::vector<std::uint32_t> of_die;
        for (std::uint32_t s = 0; s < stacks_.size(); ++s) {
            if (stacks_[s].die == die) {
                of_die.push_back(s);
            }
        }
        local_.push_back(make_region(begin, of_die, true));
        begin = local_.back().window.end();
    }
    for (std::uint32_t s = 0; s < stacks_.size(); ++s) {
        all.push_back(s);
    }
    interleaved_ = make_region(begin, all, false);
}

AddressMap::Region AddressMap::make_region(std::uint64_t begin, const std::vector<std::uint32_t>& stacks,
                                           bool local) const {
    Region region;
    region.local = local;
    const auto share = [&](std::uint32_t s) {
        return local ? stacks_[s].local_blocks : stacks_[s].blocks - stacks_[s].local_blocks;
    };
    std::uint64_t turn = 0;
    std::uint64_t block = 0;
    while (true) {
        Tier tier;
        std::uint64_t last_turn = UINT64_MAX;
        for (const std::uint32_t s : stacks) {
            if (share(s) > turn) {
                tier.stacks.push_back(s);
                last_turn = std::min(last_turn, share(s));
            }
        }
        if (tier.stacks.empty()) {
            break;
        }
        tier.begin = block;
        tier.first_turn = turn;
        block += (last_turn - turn) * tier.stacks.size();
        tier.end = block;
        turn = last_turn;
        region.tiers.push_back(std::move(tier));
    }
    region.window = {begin, block * block_};
    return region;
}

Location AddressMap::locate(std::uint64_t address) const {
    require(address < bytes(), "an address lies within the package's memory");
    const Region* region = &interleaved_;
    if (address < interleaved_.window.begin) {
        // Windows follow each other; empty ones end where they begin.
        region =
            &*std::find_if(local_.begin(), local_.end(), [&](const Region& r) { return address < r.window.end(); });
    }
    const std::uint64_t offset = address - region->window.begin;
    const std::uint64_t block = offset / block_;
    const Tier& tier =
        *std::find_if(region->tiers.begin(), region->tiers.end(), [&](const Tier& t) { return block < t.end; });
    const std::uint64_t in_tier = block - tier.begin;
    const std::uint32_t stack = tier.stacks[in_tier % tier.stacks.size()];
    const std::uint64_t in_stack = first_block(*region, stack) + tier.first_turn + in_tier / tier.stacks.size();
    const std::uint32_t channels = stacks_[stack].channels;
    return {stack, static_cast<std::uint32_t>(in_stack % channels), in_stack / channels * block_ + offset % block_};
}

std::uint64_t AddressMap::address_of(const Location& location) const {
    require(location.stack < stacks_.size() && location.channel < stacks_[location.stack].channels,
            "a location names a channel of the package");
    const Stack& stack = stacks_[location.stack];
    const std::uint64_t in_stack = location.offset_in_channel / block_ * stack.channels + location.channel;
    require(in_stack < stack.blocks, "a location lies within its channel");
    const Region& region = in_stack < stack.local_blocks ? local_[stack.die] : interleaved_;
    const std::uint64_t turn = in_stack - first_block(region, location.stack);
    // The tier whose turns include this one: the last that begins at or before it.
    const Tier* tier = &region.tiers.front();
    for (const Tier& candidate : region.tiers) {
        if (candidate.first_turn <= turn) {
            tier = &candidate;
        }
    }
    const auto place = std::find(tier->stacks.begin(), tier->stacks.end(), location.stack) - tier->stacks.begin();
    const std::uint64_t block =
        tier->begin + (turn - tier->first_turn) * tier->stacks.size() + static_cast<std::uint64_t>(place);
    return region.window.begin + block * block_ + location.offset_in_channel % block_;
}

} // namespace intarsia::memory
