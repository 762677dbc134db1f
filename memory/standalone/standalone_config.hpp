// The TOML of a stand-alone memory run: [memory] and [traffic].
#pragma once

#include "config/document.hpp"
#include "memory/memory_config.hpp"
#include "memory/standalone/addressing.hpp"
#include "memory/standalone/traffic_config.hpp"

#include <string>
#include <vector>

namespace intarsia::memory {

/// What the file says, checked.
struct StandaloneConfig {
    MemoryConfig memory;
    TrafficConfig traffic;
    MemorySetup setup;
    SourcePlace traffic_place; ///< of [traffic], for faults that only show with the memory
    [[nodiscard]] Addressing addressing() const;
};

/// The two tables as users write them, for the reference and tests.
[[nodiscard]] config::Section<StandaloneConfig> standalone_section();

/// The reference of all parameters of a memory's file, in Markdown: docs/memory_parameters.md.
[[nodiscard]] std::string memory_parameters_markdown();

/// Reads a file (or preset) with `--set` overrides. Throws InputError with every fault.
[[nodiscard]] StandaloneConfig load_standalone(const std::string& path, const std::vector<std::string>& overrides = {});
/// The same for text at hand, which faults call `name`.
[[nodiscard]] StandaloneConfig parse_standalone(const std::string& text, const std::string& name,
                                                const std::vector<std::string>& overrides = {});

} // namespace intarsia::memory
