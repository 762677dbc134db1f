// When rows are closed and refreshed: declared once for the controllers of a system and for those that run alone.
#pragma once

#include "config/section.hpp"

namespace intarsia::config {

/// The fields of `C` that say so: page_policy, page_cap, page_timeout, refresh, postpone and pull_in.
template <class C>
Section<C> row_policy_fields() {
    return Section<C>("", "")
        .field("page_policy", &C::page_policy, one_of({"open", "closed", "closed_cap", "adaptive", "timeout"}),
               "`open`: a row stays open until another is needed; `closed`: every access closes its row; `closed_cap`: "
               "a row is closed after `page_cap` accesses; `adaptive`: the last waiting access closes it; `timeout`: "
               "an unused row is closed after `page_timeout`.")
        .field("page_cap", &C::page_cap, count(1, 1'000'000), "Accesses to a row with `closed_cap`.")
        .field("page_timeout", &C::page_timeout, quantity(Unit::time, "1 ns", "1 ms"),
               "Time that a row stays open unused, with `timeout`.")
        .field("refresh", &C::refresh, one_of({"none", "all_bank", "per_bank", "same_bank"}),
               "Which refresh commands are sent; `same_bank`: one bank of every bank group at a time.")
        .field("postpone", &C::postpone, count(0, 8), "Refresh intervals that a refresh waits for an idle moment.")
        .field("pull_in", &C::pull_in, count(0, 8), "Refresh intervals that refreshes come early in idle moments.");
}

} // namespace intarsia::config
