#include "config/system_schema.hpp"

#include "config/d2d_formats.hpp"
#include "config/hbm_sets.hpp"
#include "config/row_policy_fields.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::config {

namespace {

/// Reads the two numbers of a list of two by `read_one`.
template <class M, class Read>
std::optional<std::array<M, 2>> read_pair(const Node& node, const Field& field, Context& context,
                                          const Read& read_one) {
    Field pair = field;
    pair.rule.fewest_items = 2;
    pair.rule.most_items = 2;
    const std::vector<Node>* elements = read_list(node, pair, context);
    if (elements == nullptr) {
        return std::nullopt;
    }
    const std::optional<M> first = read_one(elements->front());
    const std::optional<M> second = read_one(elements->back());
    return first && second ? std::optional(std::array<M, 2>{*first, *second}) : std::nullopt;
}

Rule router() {
    return count(0, max_mesh_side - 1);
}

std::vector<std::string> set_ids() {
    std::vector<std::string> ids;
    ids.reserve(hbm_sets.size());
    for (const HbmSet& set : hbm_sets) {
        ids.emplace_back(set.id);
    }
    return ids;
}

/// Six fields, least significant first, joined by '-'. A field may come in parts: each but its last with a number of
/// bits
/// ("bankgroup:1").
std::optional<ValueFault> address_order_problem(const std::string& order) {
    const ValueFault wrong{
        "is no address order",
        "join pc, bankgroup, bank, sid, column and row by '-', each once; parts before a field's last "
        "take a number of bits, as column:2"};
    std::map<std::string, bool> ended{{"pc", false},  {"bankgroup", false}, {"bank", false},
                                      {"sid", false}, {"column", false},    {"row", false}};
    for (std::size_t start = 0; start <= order.size();) {
        const std::size_t dash = std::min(order.find('-', start), order.size());
        const std::string part = order.substr(start, dash - start);
        start = dash + 1;
        const std::size_t colon = std::min(part.find(':'), part.size());
        const auto field = ended.find(part.substr(0, colon));
        if (field == ended.end() || field->second) {
            return wrong;
        }
        if (colon == part.size()) {
            field->second = true;
            continue;
        }
        const std::string bits = part.substr(colon + 1);
        if (bits.size() != 1 || bits < "1" || bits > "9") {
            return wrong;
        }
    }
    const bool all_ended = std::all_of(ended.begin(), ended.end(), [](const auto& field) { return field.second; });
    return all_ended ? std::nullopt : std::optional(wrong);
}

Rule home() {
    return one_of({"local", "interleaved", "replicated"});
}

Section<PackageConfig> package_section() {
    return Section<PackageConfig>("package", "The package that holds dies and stacks.")
        .field("technology", &PackageConfig::technology, text(), "Packaging technology, for reports.")
        .field("width", &PackageConfig::width,
               quantity(Unit::length, "0 um", "1000 mm").by_default("fits dies and stacks"),
               "Width (west to east); 0: the smallest that holds all dies and stacks.")
        .field("height", &PackageConfig::height,
               quantity(Unit::length, "0 um", "1000 mm").by_default("fits dies and stacks"),
               "Height (south to north); 0: the smallest that holds all dies and stacks.");
}

Section<PlacementConfig> placement_section() {
    const auto tensor = Section<TensorPlacement>("placement.tensor",
                                                 "Where tensors of a name live; the first pattern that fits counts.")
                            .field("pattern", &TensorPlacement::pattern, text().mandatory(),
                                   "Shell wildcards (`*`, `?`, `[a-z]`) for names of tensors.")
                            .field("home", &TensorPlacement::home, home().mandatory(), "As `home` of `[placement]`.");
    return Section<PlacementConfig>("placement", "Where tensors live.")
        .field("home", &PlacementConfig::home, home(),
               "`local`: in the stacks of the die whose rank uses it; `interleaved`: spread over all stacks "
               "of the "
               "package; `replicated`: a copy in the stacks of every die.")
        .field("interleave", &PlacementConfig::interleave, quantity(Unit::size, "32 B", "1 MiB"),
               "Consecutive bytes on one channel; a power of two and a multiple of the largest packet payload.")
        .field("interleaved_fraction", &PlacementConfig::interleaved_fraction, real(0, 1),
               "Share of each stack's capacity that is kept for interleaved tensors.")
        .tables("tensor", &PlacementConfig::tensors, tensor, 1000);
}

Section<SimulationConfig> simulation_section() {
    return Section<SimulationConfig>("simulation", "How a run goes.")
        .field("seed", &SimulationConfig::seed, count(0, std::numeric_limits<std::int64_t>::max()),
               "Seed of whatever is random.")
        .field("start", &SimulationConfig::start, quantity(Unit::time, "0 ps", "1000 s"),
               "Ranks issue their first node at or after this time.")
        .field("watchdog", &SimulationConfig::watchdog, quantity(Unit::time, "1 us", "1000 s"),
               "With no flit, command or completion for this long the network counts as stuck.")
        .field("shuffle_seed", &SimulationConfig::shuffle_seed, count(0, std::numeric_limits<std::int64_t>::max()),
               "Other than 0: permutes the order of modules that are due at one time. Results do not depend "
               "on it.");
}

} // namespace

