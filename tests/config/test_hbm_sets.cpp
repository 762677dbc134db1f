#include "config/hbm_sets.hpp"
#include "memory/timing_set.hpp"
#include "memory/timing_table.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;

TEST_CASE("The table of HBM sets agrees with the memory model's") {
    const std::vector<memory::TimingRow>& rows = memory::timing_table();
    REQUIRE(rows.size() == config::hbm_sets.size());
    const auto or_zero = [](std::uint32_t value) { return value == memory::open_value ? 0 : value; };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const memory::TimingRow& row = rows[i];
        const config::HbmSet& set = config::hbm_sets.at(i);
        INFO(row.id);
        CHECK(set.id == row.id);
        CHECK(set.data_rate_mbps == or_zero(row.data_rate_mbps));
        CHECK(set.channels == or_zero(row.channels_per_stack));
        CHECK(set.pseudo_channels == or_zero(row.pc_per_channel));
        CHECK(set.dq_bits == or_zero(row.dq_bits_per_pc));
        CHECK(set.burst_length == or_zero(row.burst_length));
        CHECK(set.burst_nck == or_zero(row.burst_nCK));
        CHECK(set.bank_groups == or_zero(row.bank_groups_per_pc));
        CHECK(set.banks_per_group == or_zero(row.banks_per_group));
        CHECK(set.stack_ids == or_zero(row.stack_ids));
        CHECK(set.rows == or_zero(row.rows));
        CHECK(set.page_bytes == or_zero(row.page_bytes_per_pc));
        CHECK(set.ncl == or_zero(row.nCL));
        CHECK(set.nrcdrd == or_zero(row.nRCDRD));
        CHECK(set.nrp == or_zero(row.nRP));
    }
}

TEST_CASE("The columns that may be overridden are those of the memory model") {
    const auto names = memory::timing_parameter_names();
    CHECK(std::equal(names.begin(), names.end(), config::hbm_timing_columns.begin(), config::hbm_timing_columns.end()));
}
