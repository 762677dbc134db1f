#include "noc/standalone/noc_json.hpp"

#include <nlohmann/json.hpp>

namespace intarsia::noc::standalone {

namespace {

using Json = nlohmann::ordered_json;

Json latency_json(const LatencyFigures& latency, bool known) {
    Json json;
    json["mean"] = known ? Json(latency.mean) : Json();
    json["min"] = known ? Json(latency.min) : Json();
    json["p50"] = known ? Json(latency.p50) : Json();
    json["p95"] = known ? Json(latency.p95) : Json();
    json["p99"] = known ? Json(latency.p99) : Json();
    json["max"] = known ? Json(latency.max) : Json();
    return json;
}

Json stalls_json(const OutputCounters& counters) {
    return Json{
        {"no_vc", counters.no_vc}, {"no_credit", counters.no_credit}, {"lost_allocation", counters.lost_allocation}};
}

Json network_json(const NetworkSetup& setup) {
    const NetworkPlan& plan = setup.plan;
    return Json{{"name", plan.name},
                {"router_model", plan.router.model == RouterModel::vc ? "vc" : "wormhole"},
                {"routers", plan.routers.size()},
                {"nodes", plan.endpoints.size()},
                {"virtual_channels", plan.virtual_channels},
                {"message_classes", plan.class_vcs.size()}};
}

/// What every run starts with; packets of a file have neither pattern nor seed.
Json opening(const NetworkSetup& setup, bool from_file) {
    Json json;
    json["schema"] = 1;
    json["network"] = network_json(setup);
    json["pattern"] = from_file ? Json("packets") : Json(setup.traffic.pattern);
    json["seed"] = from_file ? Json() : Json(setup.traffic.seed);
    return json;
}

void put_figures(Json& json, const PointFigures& point) {
    const bool known = point.unfinished_packets == 0 && point.packets > 0;
    json["load"] = point.load;
    json["packet_latency_cycles"] = latency_json(point.packet_latency, known);
    json["network_latency_cycles"] = latency_json(point.network_latency, known);
    json["flit_latency_cycles"] = Json{{"mean", known ? Json(point.flit_latency_mean) : Json()}};
    json["zero_load_latency_cycles"] = point.zero_load_latency;
    json["hops_mean"] = point.hops_mean;
    json["offered_flits_per_node_per_cycle"] = point.offered;
    json["accepted_flits_per_node_per_cycle"] = point.accepted;
    json["stable"] = point.stable;
    json["packets"] = point.packets;
    json["unfinished_packets"] = point.unfinished_packets;
    json["window_cycles"] = point.window_cycles;
    json["simulated_cycles"] = point.simulated_cycles;
    json["flit_hops"] = point.flit_hops;
    if (point.classes.size() > 1) {
        Json classes = Json::array();
        for (const ClassFigures& one : point.classes) {
            const bool any = one.packets > 0;
            classes.push_back(Json{{"packets", one.packets},
                                   {"packet_latency_cycles", latency_json(one.packet_latency, any)},
                                   {"network_latency_cycles", latency_json(one.network_latency, any)}});
        }
        json["classes"] = std::move(classes);
    }
}

Json links_json(const NetworkPlan& plan, const PointFigures& point) {
    Json links = Json::array();
    for (const OutputFigures& output : point.outputs) {
        const NetworkPort& port = plan.routers[output.router].ports[output.port];
        const bool ejection = port.use == PortUse::endpoint;
        links.push_back(
            Json{{"name", plan.channel_name(output.router, output.port)},
                 {"from", plan.routers[output.router].name},
                 {"to", ejection ? "node " + std::to_string(port.endpoint) : plan.routers[port.to.router].name},
                 {"ejection", ejection},
                 {"utilisation", output.utilisation},
                 {"flits", output.counters.flits},
                 {"stalls", stalls_json(output.counters)}});
    }
    return links;
}

OutputCounters all_stalls(const PointFigures& point) {
    OutputCounters sum;
    for (const OutputFigures& output : point.outputs) {
        sum.no_vc += output.counters.no_vc;
        sum.no_credit += output.counters.no_credit;
        sum.lost_allocation += output.counters.lost_allocation;
    }
    return sum;
}

Json host_json(double wall_s, std::uint64_t flit_hops) {
    return Json{{"wall_s", wall_s}, {"flit_hops_per_s", wall_s > 0 ? static_cast<double>(flit_hops) / wall_s : 0.0}};
}

// "[]" is any element of a list, "*" any key.
Json units() {
    return Json{{"load", "flit per node per cycle"},
                {"*_latency_cycles", "cycle of the network"},
                {"hops_mean", "router"},
                {"offered_flits_per_node_per_cycle", "flit per node per cycle"},
                {"accepted_flits_per_node_per_cycle", "flit per node per cycle"},
                {"packets", "packet"},
                {"unfinished_packets", "packet"},
                {"window_cycles", "cycle of the network"},
                {"simulated_cycles", "cycle of the network"},
                {"flit_hops", "flit times router"},
                {"stalls.*", "cycle of a flit at the front of a buffer"},
                {"links[].utilisation", "fraction of window_cycles"},
                {"links[].flits[]", "flit of that message class"},
                {"links[].stalls.*", "cycle of a flit at the front of a buffer"}};
}

} // namespace

std::string point_json(const NetworkSetup& setup, const PointFigures& point, bool with_host) {
    Json json = opening(setup, point.from_file);
    put_figures(json, point);
    json["stalls"] = stalls_json(all_stalls(point));
    json["links"] = links_json(setup.plan, point);
    json["units"] = units();
    if (with_host) {
        json["host"] = host_json(point.wall_s, point.flit_hops);
    }
    return json.dump(2) + "\n";
}

std::string curve_json(const NetworkSetup& setup, const CurveFigures& curve, bool with_host) {
    Json json = opening(setup, false);
    json["zero_load_latency_cycles"] = curve.zero_load_latency;
    json["saturation_load"] = curve.saturation_load;
    json["lowest_unstable_load"] = curve.unstable_load > 0 ? Json(curve.unstable_load) : Json();
    json["highest_load"] = curve.highest_load;
    json["accepted_at_highest_load"] = curve.accepted_at_highest;
    Json points = Json::array();
    for (const PointFigures& point : curve.points) {
        Json one;
        put_figures(one, point);
        if (with_host) {
            one["host"] = host_json(point.wall_s, point.flit_hops);
        }
        points.push_back(std::move(one));
    }
    json["curve"] = std::move(points);
    json["units"] = units();
    if (with_host) {
        json["host"] = Json{{"wall_s", curve.wall_s}};
    }
    return json.dump(2) + "\n";
}

} // namespace intarsia::noc::standalone
