#include "report/apportion.hpp"

#include <algorithm>
#include <numeric>

namespace intarsia::report {

__extension__ using Wide = unsigned __int128;

std::vector<std::uint64_t> apportion(const std::vector<std::uint64_t>& parts, std::uint64_t whole) {
    std::vector<std::uint64_t> shares(parts.size(), 0);
    const Wide total = std::accumulate(parts.begin(), parts.end(), Wide{0});
    if (total == 0) {
        return shares;
    }
    std::vector<Wide> remainders(parts.size());
    std::uint64_t left = whole;
    for (std::size_t part = 0; part < parts.size(); ++part) {
        const Wide exact = Wide{parts[part]} * whole;
        shares[part] = static_cast<std::uint64_t>(exact / total);
        remainders[part] = exact % total;
        left -= shares[part];
    }
    std::vector<std::size_t> order(parts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
    // The remainders sum to left x total and each is below total, so more than `left` parts have one.
    for (std::size_t place = 0; place < left; ++place) {
        ++shares[order[place]];
    }
    return shares;
}

} // namespace intarsia::report
