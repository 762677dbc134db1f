// The `[memory]` section: defaults, what follows from what, and everything that is refused.
#include "config/document.hpp"
#include "config/errors.hpp"
#include "memory/memory_config.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::memory;

namespace {

MemorySetup setup_of(const std::string& text) {
    const config::Document document = config::parse_document("[memory]\n" + text, "m.toml");
    config::Faults faults;
    config::Context context{faults, {}};
    const config::Node& section = *document.root.find("memory");
    MemoryConfig config;
    memory_section().read(section, config, context);
    faults.throw_if_any();
    MemorySetup setup = memory_setup(config, section, context);
    faults.throw_if_any();
    return setup;
}

std::string faults_of(const std::string& text) {
    try {
        (void)setup_of(text);
    } catch (const InputError& error) {
        return error.what();
    }
    return "accepted";
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("an empty [memory] is one HBM3 channel under FR-FCFS with open pages") {
    const MemorySetup setup = setup_of("");
    CHECK(setup.timing.id == "ramulator21_HBM3_6400Mbps_16Gb_8hi");
    CHECK(setup.channels == 1);
    CHECK(setup.policy.read_queue == 64);
    CHECK(setup.policy.drain_above == 51);
    CHECK(setup.policy.refresh == RefreshMode::all_bank);
    CHECK(setup.mapping().at(1).pseudo_channel == 1);
    CHECK(memory_setup(MemoryConfig{}).timing.id == setup.timing.id);
}

TEST_CASE("a standard alone has its default set, each of them usable") {
    for (const char* standard : {"HBM2", "HBM2E", "HBM3", "HBM3E", "HBM4"}) {
        CHECK(setup_of("standard = \"" + std::string(standard) + "\"").timing.standard == standard);
    }
    CHECK(has(faults_of("standard = \"HBM2\"\ntiming_set = \"ramulator21_HBM3_6400Mbps_4Gb\""), "m.toml:2:"));
    CHECK(has(faults_of("standard = \"HBM5\""), "HBM5"));
}

TEST_CASE("the contract's section is read as it stands") {
    const MemorySetup setup = setup_of(R"(
standard = "HBM3"
timing_set = "ramulator21_HBM3_6400Mbps_16Gb_8hi"
channels = 2
pseudo_channels = 2
stack_ids = 1
address_order = "pc-bankgroup-bank-sid-column-row"
xor = ["bank ^ row"]
scheduler = "frfcfs_cap"
row_hit_cap = 6
read_queue = 0
write_queue = 16
queue_kind = "per_bank"
bank_queue = 4
write_drain = {high = 0.9, low = 0.3}
page_policy = "timeout"
page_timeout = "50 ns"
refresh = "per_bank"
postpone = 4
refresh_rate = 2
merge_reads = true
[memory.timing]
nRP = 30
tRAS = 30.0
)");
    CHECK(setup.channels == 2);
    CHECK(setup.timing.stack_ids == 1);
    CHECK(setup.timing.nRP == 30);
    CHECK(setup.timing.nRAS == 48);
    CHECK(setup.timing.nREFI == 3120);
    CHECK(setup.timing.nREFI_pb == 195); // 6240 over 16 banks, twice as often
    CHECK(setup.policy.row_hit_cap == 6);
    CHECK(setup.policy.bank_queue == 4);
    CHECK(setup.policy.read_queue == 0);
    CHECK(setup.policy.drain_above == 3);
    CHECK(setup.policy.drain_until == 2);
    CHECK(setup.policy.page_policy == PagePolicy::timeout);
    CHECK(setup.policy.page_timeout == Picoseconds(50'000));
    CHECK(setup.policy.refresh == RefreshMode::per_bank);
    CHECK(setup.policy.postpone == 4);
    CHECK(setup.policy.merge_reads);
}

TEST_CASE("density gives rows and the refresh time of the standard's rule") {
    // An open set is completed by it.
    const MemorySetup hbm2 = setup_of("timing_set = \"ramulator21_HBM2_2000Mbps\"\ndensity = \"1 GiB\"");
    CHECK(hbm2.timing.rows == timing_set("ramulator21_HBM2_2000Mbps_4Gb").rows);
    CHECK(hbm2.timing.nRFC_ab == timing_set("ramulator21_HBM2_2000Mbps_4Gb").nRFC_ab);
    const MemorySetup hbm4 = setup_of("timing_set = \"ramulator21_HBM4_8000Mbps\"\nstack_ids = 4\ndensity = \"2 GiB\"");
    CHECK(hbm4.timing.rows == 16384);
    CHECK(hbm4.timing.nRFC_ab == timing_set("ramulator21_HBM4_8000Mbps_16hi").nRFC_ab);
    CHECK(setup_of("density = \"2 GiB\"").timing.nRFC_ab == 720); // 450 ns
    CHECK(has(faults_of("timing_set = \"ramulator21_HBM4_8000Mbps\"\ndensity = \"2 GiB\""), "open"));
    CHECK(has(faults_of("density = \"2 GiB\"\nrows = 1024"), "leave one of them out"));
    CHECK(has(faults_of("density = \"1500 kB\""), "m.toml:2:"));
}

TEST_CASE("what contradicts itself is refused at its place, all of it") {
    CHECK(has(faults_of("rows = 64\n[memory.timing]\nrows = 32"), "m.toml:2:"));
    CHECK(has(faults_of("timing_set = \"dramsim3_HBM2_8Gb_x128\"\nrefresh = \"per_bank\""), "m.toml:3:"));
    CHECK(has(faults_of("read_queue = 0"), "m.toml:2:"));
    CHECK(has(faults_of("address_order = \"pc-row\""), "misses column"));
    CHECK(has(faults_of("xor = [\"bank ^ bank\"]"), "m.toml:2:"));
    CHECK(has(faults_of("write_drain = {high = 0.2, low = 0.8}"), "m.toml:2:"));
    CHECK(has(faults_of("timing_set = \"jedec_JESD270-4_HBM4\""), "is not complete"));
    CHECK(has(faults_of("timming_set = \"x\""), "timing_set"));
    const std::string many = faults_of("postpone = 8\npull_in = 8\nrow_hit_cap = 3\nscheduler = \"fcfs\"\n"
                                       "channels = 2\ninterleave = \"48 B\"\n");
    CHECK(has(many, "m.toml:3:"));
    CHECK(has(many, "m.toml:4:"));
    CHECK(has(many, "m.toml:7:"));
    // A refresh interval that the faster rate makes too short.
    CHECK(has(faults_of("refresh_rate = 4\n[memory.timing]\nnRFC_ab = 900"), "nREFI"));
}
