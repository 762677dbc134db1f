// From a system's TOML to a checked SystemConfig.
#pragma once

#include "config/document.hpp"
#include "config/system.hpp"

#include <memory>
#include <string>
#include <vector>

namespace intarsia::config {

/// A system, ready to be built.
struct LoadedSystem {
    SystemConfig config;
    std::vector<Diagnostic> warnings; ///< possible but unlikely to be meant (config/peaks.hpp)
    std::string effective_toml;       ///< all values with their origins; loaded again, it gives the same config
    std::vector<std::shared_ptr<const SourceFile>> inputs; ///< the files read, with their content
};

/// Loads the system at a path, or the preset of a name, with overrides (see load_document). Throws
/// InputError: first with the faults of the text, else of all single values, else of all combinations of
/// values.
[[nodiscard]] LoadedSystem load_system(const std::string& path_or_preset,
                                       const std::vector<std::string>& overrides = {});

/// The same for text at hand.
[[nodiscard]] LoadedSystem parse_system(const std::string& text, const std::string& name,
                                        const std::vector<std::string>& overrides = {});

} // namespace intarsia::config