std::optional<Point> Codec<Point>::read(const Node& node, const Field& field, Context& context) {
    const auto pair = read_pair<Micrometres>(
        node, field, context, [&](const Node& each) { return Codec<Micrometres>::read(each, field, context); });
    return pair ? std::optional(Point{pair->front(), pair->back()}) : std::nullopt;
}

std::string Codec<Point>::toml(const Point& value, const Rule& rule, const Context& context) {
    return fmt::format("[{}, {}]", integer_toml(value.x, rule, context), integer_toml(value.y, rule, context));
}

std::optional<RouterPosition> Codec<RouterPosition>::read(const Node& node, const Field& field, Context& context) {
    const auto pair = read_pair<std::uint32_t>(
        node, field, context, [&](const Node& each) { return Codec<std::uint32_t>::read(each, field, context); });
    return pair ? std::optional(RouterPosition{pair->front(), pair->back()}) : std::nullopt;
}

std::string Codec<RouterPosition>::toml(const RouterPosition& value, const Rule&, const Context&) {
    return fmt::format("[{}, {}]", value.column, value.row);
}

Section<NetworkConfig> network_section() {
    return Section<NetworkConfig>("network",
                                  "The mesh of virtual-channel routers on each die. `[network]` holds for all "
                                  "dies; a `[die.network]` overrides it for one.")
        .field("columns", &NetworkConfig::columns, count(1, max_mesh_side), "Routers from west to east.")
        .field("rows", &NetworkConfig::rows, count(1, max_mesh_side), "Routers from south to north.")
        .field("clock", &NetworkConfig::clock, quantity(Unit::frequency, "1 MHz", "20 GHz"),
               "Clock of routers and links of the mesh.")
        .field("flit_bytes", &NetworkConfig::flit_bytes, count(8, 1024),
               "Bytes of a flit, which a link of the mesh moves in a cycle.")
        .field("header_bytes", &NetworkConfig::header_bytes, count(1, 256),
               "Header of every packet, carried in its first flit.")
        .field("max_payload_bytes", &NetworkConfig::max_payload_bytes, count(32, 65'536),
               "Most data of one packet; a multiple of 32.")
        .field("request_vcs", &NetworkConfig::request_vcs, count(1, 15), "Virtual channels for requests.")
        .field("reply_vcs", &NetworkConfig::reply_vcs, count(1, 15), "Virtual channels for replies.")
        .field("vc_buffer_flits", &NetworkConfig::vc_buffer_flits, count(1, 32'768),
               "Input buffer of a virtual channel of a router port.")
        .field("link_latency_cycles", &NetworkConfig::link_latency_cycles, count(1, 1'000),
               "Cycles of a flit on a link between routers.")
        .field("credit_delay_cycles", &NetworkConfig::credit_delay_cycles, count(1, 1'000),
               "Cycles of a credit on its way back.")
        .field("interface_queue_packets", &NetworkConfig::interface_queue_packets, count(1, 65'536),
               "Packets of a message class that a network interface queues towards the network.")
        .field("synchroniser_cycles", &NetworkConfig::synchroniser_cycles, count(0, 100),
               "Cycles of the receiver added where two different clocks meet.");
}

Section<CoreConfig> core_section() {
    return Section<CoreConfig>("core", "The compute cores: systolic array, vector unit, SRAM and DMA engine. `[core]` "
                                       "holds for all dies; a `[die.core]` overrides it for one.")
        .field("columns", &CoreConfig::columns, count(1, max_mesh_side),
               "Cores from west to east, on the routers of the same place.")
        .field("rows", &CoreConfig::rows, count(1, max_mesh_side), "Cores from south to north.")
        .field("clock", &CoreConfig::clock, quantity(Unit::frequency, "1 MHz", "20 GHz"), "Clock of the cores.")
        .field("array_rows", &CoreConfig::array_rows, count(1, 4'096), "Rows of the systolic array.")
        .field("array_columns", &CoreConfig::array_columns, count(1, 4'096),
               "Columns of the systolic array; each cell does a multiply and an add a cycle.")
        .field("vector_flops_per_cycle", &CoreConfig::vector_flops_per_cycle, count(1, 1'000'000),
               "Operations of the vector unit a cycle.")
        .field("sram", &CoreConfig::sram, quantity(Unit::size, "64 KiB", "16 GiB"), "SRAM of a core.")
        .field("dma_window", &CoreConfig::dma_window, count(1, 65'536),
               "Transactions that a core has outstanding at once.")
        .field("landing_buffer", &CoreConfig::landing_buffer, quantity(Unit::size, "0 B", "16 GiB"),
               "SRAM of a core that is reserved for data which peers push.")
        .field("launch_overhead_cycles", &CoreConfig::launch_overhead_cycles, count(0, 1'000'000'000),
               "Cycles from a node being ready to its first tile.")
        .field("operand_sharing", &CoreConfig::operand_sharing, one_of({"per_die", "per_core"}),
               "Whether an operand that several cores of a die need is read once, or once by each.")
        .field("stream_read_fraction", &CoreConfig::stream_read_fraction, real(0, 1),
               "Share of `tensor_size` that is read (the rest is written), for nodes without operands.");
}

Section<HbmControllerConfig> controller_section() {
    using C = HbmControllerConfig;
    return Section<C>("hbm.controller", "The memory controllers of a stack, one a channel.")
        .field("read_queue", &C::read_queue, count(1, 64), "Reads that a channel queues.")
        .field("write_queue", &C::write_queue, count(1, 64), "Writes that a channel queues.")
        .field("write_drain_high", &C::write_drain_high, real(0, 1),
               "Fill of the write queue at which writes go first.")
        .field("write_drain_low", &C::write_drain_low, real(0, 1),
               "Fill of the write queue at which reads go first again.")
        .field(
            "queue_kind", &C::queue_kind, one_of({"unified", "per_bank"}),
            "`unified`: the scheduler sees all of the queues; `per_bank`: it sees `bank_queue` requests of each bank "
            "and direction, and the queues above are a front before these.")
        .field("bank_queue", &C::bank_queue, count(1, 64), "Entries of a bank, of each direction, with `per_bank`.")
        .field("scheduler", &C::scheduler, one_of({"frfcfs", "frfcfs_cap", "fcfs"}),
               "`frfcfs`: row hits first, then the oldest; `frfcfs_cap`: at most `row_hit_cap` hits pass a waiting "
               "conflict; `fcfs`: data in order of arrival.")
        .field("row_hit_cap", &C::row_hit_cap, count(0, 1'000'000),
               "Column accesses to a row while another row of its bank is waited for; 0: no limit (`frfcfs_cap`: 4).")
        .include(row_policy_fields<C>())
        .field("merge_reads", &C::merge_reads, flag(),
               "Whether a read of a burst that a waiting read fetches shares its answer.")
        .field("address_order", &C::address_order, text_that(address_order_problem),
               "Fields of a channel's addresses, least significant first; a field may be split, as `bankgroup:1` and, "
               "later, `bankgroup`.")
        .field("request_latency", &C::request_latency, quantity(Unit::time, "0 ps", "1 ms"),
               "Controller and PHY, towards the DRAM.")
        .field("reply_latency", &C::reply_latency, quantity(Unit::time, "0 ps", "1 ms"), "PHY and controller, back.")
        .field("request_slots", &C::request_slots, count(1, 65'536),
               "Packets that an interface holds before its channels take them.")
        .field("reply_slots", &C::reply_slots, count(1, 65'536), "Replies that an interface holds space for.");
}

Section<HbmStackConfig> hbm_section() {
    std::vector<std::string> columns(hbm_timing_columns.begin(), hbm_timing_columns.end());
    return Section<HbmStackConfig>("hbm", "What all HBM stacks have in common; each of these may also stand in a "
                                          "`[[stack]]`, for that stack.")
        .field("timing_set", &HbmStackConfig::timing_set, one_of(set_ids()), "The timing table of the stack's DRAM.")
        .field("timing", &HbmStackConfig::timing, numbers_by_key(std::move(columns)),
               "Columns of the timing table that differ (`nXXX` in clock cycles of the DRAM, "
               "`data_rate_Gbps` in Gb/s).")
        .field("channels", &HbmStackConfig::channels, count(1, 64), "Channels in use.")
        .table("controller", &HbmStackConfig::controller, controller_section());
}

Section<DieConfig> die_section() {
    return Section<DieConfig>("die", "A compute die.")
        .field("name", &DieConfig::name, identifier().mandatory(), "Name of the die.")
        .field("position", &DieConfig::position, quantity(Unit::length, "0 um", "1000 mm"), "Lower left corner.")
        .field("width", &DieConfig::width, quantity(Unit::length, "100 um", "1000 mm"), "West to east.")
        .field("height", &DieConfig::height, quantity(Unit::length, "100 um", "1000 mm"), "South to north.")
        .table("network", &DieConfig::network, network_section())
        .table("core", &DieConfig::core, core_section());
}

Section<D2dLinkConfig> d2d_section() {
    return Section<D2dLinkConfig>(
               "d2d", "A die-to-die link, both directions alike: either between two routers (`from_*`, `to_*`), or "
                      "`links` "
                      "links `between` two dies that face each other, named NAME.0, NAME.1, ... from south or west.")
        .field("name", &D2dLinkConfig::name, identifier(true).by_default("`link` and the number of the entry"),
               "Name of the link.")
        .elsewhere("between", reference("die"), "The two dies to join.")
        .elsewhere("links", one_of({"per_row", "per_column"}).items(1, 1),
                   "Or a number. `per_row`: one in each row of routers of dies side by side; `per_column`: "
                   "one in each "
                   "column of dies above each other; a number: so many, spread evenly.")
        .field("from_die", &D2dLinkConfig::from_die, reference("die").mandatory(), "One end: the die.")
        .field("from_router", &D2dLinkConfig::from_router, router().mandatory(), "One end: the router.")
        .field("to_die", &D2dLinkConfig::to_die, reference("die").mandatory(), "The other end: the die.")
        .field("to_router", &D2dLinkConfig::to_router, router().mandatory(), "The other end: the router.")
        .field("lanes", &D2dLinkConfig::lanes, count(1, 4'096), "Data lanes of a direction.")
        .field("transfer_rate", &D2dLinkConfig::transfers_per_s, quantity(Unit::transfers, "1 MT/s", "1000 GT/s"),
               "Transfers a second of a lane, one bit each; a whole number of MT/s.")
        .field("payload_efficiency", &D2dLinkConfig::payload_efficiency, real(0.01, 1),
               "Share of the raw rate that carries flits of the network.")
        .field("tx_latency", &D2dLinkConfig::tx_latency, quantity(Unit::time, "0 ps", "1 ms"),
               "Adapter and PHY of the sender.")
        .field("rx_latency", &D2dLinkConfig::rx_latency, quantity(Unit::time, "0 ps", "1 ms"),
               "PHY and adapter of the receiver.")
        .field("flight_time", &D2dLinkConfig::flight_time, quantity(Unit::time, "0 ps", "1 ms"), "Along the wire.")
        .field("tx_buffer_flits", &D2dLinkConfig::tx_buffer_flits, count(1, 32'768),
               "Buffer of the sender, a virtual channel.")
        .field("receive_buffer_flits", &D2dLinkConfig::receive_buffer_flits, count(1, 32'768),
               "Buffer of the receiving router's port, a virtual channel.")
        .field("flit_format", &D2dLinkConfig::flit_format, one_of(d2d_format_names()),
               "`stream`: a network flit a slot, credits beside it, no errors. Else the framing of the adapter, which "
               "sets `payload_efficiency`.")
        .field("retry", &D2dLinkConfig::retry, flag(), "Go-back-N retry in the adapter, where the format has a CRC.")
        .field("ber", &D2dLinkConfig::ber, real(0, 1e-3), "Bit error rate of each direction; needs retry.")
        .field("burst_bits", &D2dLinkConfig::burst_bits, count(1, 65'536),
               "Wrong bits in a row of one error; 1: independent errors.")
        .field("replay_buffer", &D2dLinkConfig::replay_buffer, count(0, 65'536),
               "d2d_flits that the sender keeps until they are acknowledged; 0: twice what a round trip needs, at "
               "least 16.")
        .field("flush_wait", &D2dLinkConfig::flush_wait, quantity(Unit::time, "0 ps", "1 ms"),
               "How long a partly filled d2d_flit waits for more flits.");
}

Section<HbmStackConfig> stack_section() {
    return Section<HbmStackConfig>("stack", "An HBM stack.")
        .field("name", &HbmStackConfig::name, identifier().mandatory(), "Name of the stack.")
        .field("die", &HbmStackConfig::die, reference("die").mandatory(), "The die whose network it is attached to.")
        .field("position", &HbmStackConfig::position, quantity(Unit::length, "0 um", "1000 mm"),
               "Lower left corner; the origin: not placed.")
        .field("routers", &HbmStackConfig::routers, router().mandatory().items(1, 64),
               "The routers that its network interfaces sit on; channels are dealt to them in equal blocks.")
        .include(hbm_section());
}

Section<SystemConfig> system_section() {
    const auto ranks =
        Section<SystemConfig>("ranks", "Which rank of the trace runs on which die.")
            .field("dies", &SystemConfig::rank_dies, reference("die").items(1, max_dies).by_default("rank i on die i"),
                   "The die of rank 0, of rank 1, and so on; one rank a die.");
    return Section<SystemConfig>("", "A package and what is in it.")
        .field("name", &SystemConfig::name, text().by_default("the file's name"), "What reports call the system.")
        .elsewhere("base", text().items(1, 1),
                   "A preset, or a file relative to this one, that this file is laid upon: tables merge key by key, "
                   "arrays of tables by the `name` of their elements (`remove = true` takes one out), all else "
                   "replaces.")
        .table("package", &SystemConfig::package, package_section())
        .elsewhere("network", network_section())
        .elsewhere("core", core_section())
        .elsewhere("hbm", hbm_section())
        .tables("die", &SystemConfig::dies, die_section(), max_dies)
        .tables("d2d", &SystemConfig::links, d2d_section(), max_links)
        .tables("stack", &SystemConfig::stacks, stack_section(), max_stacks)
        .table("ranks", ranks)
        .table("placement", &SystemConfig::placement, placement_section())
        .table("simulation", &SystemConfig::simulation, simulation_section());
}

} // namespace intarsia::config
