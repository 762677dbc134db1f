#include "d2d/link_config.hpp"

#include "config/document.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace intarsia::d2d {

namespace {

using config::Unit;

std::vector<std::string> format_names() {
    std::vector<std::string> names;
    for (const FlitFormat& format : flit_formats()) {
        names.emplace_back(format.name);
    }
    return names;
}

config::Rule latency_rule() {
    return config::quantity(Unit::time, "0 ps", "1 ms");
}

void declare_protocol(config::Section<LinkConfig>& section) {
    using L = LinkConfig;
    section
        .field("flit_format", &L::flit_format, config::one_of(format_names()).by_default("the standard's"),
               "Framing of the adapter.")
        .field("retry", &L::retry, config::flag().by_default("whether the standard needs it at the rate"),
               "Go-back-N retry in the adapter.")
        .field("replay_buffer", &L::replay_buffer, config::count(0, 65'536),
               "d2d_flits that the sender keeps until they are acknowledged; 0: twice what a round trip needs, at "
               "least 16.")
        .field(
            "receive_buffer", &L::receive_buffer, config::count(0, 65'536),
            "Receive buffer of a message class, in payloads of a d2d_flit; 0: four times what a round trip needs, at "
            "least 16.")
        .field("message_classes", &L::message_classes, config::count(1, 16),
               "Classes with credits of their own; packets are dealt to them in turn.")
        .field("flush_wait", &L::flush_wait, latency_rule(),
               "How long a partly filled d2d_flit waits for more payload.")
        .field("ack_delay", &L::ack_delay, latency_rule(),
               "How long an Ack waits for a d2d_flit to ride on before it gets one of its own.")
        .field("replay_timeout", &L::replay_timeout, latency_rule(),
               "Without progress for so long, all that is unacknowledged is sent again; 0: four round trips.")
        .field("retry_limit", &L::retry_limit, config::count(1, 1'000'000),
               "Replays in a row without progress after which the link is down.")
        .field("credit_bytes", &L::credit_bytes, config::count(1, 64),
               "Bytes of one class's credits; they ride in spare bytes of the format, or else take payload.");
}

void declare_faults(config::Section<LinkConfig>& section) {
    using L = LinkConfig;
    section.field("ber", &L::ber, config::real(0, 1e-3), "Bit error rate of each direction. The CRC finds every error.")
        .field("burst_bits", &L::burst_bits, config::count(1, 65'536),
               "Wrong bits in a row of one error; 1: independent errors.")
        .field("spare_lanes", &L::spare_lanes, config::count(0, 64).by_default("the standard's"),
               "Lanes of a module and direction that replace failed ones.")
        .field("least_lanes", &L::least_lanes, config::count(1, 4'096).by_default("the standard's"),
               "Narrowest width that a module degrades to, by halves; a link has the width of its worst module.")
        .field("failed_lanes", &L::failed_lanes, config::count(0, 4'096),
               "Lanes of the worst module that have failed before the link trains.")
        .field("failing_lanes", &L::failing_lanes, config::count(0, 4'096),
               "Lanes of that module that fail at `failure_time`.")
        .field("failure_time", &L::failure_time, config::quantity(Unit::time, "0 ps", "1000 s"),
               "When `failing_lanes` fail.")
        .field("training_time", &L::training_time, config::quantity(Unit::time, "0 ps", "1 s"),
               "How long the link trains after that.");
}

config::Section<LinkConfig> link_section() {
    using L = LinkConfig;
    config::Section<L> section("link", "A die-to-die link, both directions alike. What is not given comes from the "
                                       "standard.");
    section.field("standard", &L::standard, config::one_of(standard_names()), "The standard, or the product, by name.")
        .field("data_rate", &L::transfers_per_s,
               config::quantity(Unit::transfers, "1 MT/s", "1000 GT/s").by_default("the standard's usual rate"),
               "Bits a second of a lane.")
        .field("modules", &L::modules, config::count(1, 64), "Modules ganged to one link.")
        .field("lanes", &L::lanes, config::count(1, 4'096).by_default("the standard's"),
               "Data lanes of a module in one direction.")
        .field("code_efficiency", &L::code_efficiency, config::real(0.5, 1).by_default("the standard's"),
               "Share of the lanes' bits that line code and FEC leave.")
        .field("length", &L::length_um, config::quantity(Unit::length, "0 um", "1000 mm"), "Of the wires.")
        .field("flight_ps_per_mm", &L::flight_ps_per_mm, config::real(0, 1'000), "Delay of the wires, ps/mm.")
        .field("tx_crossing", &L::tx_crossing, latency_rule(), "Clock crossing and protocol bridge of the sender.")
        .field("tx_adapter", &L::tx_adapter, latency_rule().by_default("the standard's"), "Adapter of the sender.")
        .field("tx_phy", &L::tx_phy, latency_rule().by_default("the standard's"), "Physical layer of the sender.")
        .field("rx_phy", &L::rx_phy, latency_rule().by_default("the standard's"), "Physical layer of the receiver.")
        .field("rx_adapter", &L::rx_adapter, latency_rule().by_default("the standard's"), "Adapter of the receiver.")
        .field("rx_crossing", &L::rx_crossing, latency_rule(), "Protocol bridge and clock crossing of the receiver.");
    declare_protocol(section);
    declare_faults(section);
    section
        .field("energy_pj_per_bit", &L::energy_pj_per_bit,
               config::real(0, 1'000).by_default("the standard's at the "
                                                 "rate"),
               "Of a bit on the lanes, both ends together.")
        .field("idle_power", &L::idle_power, config::real(0, 1), "Power of an idle lane as a share of a busy one's.")
        .field("module_edge_um", &L::module_edge_um, config::real(0, 100'000).by_default("the standard's"),
               "Die edge of a module, um; 0: not known.")
        .field("bump_pitch_um", &L::bump_pitch_um, config::real(0, 1'000).by_default("the standard's"),
               "Of the module, um; 0: no bumps of its own. `module_edge_um` follows from it when it is given: it "
               "grows in proportion.");
    return section;
}

config::Section<TrafficConfig> traffic_section() {
    using T = TrafficConfig;
    return config::Section<T>("traffic", "What the link carries.")
        .field("packet_bytes", &T::packet_bytes, config::count(1, 65'536), "Bytes of a packet, header included.")
        .field("direction", &T::direction, config::one_of({"one_way", "both"}), "`one_way`: from end 0 to end 1.")
        .field("load", &T::load, config::real(1e-6, 100), "Packets offered, as a share of the payload rate.")
        .field("arrivals", &T::arrivals, config::one_of({"constant", "poisson"}), "Spacing of the packets.")
        .field("seed", &T::seed, config::count(0, std::numeric_limits<std::int64_t>::max()), "Of arrivals and errors.")
        .field("packets", &T::packets, config::count(1, 10'000'000'000), "In each direction that carries any.");
}

config::Section<SinkConfig> sink_section() {
    using S = SinkConfig;
    return config::Section<S>("sink", "Who takes the packets. The sink at end n is not ready in cycle t if "
                                      "(t + phase n) mod period < stall; a ready one takes all bytes that are there.")
        .field("clock", &S::clock, config::quantity(Unit::frequency, "1 MHz", "20 GHz"), "Clock of the sinks.")
        .field("period", &S::period, config::count(1, 1'000'000), "Cycles after which the pattern repeats.")
        .field("stall", &S::stall, config::count(0, 1'000'000), "Cycles of the period in which it is not ready.")
        .field("phase", &S::phase, config::count(0, 1'000'000), "Cycles by which end 1 is ahead.");
}

/// Faults between values that are fine alone.
class Checks {
  public:
    Checks(const config::Node& root, config::Faults& faults) : root_(&root), faults_(&faults) {}

    void run(const LinkRunConfig& run) {
        const LinkConfig& link = run.link;
        check_rate(link);
        const FlitFormat& format = *find_flit_format(link.flit_format);
        if (link.retry && format.crc_bytes == 0) {
            fault("link", "retry",
                  fmt::format("the format '{}' has no CRC, so there is nothing to retry upon", format.name),
                  "set retry = false, or take another flit_format");
        }
        if (format.spare_bytes == 0 && link.credit_bytes >= format.payload_bytes) {
            fault("link", "credit_bytes", "credits would fill a whole d2d_flit", "make them smaller");
        }
        if (link.least_lanes > link.lanes) {
            fault("link", "least_lanes", "the link cannot degrade to more lanes than it has", "at most `lanes`");
        }
        if (link.failing_lanes > 0 && find("link", "failure_time") == nullptr) {
            fault("link", "failing_lanes", "lanes fail, but no time is given", "set failure_time");
        }
        if (lanes_left(link, link.failed_lanes) == 0) {
            fault("link", "failed_lanes",
                  fmt::format("a module of {} lanes, {} spare, that degrades to {} does not survive {} failed lanes",
                              link.lanes, link.spare_lanes, link.least_lanes, link.failed_lanes),
                  "the link never comes up: fail fewer lanes, or let them fail at failure_time");
        } else {
            check_traffic(run);
        }
        if (run.sink.stall >= run.sink.period) {
            fault("sink", "stall", "the sink is never ready", "make stall less than period");
        }
    }

  private:
    static constexpr double longest_run_s = 10'000;

    void check_rate(const LinkConfig& link) {
        const Standard& standard = *find_standard(link.standard);
        if (standard.find_rate(link.transfers_per_s) == nullptr && find("link", "energy_pj_per_bit") == nullptr) {
            std::string rates;
            for (const RatePoint& rate : standard.rates) {
                rates += (rates.empty() ? "" : ", ") + config::quantity_text(rate.transfers_per_s, Unit::transfers);
            }
            fault("link", "data_rate",
                  fmt::format("{} has no figures for {}", standard.name,
                              config::quantity_text(link.transfers_per_s, Unit::transfers)),
                  fmt::format("it has {}; for another rate, give energy_pj_per_bit too", rates));
        }
    }

    void check_traffic(const LinkRunConfig& run) {
        const LinkConfig& link = run.link;
        const double seconds = static_cast<double>(run.traffic.packets) * run.traffic.packet_bytes /
                               (payload_bytes_per_s(link) * run.traffic.load);
        if (seconds > longest_run_s) {
            fault("traffic", "packets", fmt::format("would take {:.3g} s of simulated time", seconds),
                  fmt::format("at most {:g} s: offer fewer packets, or more load", longest_run_s));
        }
        const LinkParameters parameters = resolve(link, 0);
        if (parameters.slot.whole == 0) {
            fault("link", "lanes", "a d2d_flit takes less than a picosecond",
                  "fewer lanes or modules, or a lower data_rate");
        }
        if (link.retry && static_cast<double>(parameters.replay_timeout.count()) < parameters.round_trip_ps()) {
            fault("link", "replay_timeout",
                  fmt::format("is shorter than the round trip of {:.0f} ps", parameters.round_trip_ps()),
                  "make it several round trips, or leave it out");
        }
    }

    [[nodiscard]] const config::Node* find(const char* table, const char* key) const {
        const config::Node* section = root_->find(table);
        return section == nullptr ? nullptr : section->find(key);
    }

    void fault(const char* table, const char* key, std::string message, std::string remedy) {
        const config::Node* node = find(table, key);
        node = node == nullptr ? root_->find(table) : node;
        node = node == nullptr ? root_ : node;
        faults_->add(node->place(), fmt::format("{}: {}", key, message), std::move(remedy));
    }

    const config::Node* root_;
    config::Faults* faults_;
};

/// The values of [link] that others' defaults depend on, as far as they can be read.
LinkConfig defaults_for(const config::Node& root) {
    config::Faults ignored; // they are found again, and reported, when all is read
    config::Context context{ignored, {}};
    LinkRunConfig glimpse;
    glimpse.link.transfers_per_s = 0;
    glimpse.link.bump_pitch_um = 0;
    link_run_section().read(root, glimpse, context);
    const Standard* standard = find_standard(glimpse.link.standard);
    LinkConfig defaults =
        standard == nullptr ? LinkConfig() : link_of_standard(*standard, glimpse.link.transfers_per_s);
    if (glimpse.link.bump_pitch_um > 0 && defaults.bump_pitch_um > 0) {
        defaults.module_edge_um *= glimpse.link.bump_pitch_um / defaults.bump_pitch_um;
    }
    if (const FlitFormat* format = find_flit_format(glimpse.link.flit_format);
        format != nullptr && format->crc_bytes == 0 && root.find("link") != nullptr &&
        root.find("link")->find("flit_format") != nullptr) {
        defaults.retry = false;
    }
    return defaults;
}

LoadedLink load(const config::Document& document) {
    config::Faults faults;
    config::Context context{faults, {}};
    LoadedLink loaded;
    loaded.config.link = defaults_for(document.root);
    link_run_section().read(document.root, loaded.config, context);
    faults.throw_if_any();
    Checks(document.root, faults).run(loaded.config);
    faults.throw_if_any();

    const LinkConfig& link = loaded.config.link;
    loaded.parameters = resolve(link, loaded.config.traffic.seed);
    const auto warn = [&](const char* key, std::string message, std::string remedy) {
        const config::Node* section = document.root.find("link");
        const config::Node* node = section == nullptr ? nullptr : section->find(key);
        loaded.warnings.push_back(
            {(node == nullptr ? document.root : *node).place(), std::move(message), std::move(remedy)});
    };
    const Standard& standard = *find_standard(link.standard);
    if (standard.reach_mm > 0 && static_cast<double>(link.length_um) > standard.reach_mm * 1'000) {
        warn("length",
             fmt::format("{} mm is beyond the reach of {}, {:g} mm", static_cast<double>(link.length_um) / 1e3,
                         standard.name, standard.reach_mm),
             "shorten the link, or take another standard");
    }
    if (const RatePoint* rate = standard.find_rate(link.transfers_per_s);
        rate != nullptr && rate->needs_retry && !link.retry) {
        warn("retry", fmt::format("{} needs retry at this rate (raw BER {:g})", standard.name, rate->raw_ber),
             "set retry = true and a flit_format with CRC");
    }
    return loaded;
}

} // namespace

config::Section<LinkRunConfig> link_run_section() {
    return config::Section<LinkRunConfig>("", "A link on its own.")
        .table("link", &LinkRunConfig::link, link_section())
        .table("traffic", &LinkRunConfig::traffic, traffic_section())
        .table("sink", &LinkRunConfig::sink, sink_section());
}

LoadedLink load_link(const std::string& path, const std::vector<std::string>& overrides) {
    return load(config::load_document(path, overrides, {"", false}));
}

LoadedLink parse_link(const std::string& text, const std::string& name, const std::vector<std::string>& overrides) {
    return load(config::parse_document(text, name, overrides));
}

LinkConfig link_of_standard(const Standard& standard, std::uint64_t transfers_per_s) {
    LinkConfig link;
    link.standard = standard.name;
    link.transfers_per_s = transfers_per_s > 0 ? transfers_per_s : standard.rates[standard.usual_rate].transfers_per_s;
    const RatePoint* listed = standard.find_rate(link.transfers_per_s);
    const RatePoint& rate = listed == nullptr ? standard.rates[standard.usual_rate] : *listed;
    link.lanes = standard.lanes;
    link.flit_format = standard.flit_format;
    link.retry = rate.needs_retry && find_flit_format(standard.flit_format)->crc_bytes > 0;
    link.length_um = std::min<std::uint64_t>(link.length_um, std::llround(standard.reach_mm * 1'000));
    link.tx_adapter = link.rx_adapter = Picoseconds(standard.adapter_ps);
    link.tx_phy = link.rx_phy = Picoseconds(standard.phy_ps);
    link.code_efficiency = standard.code_efficiency;
    link.energy_pj_per_bit = rate.energy_pj_per_bit;
    link.module_edge_um = standard.module_edge_um;
    link.bump_pitch_um = standard.bump_pitch_um;
    link.spare_lanes = standard.spare_lanes;
    link.least_lanes = standard.least_lanes;
    return link;
}

std::uint32_t lanes_left(const LinkConfig& link, std::uint32_t failed) {
    if (failed <= link.spare_lanes) {
        return link.lanes;
    }
    const std::uint32_t missing = failed - link.spare_lanes;
    for (std::uint32_t width = link.lanes / 2; width >= link.least_lanes && width > 0; width /= 2) {
        if (missing <= link.lanes - width) {
            return width;
        }
    }
    return 0;
}

double raw_bytes_per_s(const LinkConfig& link) {
    return static_cast<double>(link.lanes) * link.modules * static_cast<double>(link.transfers_per_s) *
           link.code_efficiency / 8;
}

double payload_bytes_per_s(const LinkConfig& link) {
    return raw_bytes_per_s(link) * find_flit_format(link.flit_format)->efficiency();
}

Picoseconds latency_of(const LinkConfig& link) {
    const auto flight = std::llround(static_cast<double>(link.length_um) * link.flight_ps_per_mm / 1'000);
    return link.tx_crossing + link.tx_adapter + link.tx_phy + Picoseconds(static_cast<std::uint64_t>(flight)) +
           link.rx_phy + link.rx_adapter + link.rx_crossing;
}

double edge_mm(const LinkConfig& link) {
    return link.modules * link.module_edge_um / 1'000;
}

double area_mm2(const LinkConfig& link) {
    return link.modules * find_standard(link.standard)->module_area_mm2();
}

LinkParameters resolve(const LinkConfig& link, std::uint64_t seed) {
    const FlitFormat& format = *find_flit_format(link.flit_format);
    const auto code = static_cast<std::uint64_t>(std::llround(link.code_efficiency * SlotTime::code_parts));
    const auto slot = [&](std::uint32_t lanes) {
        return SlotTime::of(format.wire_bytes, std::uint64_t{lanes} * link.modules, link.transfers_per_s, code);
    };
    LinkParameters parameters;
    parameters.slot = slot(lanes_left(link, link.failed_lanes));
    parameters.latency = latency_of(link);
    parameters.wire_bytes = format.wire_bytes;
    parameters.payload_bytes = format.payload_bytes;
    parameters.spare_bytes = format.spare_bytes;
    parameters.halves = format.halves;
    parameters.credit_message_bytes = link.credit_bytes;
    parameters.flush_wait = link.flush_wait;
    parameters.channels = link.message_classes;
    parameters.retry = link.retry;
    // One slot more than the round trip: an Ack may have to wait for the end of a d2d_flit of the way back.
    const double round_trip = parameters.round_trip_ps();
    const double flits = std::ceil(round_trip / parameters.slot.picoseconds()) + 1;
    const auto enough = [&](double times) {
        return static_cast<std::uint32_t>(std::clamp(times * flits, 16.0, 65'536.0));
    };
    parameters.replay_buffer = link.replay_buffer > 0 ? link.replay_buffer : enough(2);
    parameters.receive_buffer_bytes =
        (link.receive_buffer > 0 ? link.receive_buffer : enough(4)) * format.payload_bytes;
    parameters.ack_delay = link.ack_delay;
    parameters.replay_timeout =
        link.replay_timeout.count() > 0
            ? link.replay_timeout
            : Picoseconds(static_cast<std::uint64_t>(std::ceil(4 * round_trip)) + 4 * link.ack_delay.count());
    parameters.retry_limit = link.retry_limit;
    parameters.ber = {link.ber, link.ber};
    parameters.burst_bits = link.burst_bits;
    parameters.seed = seed;
    if (link.failing_lanes > 0) {
        const std::uint32_t lanes = lanes_left(link, link.failed_lanes + link.failing_lanes);
        parameters.failure.at = link.failure_time;
        parameters.failure.training = link.training_time;
        parameters.failure.down = lanes == 0;
        parameters.failure.slot_after = slot(std::max(lanes, 1U));
    }
    return parameters;
}

} // namespace intarsia::d2d
