#include "config/load.hpp"

#include "config/cross_check.hpp"
#include "config/d2d_formats.hpp"
#include "config/expand.hpp"
#include "config/peaks.hpp"
#include "config/system_schema.hpp"

namespace intarsia::config {

namespace {

LoadedSystem load(Document document) {
    Faults faults;
    Context context{faults, {}};
    LoadedSystem system;
    expand_short_forms(document.root, context);
    system_section().read(document.root, system.config, context);
    faults.throw_if_any();

    SystemConfig& config = system.config;
    if (config.name.empty()) {
        config.name = document.name;
    }
    if (config.rank_dies.empty()) {
        for (std::uint32_t die = 0; die < config.dies.size(); ++die) {
            config.rank_dies.push_back(die);
        }
    }
    for (D2dLinkConfig& link : config.links) {
        if (const D2dFormat* format = find_d2d_format(link.flit_format)) {
            link.payload_efficiency = format->payload_efficiency;
        }
    }
    cross_check(config, document.root, faults);
    faults.throw_if_any();

    system.warnings = port_warnings(config, document.root);
    system.effective_toml =
        "# Every value of the system, with its origin. This file can be loaded in place of those it "
        "came from.\n\n" +
        effective_toml(system_section(), config, document.root, context);
    system.inputs = std::move(document.inputs);
    return system;
}

} // namespace

LoadedSystem load_system(const std::string& path_or_preset, const std::vector<std::string>& overrides) {
    return load(load_document(path_or_preset, overrides));
}

LoadedSystem parse_system(const std::string& text, const std::string& name, const std::vector<std::string>& overrides) {
    return load(parse_document(text, name, overrides));
}

} // namespace intarsia::config
